/*
 * list.h - answers that are lists of objects: pages as JSON, whole tables as NDJSON or CSV.
 */
#ifndef API_HANDLERS_LIST_H
#define API_HANDLERS_LIST_H

#include "api-server/http/call.h"
#include "api-server/odata/options.h"
#include "api-server/store/list.h"

/* A list of less than all objects of a noun: what is asked for where the request says nothing. */
struct list_scope {
    const int64_t *ids;
    size_t count;
    const char *select, *order; /* NULL: everything, by id */
};

/* What was asked for, read and checked. */
struct list {
    struct call *call;
    struct odata_options options;
    struct odata_cursor after;
    struct list_query query;
    struct rse_str path;  /* of the request, as it was sent */
    uint64_t fingerprint; /* of the list, for cursors */
};

/* Answers the call with objects of the noun, in the form that it accepts. scope may be NULL: all of them. */
void list_reply(struct call *call, enum rse_noun noun, const struct list_scope *scope);

/* The forms. Each answers the call. */
void list_reply_page(struct list *list);
void list_reply_ndjson(struct list *list);
void list_reply_csv(struct list *list);

/* $expand is for pages. False with call->err set. */
bool list_refuse_expand(struct list *list) RSE_MUST;
/* Appends the path and query of the page behind a place. */
void list_next_link(const struct list *list, const struct odata_cursor *place, struct rse_buf *out);

#endif
