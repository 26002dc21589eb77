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

/* Which of the media types the client wants, the one we like best first; -1: none of them, and the call has been answered
 * with 406. */
int call_accept(struct call *call, const char *const *types, size_t count) RSE_MUST;
/* The same where the answer comes in one media type only. False: the call has been answered. */
bool call_accepts(struct call *call, const char *type) RSE_MUST;

/* The header Resedge-Revision. */
void call_set_revision(struct call *call, int64_t revision);
/* Headers ETag and Resedge-Revision, and the document. */
void call_reply_object(struct call *call, int status, struct rse_str doc, const char *etag, int64_t revision);

#endif
