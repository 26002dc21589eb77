/*
 * object.h - what the handlers about objects share: which object a path means, and how one is answered.
 */
#ifndef API_HANDLERS_OBJECT_H
#define API_HANDLERS_OBJECT_H

#include "api-server/http/call.h"

/* The noun of a route /api/v1/{nouns}... */
enum rse_noun call_noun(const struct call *call);

/* The object that the path's first parameter means: an id, or name:<name> (also where the route itself says "name:"). Needs
 * the fleet for names. False with call->err set: no such object, no unique one, no fleet yet. An id is not looked up. */
bool call_object(struct call *call, enum rse_noun noun, int64_t *id) RSE_MUST;
/* The same, and it is in the fleet. */
bool call_object_live(struct call *call, enum rse_noun noun, const struct rse_object **out) RSE_MUST;

/* The header Resedge-Revision. */
void call_set_revision(struct call *call, int64_t revision);
/* Headers ETag and Resedge-Revision, and the document. */
void call_reply_object(struct call *call, int status, struct rse_str doc, const char *etag, int64_t revision);

#endif
