/*
 * noun.h - the handlers of the seven nouns; their rows are in noun.c.
 */
#ifndef API_HANDLERS_NOUN_H
#define API_HANDLERS_NOUN_H

#include "api-server/http/call.h"

void noun_list_handler(struct call *call);
void noun_get_handler(struct call *call);
void noun_post_handler(struct call *call);
void noun_put_handler(struct call *call);
void noun_patch_handler(struct call *call);
void noun_delete_handler(struct call *call);

/* Writes a part of the object that the path names: as PATCH with the patch that `part` makes of the stored object and the body
 * (NULL where there is none). It is the caller's; NULL with err set: there is no such part. */
struct cJSON;
typedef struct cJSON *noun_part(struct call *call, const struct rse_object *old, const struct cJSON *body,
                                struct rse_err *err);
void noun_part_handler(struct call *call, noun_part *part, bool has_body);

/* Answers with the object as it is stored. */
void noun_reply_stored(struct call *call, enum rse_noun noun, int64_t id);

#endif
