/*
 * list.h - answers that are lists of objects: pages as JSON, whole tables as NDJSON or CSV.
 */
#ifndef API_HANDLERS_LIST_H
#define API_HANDLERS_LIST_H

#include "api-server/http/call.h"
#include "api-server/odata/options.h"
#include "api-server/store/list.h"

/* A list of other than all objects of a noun. */
struct list_scope {
    bool only; /* those with these ids */
    const int64_t *ids;
    size_t count;
    const struct list_source *source; /* of what is no noun: where it is kept, */
    int64_t owner;                    /* and whose rows, where it has owners; */
    struct rse_str rows;              /* or a JSON array of all of it, compact, to be there until the call ends; */
    int64_t revision;                 /* and which revision that reflects, 0: the database's */
    const char *select, *order;       /* where the request says nothing; NULL: everything, by id; */
    bool no_count;                    /* not counted, but for $count=true: it may take long */
    const char *const *params;        /* of the route's own, ends with NULL; may be NULL */
    const char *filter;               /* what they say, as a filter; NULL: nothing */
};

/* What was asked for, read and checked. */
struct list {
    struct call *call;
    struct odata_options options;
    struct odata_cursor after;
    struct list_query query;
    struct rse_pairs own; /* the parameters of the route's own */
    bool no_count;        /* where the request does not say so */
    int64_t revision;     /* 0: the database's */
    struct rse_str path;  /* of the request, as it was sent */
    uint64_t fingerprint; /* of the list, for cursors */
};

/* Answers the call with what the noun describes, in the form that it accepts; its route is a ROUTE_LIST. scope may be NULL: all objects of it. */
void list_reply(struct call *call, const struct rse_noun_info *noun, const struct list_scope *scope);

/* The forms. Each answers the call. */
void list_reply_page(struct list *list);
void list_reply_ndjson(struct list *list);
void list_reply_csv(struct list *list);

/* Answers with the revision that the list reflects. */
void list_set_revision(const struct list *list, const struct list_head *head);
/* Appends the path and query of the page behind a place. */
void list_next_link(const struct list *list, const struct odata_cursor *place, struct rse_buf *out);

#endif
