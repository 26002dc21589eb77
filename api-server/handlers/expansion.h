/*
 * expansion.h - objects as an answer shows them: the members that were selected, and the objects that were expanded.
 *
 * What is related comes from the fleet in memory, its documents from the database, filtered and ordered there: one query a
 * relation, whatever the number of objects.
 */
#ifndef API_HANDLERS_EXPANSION_H
#define API_HANDLERS_EXPANSION_H

#include "api-server/http/call.h"
#include "api-server/odata/options.h"

enum { EXPANSION_MAX_OBJECTS = 10000 };

struct expansion;

struct shown_item {
    int64_t id;
    struct rse_str doc;
};

/* How objects of one list are shown. */
struct shown {
    struct call *call;
    struct rse_arena *arena; /* of what is loaded */
    const struct odata_options *options;
    struct shown_item *items; /* in their order */
    size_t count;
    struct expansion *expansions; /* one for each of options->expand, once they are loaded */
    size_t *expanded;             /* objects written within others so far */
    bool *too_many;               /* that is why it failed: fewer items may do */
};

/* Loads what options->expand asks for; then done, which finds call->err set where that failed. Without $expand at once. */
void shown_load(struct shown *shown, void (*done)(void *arg, bool ok), void *arg);
/* Appends the item as JSON. False with call->err set: it would bring too much along. */
bool shown_render(const struct shown *shown, size_t item, struct rse_buf *out) RSE_MUST;
/* Appends the text of a group's member clustersTree: the paths of its clusters with commas between, for older tools. Needs the
 * fleet. Nothing in it has to be escaped in JSON. */
void clusters_tree_add(const struct call *call, int64_t id, struct rse_buf *out);

#endif
