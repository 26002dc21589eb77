/*
 * noun_list.c - lists: paging, order, a search word and one simple filter.
 */
#include <stdio.h>
#include <stdlib.h>

#include <event2/http.h>

#include "api-server/api.h"
#include "api-server/handlers/noun.h"
#include "api-server/handlers/object.h"
#include "api-server/store/noun.h"
#include <resedge/parse.h>

enum {
    TOP_DEFAULT = 100,
    TOP_MAX = 1000,
    SKIP_MAX = 1000 * 1000 * 1000,
    PAGE_MAX_BYTES = 128 * 1024 * 1024,
};

struct listing {
    struct call *call;
    struct noun_list list;
    size_t rows;
    struct rse_buf out;
};

static bool fail_filter(struct call *call, size_t position)
{
    rse_err_position(&call->err, position);
    rse_err_field(&call->err, "$filter");
    rse_err_hint(&call->err, "It may be <field> eq '<value>' with id, name or environment, and state for clusters.");
    return rse_fail(&call->err, RSE_INVALID, "this filter can't be read");
}

static bool filter_of(const struct listing *listing, struct rse_str field, enum noun_filter *out)
{
    static const struct {
        const char *field;
        enum noun_filter filter;
    } FILTERS[] = { { "id", NOUN_BY_ID },
                    { "name", NOUN_BY_NAME },
                    { "environment", NOUN_BY_ENVIRONMENT },
                    { "state", NOUN_BY_STATE } };

    for (size_t i = 0; i < RSE_COUNT(FILTERS); i++) {
        if (!rse_str_is(field, FILTERS[i].field))
            continue;
        *out = FILTERS[i].filter;
        return *out != NOUN_BY_STATE || listing->list.noun == RSE_CLUSTER;
    }
    return false;
}

/* 'it''s' -> it's */
static bool unquote(struct rse_str quoted, struct rse_arena *arena, struct rse_str *out)
{
    char *text = rse_arena_alloc(arena, quoted.len + 1);
    size_t len = 0;

    if (quoted.len < 2 || quoted.p[0] != '\'' || quoted.p[quoted.len - 1] != '\'')
        return false;
    for (size_t i = 1; i + 1 < quoted.len; i++) {
        if (quoted.p[i] == '\'' && (i + 2 >= quoted.len || quoted.p[++i] != '\''))
            return false;
        text[len++] = quoted.p[i];
    }
    *out = rse_str_n(text, len);
    return true;
}

static struct rse_str trimmed(struct rse_str text)
{
    while (text.len > 0 && text.p[0] == ' ')
        text = rse_str_from(text, 1);
    while (text.len > 0 && text.p[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* name eq 'beta' */
static bool read_filter(struct listing *listing)
{
    struct call *call = listing->call;
    struct rse_str text, field, value;
    ptrdiff_t space;
    int64_t id;

    if (!call_query(call, "filter", &text))
        return true;
    field = trimmed(text);
    space = rse_str_find(field, ' ');
    if (space < 0)
        return fail_filter(call, text.len);
    value = trimmed(rse_str_from(field, (size_t)space));
    field.len = (size_t)space;
    if (!filter_of(listing, field, &listing->list.filter))
        return fail_filter(call, (size_t)(field.p - text.p));
    if (!rse_str_starts(value, RSE_STR("eq ")))
        return fail_filter(call, (size_t)(value.p - text.p));
    value = trimmed(rse_str_from(value, 3));
    if (listing->list.filter == NOUN_BY_ID) {
        listing->list.equals = value;
        return rse_parse_int64(value, INT64_MIN, INT64_MAX, &id) || fail_filter(call, (size_t)(value.p - text.p));
    }
    return unquote(value, call->arena, &listing->list.equals) || fail_filter(call, (size_t)(value.p - text.p));
}

static bool read_order(struct listing *listing)
{
    static const struct {
        const char *text;
        enum noun_order order;
    } ORDERS[] = {
        { "id", NOUN_ORDER_ID },     { "id asc", NOUN_ORDER_ID },     { "id desc", NOUN_ORDER_ID_DESC },
        { "name", NOUN_ORDER_NAME }, { "name asc", NOUN_ORDER_NAME }, { "name desc", NOUN_ORDER_NAME_DESC }
    };
    struct rse_str text;

    if (!call_query(listing->call, "orderby", &text))
        return true;
    for (size_t i = 0; i < RSE_COUNT(ORDERS); i++) {
        if (rse_str_is(trimmed(text), ORDERS[i].text)) {
            listing->list.order = ORDERS[i].order;
            return true;
        }
    }
    rse_err_field(&listing->call->err, "$orderby");
    rse_err_hint(&listing->call->err, "It may be id or name, each with asc or desc.");
    return rse_fail(&listing->call->err, RSE_INVALID, "this order is not known");
}

/* A word, in double quotes or not. */
static void read_search(struct listing *listing)
{
    struct rse_str text;

    if (!call_query(listing->call, "search", &text) || trimmed(text).len == 0)
        return;
    text = trimmed(text);
    if (text.len >= 2 && text.p[0] == '"' && text.p[text.len - 1] == '"')
        text = rse_str_n(text.p + 1, text.len - 2);
    listing->list.search = text;
}

static bool refuse_others(struct call *call)
{
    static const char *const OTHERS[] = { "select", "expand", "apply", "compute" };
    struct rse_str value;

    for (size_t i = 0; i < RSE_COUNT(OTHERS); i++) {
        if (!call_query(call, OTHERS[i], &value))
            continue;
        rse_err_field(&call->err, "$%s", OTHERS[i]);
        rse_err_hint(&call->err, "A list knows $top, $skip, $search, $filter, $orderby and $count.");
        return rse_fail(&call->err, RSE_INVALID, "$%s is not supported", OTHERS[i]);
    }
    return true;
}

static void add_param(struct rse_buf *link, struct call *call, const char *name)
{
    struct rse_str value;
    char *encoded;

    if (!call_query(call, name, &value))
        return;
    encoded = evhttp_uriencode(value.p, (ev_ssize_t)value.len, 0);
    rse_buf_addf(link, "&$%s=%s", name, encoded);
    free(encoded);
}

static void add_next_link(struct listing *listing)
{
    struct call *call = listing->call;
    long long skip = listing->list.skip + listing->list.top;
    RSE_BUF_AUTO link = { 0 };

    rse_buf_init(&link, 64 * 1024);
    rse_buf_addf(&link, "/api/v1/%s?$top=%lld&$skip=%lld", rse_noun_info(listing->list.noun)->plural,
                 (long long)listing->list.top, skip);
    add_param(&link, call, "search");
    add_param(&link, call, "filter");
    add_param(&link, call, "orderby");
    rse_buf_adds(&listing->out, ",\"@odata.nextLink\":");
    rse_json_add_string(&listing->out, rse_buf_str(&link));
}

static void list_row(void *arg, struct rse_str doc)
{
    struct listing *listing = arg;

    if (listing->rows++ > 0)
        rse_buf_addc(&listing->out, ',');
    rse_buf_add_str(&listing->out, doc);
}

static void list_done(void *arg, int64_t count, int64_t revision, const struct rse_err *err)
{
    struct listing *listing = arg;
    struct call *call = listing->call;

    rse_buf_addf(&listing->out, "],\"@odata.count\":%lld", (long long)count);
    if (listing->list.skip + (int64_t)listing->rows < count && listing->rows > 0)
        add_next_link(listing);
    rse_buf_addc(&listing->out, '}');
    if (err != NULL)
        return call_fail_with(call, err);
    if (!rse_buf_ok(&listing->out, &call->err))
        return call_fail(call);
    call_set_revision(call, revision);
    call_reply_buf(call, 200, &listing->out);
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

void noun_list_handler(struct call *call)
{
    struct listing *listing = rse_arena_new_of(call->arena, struct listing);
    struct noun_list_reader reader = { list_row, list_done, listing };

    listing->call = call;
    listing->list.noun = call_noun(call);
    if (!refuse_others(call) || !call_query_int(call, "top", 0, TOP_MAX, TOP_DEFAULT, &listing->list.top) ||
        !call_query_int(call, "skip", 0, SKIP_MAX, 0, &listing->list.skip) || !read_filter(listing) ||
        !read_order(listing))
        return call_fail(call);
    read_search(listing);
    rse_buf_init(&listing->out, PAGE_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &listing->out);
    rse_buf_adds(&listing->out, "{\"value\":[");
    store_noun_list(call->api->db, &listing->list, &reader);
}
