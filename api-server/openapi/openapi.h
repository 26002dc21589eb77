/*
 * openapi.h - the API's description of itself, as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0).
 *
 * One source for each fact: what there is comes from the table of routes (with role and body limit), what objects look
 * like from the tables of the nouns' fields, and the rest - parameters, answers, words - from the YAML files beside this
 * one, which are part of the program. A route without a description, or a description without a route, is an error.
 */
#ifndef API_OPENAPI_OPENAPI_H
#define API_OPENAPI_OPENAPI_H

#include <resedge/resedge.h>

/* The document as JSON. Made at the first call; it lives as long as the process. */
bool openapi_text(struct rse_str *out, struct rse_err *err) RSE_MUST;

/* The document, to be freed with cJSON_Delete(). */
struct cJSON;
bool openapi_build(struct cJSON **out, struct rse_err *err) RSE_MUST;

#endif
