/*
 * list.c - reads what list a request asks for, and in which form.
 */
#include "api-server/handlers/list.h"

#include <stdlib.h>

#include <event2/http.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/object.h"

/* The options that the scope gives where the request has none. */
static void add_defaults(const struct list_scope *scope, struct rse_pairs *params, struct rse_arena *arena)
{
    const struct rse_pair defaults[] = { { RSE_STR("select"), rse_str(scope->select) },
                                         { RSE_STR("orderby"), rse_str(scope->order) } };
    struct rse_pair *at = rse_arena_calloc(arena, params->count + RSE_COUNT(defaults), sizeof(*at));
    size_t count = params->count;

    if (count > 0)
        memcpy(at, params->at, count * sizeof(*at));
    for (size_t i = 0; i < RSE_COUNT(defaults); i++) {
        bool given = defaults[i].value.p == NULL;

        for (size_t k = 0; k < params->count; k++)
            given |= rse_str_eq(params->at[k].key, defaults[i].key);
        if (!given)
            at[count++] = defaults[i];
    }
    *params = (struct rse_pairs){ at, count };
}

static struct rse_str request_path(const struct call *call)
{
    ptrdiff_t query = rse_str_find(call->target, '?');

    return query < 0 ? call->target : rse_str_n(call->target.p, (size_t)query);
}

static bool read_cursor(struct list *list)
{
    const struct odata_options *options = &list->options;
    struct rse_str parts[] = { list->path, options->filter_text, options->search, options->order_text };

    list->fingerprint = odata_fingerprint(parts, RSE_COUNT(parts));
    if (options->skip_token.p == NULL)
        return true;
    if (!odata_cursor_read(&list->after, &options->order, list->fingerprint, options->skip_token, list->call->arena,
                           &list->call->err)) {
        rse_err_field(&list->call->err, "$skiptoken");
        return false;
    }
    list->query.after = &list->after;
    return true;
}

static bool list_read(struct list *list, enum rse_noun noun, const struct list_scope *scope)
{
    struct call *call = list->call;
    struct rse_pairs params;

    if (!call_query_all(call, &params))
        return false;
    if (scope != NULL)
        add_defaults(scope, &params, call->arena);
    if (!odata_options_parse(&list->options, noun, &params, call->arena, &call->err))
        return false;
    if (list->options.select.clusters_tree && !live_check_ready(call->api->live, &call->err))
        return false;
    list->path = request_path(call);
    list->query = (struct list_query){ .noun = noun,
                                       .filter = list->options.filter,
                                       .search = list->options.search,
                                       .order = &list->options.order,
                                       .only = scope != NULL,
                                       .ids = scope != NULL ? scope->ids : NULL,
                                       .nids = scope != NULL ? scope->count : 0,
                                       .skip = list->options.skip };
    return read_cursor(list);
}

bool list_refuse_expand(struct list *list)
{
    struct call *call = list->call;

    if (list->options.nexpand == 0)
        return true;
    rse_err_field(&call->err, "$expand");
    rse_err_hint(&call->err, "Ask for application/json, page by page.");
    return rse_fail(&call->err, RSE_INVALID, "a stream can't expand");
}

void list_reply(struct call *call, enum rse_noun noun, const struct list_scope *scope)
{
    static const char *const TYPES[] = { "application/json", "application/x-ndjson", "text/csv" };
    static void (*const REPLIES[])(struct list * list) = { list_reply_page, list_reply_ndjson, list_reply_csv };
    struct list *list = rse_arena_new_of(call->arena, struct list);
    int form = call_accept(call, TYPES, RSE_COUNT(TYPES));

    if (form < 0)
        return;
    list->call = call;
    if (!list_read(list, noun, scope))
        return call_fail(call);
    REPLIES[form](list);
}

/* ---- the next page ---- */

static void add_option(struct rse_buf *out, const char *name, struct rse_str value)
{
    char *encoded;

    if (value.len == 0)
        return;
    encoded = evhttp_uriencode(value.p, (ev_ssize_t)value.len, 0);
    rse_buf_addf(out, "&$%s=%s", name, encoded);
    free(encoded);
}

void list_next_link(const struct list *list, const struct odata_cursor *place, struct rse_buf *out)
{
    const struct odata_options *options = &list->options;

    rse_buf_addf(out, "%.*s?$top=%lld", RSE_STR_ARG(list->path), (long long)options->top);
    add_option(out, "filter", options->filter_text);
    add_option(out, "search", options->search);
    add_option(out, "orderby", options->order_text);
    add_option(out, "select", options->select_text);
    add_option(out, "expand", options->expand_text);
    if (!options->count)
        rse_buf_adds(out, "&$count=false");
    rse_buf_adds(out, "&$skiptoken=");
    odata_cursor_write(place, list->fingerprint, out);
}
