/*
 * json.h - what the model's readers need to know about a cJSON tree besides cJSON's own functions.
 */
#ifndef RESEDGE_SRC_MODEL_JSON_H
#define RESEDGE_SRC_MODEL_JSON_H

#include <cjson/cJSON.h>

#include "resedge/model.h"

/* "a string", "a number", "null", ...: for errors. */
const char *json_kind(const cJSON *json);

/* Appends a key as a segment of a JSON pointer ('~' and '/' escaped, '/' in front). */
void json_add_pointer_segment(struct rse_buf *out, struct rse_str key);

/* Puts the key as a pointer segment in front of the error's field. */
void json_err_within_key(struct rse_err *err, const char *key);

/* A number as it was written, where that is known, else the shortest text that reads back as the same. */
void json_number_text(const cJSON *number, struct rse_buf *out);

/* Merges a patch over target (may be NULL), as RFC 7396, section 2, says. Takes target over and gives the result. */
cJSON *json_merge(cJSON *target, const cJSON *patch);

/* An integer, exactly: false for a fraction or what doesn't fit. */
bool json_int64(const cJSON *number, int64_t *out);

#endif
