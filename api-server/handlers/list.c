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
                                         { RSE_STR("orderby"), rse_str(scope->order) },
                                         { RSE_STR("count"), rse_str(scope->no_count ? "false" : NULL) } };
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

static bool read_cursor(struct list *list, const struct list_scope *scope)
{
    const struct odata_options *options = &list->options;
    struct rse_str parts[] = { list->path, options->filter_text, options->search, options->order_text,
                               rse_str(scope->filter) };

    list->fingerprint = odata_fingerprint(parts, RSE_COUNT(parts));
    if (options->skip_token.p == NULL)
        return true;
    if (!odata_cursor_read(&list->after, &options->order, list->fingerprint, options->skip_token, list->call->arena,
                           &list->call->err)) {
        call_err_parameter(list->call, "$skiptoken");
        return false;
    }
    list->query.after = &list->after;
    return true;
}

static bool is_own(const struct list_scope *scope, struct rse_str name)
{
    for (const char *const *p = scope->params; p != NULL && *p != NULL; p++)
        if (rse_str_is(name, *p))
            return true;
    return false;
}

static bool has_param(const struct rse_pairs *params, struct rse_str name)
{
    for (size_t i = 0; i < params->count; i++)
        if (rse_str_eq(params->at[i].key, name))
            return true;
    return false;
}

/* The parameters of the route's own are none of OData's. */
static bool take_own(struct list *list, const struct list_scope *scope, struct rse_pairs *params)
{
    struct rse_pair *own = rse_arena_calloc(list->call->arena, params->count, sizeof(*own));
    size_t kept = 0;

    list->own.at = own;
    for (size_t i = 0; i < params->count; i++) {
        if (!is_own(scope, params->at[i].key))
            params->at[kept++] = params->at[i];
        else if (has_param(&list->own, params->at[i].key))
            return call_fail_twice(list->call, params->at[i].key);
        else
            own[list->own.count++] = params->at[i];
    }
    params->count = kept;
    return true;
}

/* What the scope asks for, and the request too. */
static bool add_scope_filter(struct list *list, const struct list_scope *scope)
{
    struct call *call = list->call;
    struct odata_node *both = rse_arena_new_of(call->arena, struct odata_node), *own;

    if (scope->filter == NULL)
        return true;
    if (!odata_filter_parse(&own, list->options.noun, rse_str(scope->filter), call->arena, &call->err))
        return false;
    *both = (struct odata_node){ .op = ODATA_AND, .left = own, .right = list->options.filter };
    list->options.filter = list->options.filter != NULL ? both : own;
    return true;
}

static void set_query(struct list *list, const struct list_scope *scope)
{
    const struct odata_options *options = &list->options;

    list->revision = scope->revision;
    list->no_count = scope->no_count;
    list->query = (struct list_query){ .noun = options->noun,
                                       .source = scope->source,
                                       .owner = scope->owner,
                                       .rows = scope->rows,
                                       .filter = options->filter,
                                       .search = options->search,
                                       .order = &options->order,
                                       .only = scope->only,
                                       .ids = scope->ids,
                                       .nids = scope->count,
                                       .skip = options->skip };
}

static bool list_read(struct list *list, const struct rse_noun_info *noun, const struct list_scope *scope)
{
    struct call *call = list->call;
    struct rse_pairs params;

    if (!call_query_all(call, &params) || !take_own(list, scope, &params))
        return false;
    add_defaults(scope, &params, call->arena);
    if (!odata_options_parse(&list->options, noun, &params, scope->params, call->arena, &call->err) ||
        !add_scope_filter(list, scope))
        return false;
    if (list->options.select.clusters_tree && !live_check_ready(call->api->live, &call->err))
        return false;
    list->path = request_path(call);
    set_query(list, scope);
    return read_cursor(list, scope);
}

void list_set_revision(const struct list *list, const struct list_head *head)
{
    call_set_revision(list->call, list->revision > 0 ? list->revision : head->revision);
}

void list_reply(struct call *call, const struct rse_noun_info *noun, const struct list_scope *scope)
{
    static const struct list_scope ALL = { .only = false };
    static void (*const REPLIES[])(struct list * list) = { list_reply_page, list_reply_ndjson, list_reply_csv };
    struct list *list = rse_arena_new_of(call->arena, struct list);

    list->call = call;
    if (!list_read(list, noun, scope != NULL ? scope : &ALL))
        return call_fail(call);
    REPLIES[call->form](list);
}

/* ---- the next page ---- */

static void add_param(struct rse_buf *out, const char *before, struct rse_str name, struct rse_str value)
{
    char *encoded;

    if (value.len == 0)
        return;
    encoded = evhttp_uriencode(value.p, (ev_ssize_t)value.len, 0);
    rse_buf_addf(out, "%s%.*s=%s", before, RSE_STR_ARG(name), encoded);
    free(encoded);
}

static void add_option(struct rse_buf *out, const char *name, struct rse_str value)
{
    add_param(out, "&$", rse_str(name), value);
}

void list_next_link(const struct list *list, const struct odata_cursor *place, struct rse_buf *out)
{
    const struct odata_options *options = &list->options;

    rse_buf_addf(out, "%.*s?$top=%lld", RSE_STR_ARG(list->path), (long long)options->top);
    for (size_t i = 0; i < list->own.count; i++)
        add_param(out, "&", list->own.at[i].key, list->own.at[i].value);
    add_option(out, "filter", options->filter_text);
    add_option(out, "search", options->search);
    add_option(out, "orderby", options->order_text);
    add_option(out, "select", options->select_text);
    add_option(out, "expand", options->expand_text);
    if (options->count == list->no_count)
        rse_buf_addf(out, "&$count=%s", options->count ? "true" : "false");
    rse_buf_adds(out, "&$skiptoken=");
    odata_cursor_write(place, list->fingerprint, out);
}
