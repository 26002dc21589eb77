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

/* Answers with the object as it is stored. */
void noun_reply_stored(struct call *call, enum rse_noun noun, int64_t id);

#endif
