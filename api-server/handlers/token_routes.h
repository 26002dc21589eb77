/*
 * token_routes.h - the handlers of tokens, which stand in two files, for their one table in token.c.
 */
#ifndef API_HANDLERS_TOKEN_ROUTES_H
#define API_HANDLERS_TOKEN_ROUTES_H

#include "api-server/http/call.h"

struct token;

/* token.c: a token as JSON. secret: its text, which only the answer to its making has, or NULL. */
void token_render(struct rse_buf *out, const struct token *token, const char *secret);
/* token_create.c */
void token_create(struct call *call);

#endif
