/*
 * expansion.c - see expansion.h.
 */
#include <stdlib.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/related.h"
#include "api-server/store/list.h"

struct expansion {
    const struct odata_expand *spec;
    struct shown *of;        /* the objects that bring it along */
    struct related *related; /* for each of them */
    struct shown shown;      /* what it found */
    struct rse_map *by_id;   /* id -> its item */
    bool cut;                /* related has been cut to $skip and $top already */
    size_t cap;
    struct list_query query;
    struct list_reader reader;
    struct loading *loading;
};

/* All expansions of an answer, one after the other: those of a level may come only after the level before. */
struct loading {
    struct call *call;
    struct expansion **queue;
    size_t next, count, cap;
    void (*done)(void *arg, bool ok);
    void *arg;
};

static void load_next(struct loading *loading);

/* ---- loading ---- */

static bool has_default_order(const struct odata_options *options)
{
    return options->order.nkeys == 1 && !options->order.keys[0].descending;
}

/* Nothing but the place in the order of ids decides: then the rest need not even be asked for. */
static void cut_early(struct expansion *expansion)
{
    const struct odata_options *options = expansion->spec->options;

    if (!options->has_top || options->filter != NULL || options->search.p != NULL || !has_default_order(options))
        return;
    for (size_t i = 0; i < expansion->of->count; i++) {
        struct related *related = &expansion->related[i];
        size_t skip = (size_t)options->skip < related->count ? (size_t)options->skip : related->count;

        related->ids += skip;
        related->count -= skip;
        if (related->count > (size_t)options->top)
            related->count = (size_t)options->top;
    }
    expansion->cut = true;
}

/* Each id once. */
static void gather_ids(struct expansion *expansion, struct list_query *query)
{
    size_t total = 0, n = 0;
    int64_t *ids;

    for (size_t i = 0; i < expansion->of->count; i++)
        total += expansion->related[i].count;
    ids = rse_arena_calloc(expansion->of->arena, total, sizeof(*ids));
    for (size_t i = 0; i < expansion->of->count; i++) {
        memcpy(ids + n, expansion->related[i].ids, expansion->related[i].count * sizeof(*ids));
        n += expansion->related[i].count;
    }
    related_sort(ids, n);
    query->ids = ids;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            ids[query->nids++] = ids[i];
}

static bool take_head(void *arg RSE_UNUSED, const struct list_head *head RSE_UNUSED)
{
    return true;
}

static bool take_row(void *arg, const struct list_row *row)
{
    struct expansion *expansion = arg;
    struct shown *shown = &expansion->shown;

    shown->items[shown->count++] = (struct shown_item){ row->id, rse_arena_str(shown->arena, row->doc) };
    return true;
}

static bool fail_too_many(const struct shown *shown)
{
    struct call *call = shown->call;

    *shown->too_many = true;
    call_err_parameter(call, "$expand");
    rse_err_hint(&call->err, "Ask for fewer with $top or $filter, or page through /{nouns}/{id}/clusters.");
    return rse_fail(&call->err, RSE_INVALID, "an answer may hold %d expanded objects", EXPANSION_MAX_OBJECTS);
}

static void release_map(void *map)
{
    rse_map_free(map);
}

static void push(struct loading *loading, struct shown *of);

static void take_end(void *arg, int64_t count RSE_UNUSED, const struct rse_err *err)
{
    struct expansion *expansion = arg;
    struct loading *loading = expansion->loading;
    struct shown *shown = &expansion->shown;

    if (err != NULL)
        shown->call->err = *err;
    if (err != NULL || (shown->count > EXPANSION_MAX_OBJECTS && !fail_too_many(shown)))
        return loading->done(loading->arg, false);
    for (size_t i = 0; i < shown->count; i++)
        (void)rse_map_put_id(expansion->by_id, shown->items[i].id, &shown->items[i]);
    push(loading, shown);
    load_next(loading);
}

static void load(struct expansion *expansion)
{
    struct call *call = expansion->of->call;
    struct rse_arena *arena = expansion->of->arena;
    struct loading *loading = expansion->loading;
    const struct odata_options *options = expansion->spec->options;
    const struct rse_fleet *fleet = live_fleet(call->api->live);
    int64_t *ids = rse_arena_calloc(arena, expansion->of->count, sizeof(*ids));
    uint64_t number;

    for (size_t i = 0; i < expansion->of->count; i++)
        ids[i] = expansion->of->items[i].id;
    expansion->related = related_find(fleet, expansion->of->options->noun->noun, expansion->spec->relation, ids,
                                      expansion->of->count, arena);
    cut_early(expansion);
    expansion->query = (struct list_query){ .noun = options->noun,
                                            .filter = options->filter,
                                            .search = options->search,
                                            .order = &options->order,
                                            .only = true,
                                            .limit = EXPANSION_MAX_OBJECTS + 1 };
    gather_ids(expansion, &expansion->query);
    expansion->shown.items = rse_arena_calloc(
        arena, expansion->query.nids < EXPANSION_MAX_OBJECTS ? expansion->query.nids : EXPANSION_MAX_OBJECTS + 1,
        sizeof(struct shown_item));
    expansion->reader = (struct list_reader){ take_head, take_row, take_end, expansion };
    if (!store_list_read(call->api->db, &expansion->query, false, &expansion->reader, &number, &call->err))
        loading->done(loading->arg, false);
}

static void load_next(struct loading *loading)
{
    if (loading->next == loading->count)
        return loading->done(loading->arg, true);
    if (!live_check_ready(loading->call->api->live, &loading->call->err))
        return loading->done(loading->arg, false);
    load(loading->queue[loading->next++]);
}

/* What the shown objects bring along comes behind what waits already. */
static void push(struct loading *loading, struct shown *of)
{
    of->expansions = rse_arena_calloc(of->arena, of->options->nexpand, sizeof(*of->expansions));
    for (size_t i = 0; i < of->options->nexpand; i++) {
        struct expansion *expansion = &of->expansions[i];

        expansion->spec = &of->options->expand[i];
        expansion->of = of;
        expansion->loading = loading;
        expansion->by_id = rse_map_new();
        expansion->shown = (struct shown){ .call = loading->call,
                                           .arena = of->arena,
                                           .options = expansion->spec->options,
                                           .expanded = of->expanded,
                                           .too_many = of->too_many };
        rse_arena_defer(of->arena, release_map, expansion->by_id);
        RSE_GROW(loading->queue, loading->count, loading->cap);
        loading->queue[loading->count++] = expansion;
    }
}

static void release_queue(void *arg)
{
    free(((struct loading *)arg)->queue);
}

void shown_load(struct shown *shown, void (*done)(void *arg, bool ok), void *arg)
{
    struct loading *loading = rse_arena_new_of(shown->arena, struct loading);

    *loading = (struct loading){ .call = shown->call, .done = done, .arg = arg };
    rse_arena_defer(shown->arena, release_queue, loading);
    shown->expanded = rse_arena_new_of(shown->arena, size_t);
    shown->too_many = rse_arena_new_of(shown->arena, bool);
    push(loading, shown);
    load_next(loading);
}

/* ---- rendering ---- */

/* Items lie in the order that was asked for. */
static int by_place(const void *a, const void *b)
{
    const struct shown_item *x = *(const struct shown_item *const *)a, *y = *(const struct shown_item *const *)b;

    return (x > y) - (x < y);
}

/* What of the related objects was found, in order; to be freed. */
static const struct shown_item **found(const struct expansion *expansion, size_t item, size_t *count)
{
    const struct related *related = &expansion->related[item];
    const struct shown_item **list = rse_xcalloc(related->count, sizeof(const struct shown_item *));

    *count = 0;
    for (size_t i = 0; i < related->count; i++) {
        const struct shown_item *one = rse_map_get_id(expansion->by_id, related->ids[i]);

        if (one != NULL)
            list[(*count)++] = one;
    }
    qsort(list, *count, sizeof(const struct shown_item *), by_place);
    return list;
}

static bool render_one(const struct expansion *expansion, const struct shown_item *one, struct rse_buf *out)
{
    const struct shown *shown = &expansion->shown;

    if (++*shown->expanded > EXPANSION_MAX_OBJECTS)
        return fail_too_many(shown);
    return shown_render(shown, (size_t)(one - shown->items), out);
}

static bool render_expansion(const struct expansion *expansion, size_t item, struct rse_buf *out)
{
    const struct odata_options *options = expansion->spec->options;
    size_t count, skip = expansion->cut ? 0 : (size_t)options->skip;
    RSE_CLEANUP(rse_freep) const struct shown_item **list = found(expansion, item, &count);
    size_t top = options->has_top && !expansion->cut ? (size_t)options->top : count;
    bool ok = true;

    if (expansion->spec->single) {
        if (count > 0)
            return render_one(expansion, list[0], out);
        rse_buf_adds(out, "null");
        return true;
    }
    rse_buf_addc(out, '[');
    for (size_t i = skip; ok && i < count && i - skip < top; i++) {
        if (i > skip)
            rse_buf_addc(out, ',');
        ok = render_one(expansion, list[i], out);
    }
    rse_buf_addc(out, ']');
    return ok;
}

void clusters_tree_add(const struct call *call, int64_t id, struct rse_buf *out)
{
    const struct rse_fleet *fleet = live_fleet(call->api->live);
    const char *comma = "";
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    RSE_BITMAP_AUTO set = { 0 };
    struct related related;

    rse_bitmap_init(&set, rse_fleet_nbits(fleet));
    if (rse_fleet_get(fleet, RSE_GROUP, id) != NULL)
        rse_fleet_group_clusters(fleet, id, &set);
    related = related_cluster_ids(fleet, &set, arena);
    for (size_t i = 0; i < related.count; i++) {
        rse_buf_addf(out, "%s/api/v1/clusters/%lld", comma, (long long)related.ids[i]);
        comma = ",";
    }
}

bool shown_render(const struct shown *shown, size_t item, struct rse_buf *out)
{
    const struct odata_options *options = shown->options;
    const struct shown_item *one = &shown->items[item];
    const char *replaced[ODATA_EXPAND_MAX_ITEMS + 1] = { NULL }; /* the name of a reference gives way to the object */
    size_t written;

    for (size_t i = 0; i < options->nexpand; i++)
        replaced[i] = options->expand[i].name;
    rse_buf_addc(out, '{');
    written = odata_select_members(&options->select, options->nexpand > 0 ? replaced : NULL, one->doc, out);
    if (options->select.clusters_tree) {
        rse_buf_addf(out, "%s\"clustersTree\":\"", written++ > 0 ? "," : "");
        clusters_tree_add(shown->call, one->id, out);
        rse_buf_addc(out, '"');
    }
    for (size_t i = 0; i < options->nexpand; i++) {
        rse_buf_addf(out, "%s\"%s\":", written++ > 0 ? "," : "", options->expand[i].name);
        if (!render_expansion(&shown->expansions[i], item, out))
            return false;
    }
    rse_buf_addc(out, '}');
    return true;
}
