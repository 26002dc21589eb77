/*
 * target.h - handlers about targets that have a file of their own; their rows are in target.c.
 */
#ifndef API_HANDLERS_TARGET_H
#define API_HANDLERS_TARGET_H

#include "api-server/http/call.h"

/* POST /targets/{id}/templates: what a worker found under apps/ and policies/. */
void target_report_templates(struct call *call);

/* target_history.c: POST /targets/{id}/accept-history. */
void target_accept_history(struct call *call);

/* webhook.c: PUT and DELETE /targets/{id}/webhook, POST /webhooks/{target}. */
void webhook_put(struct call *call);
void webhook_delete(struct call *call);
void webhook_receive(struct call *call);

#endif
