/*
 * export.h - GET /export: the fleet as an inventory; its row is in apply.c.
 */
#ifndef API_HANDLERS_EXPORT_H
#define API_HANDLERS_EXPORT_H

#include "api-server/http/call.h"

void export_handler(struct call *call);

#endif
