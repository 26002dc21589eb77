/*
 * audit.c - GET /audit: who did what when, before and after, as a list with some filters for short.
 */
#include "api-server/api.h"
#include "api-server/handlers/list.h"
#include "api-server/http/route.h"
#include "api-server/store/audit.h"
#include <resedge/parse.h>

enum { FILTER_MAX_BYTES = 64 * 1024 };

/* The newest first, and in no other way: every other order would have to be made of the whole log. */
#define ORDER "revision desc,seq desc"

static void audit_handler(struct call *call);

const struct route audit_routes[] = {
    { "GET", "/api/v1/audit", ROLE_VIEWER, ROUTE_LIST, 0, 0, audit_handler, "Who did what when, before and after" },
    { .method = NULL },
};

static const char *const NOUNS[] = { "target",      "metadataKey", "group",    "policy", "namespace",
                                     "application", "cluster",     "template", "token",  "session",
                                     "job",         "set",         NULL };
static const char *const OPS[] = { "create",        "update", "delete", "revoke",     "signIn",
                                   "signOut",       "retry",  "cancel", "approve",    "discard",
                                   "acceptHistory", "push",   "adopt",  "setWebhook", "deleteWebhook",
                                   "apply",         NULL };
/* That the first one tells one entry from all others holds within the order, which has the revision before it. */
static const struct rse_field FIELDS[] = {
    { .name = "seq", .type = RSE_FIELD_INT },
    { .name = "revision", .type = RSE_FIELD_INT },
    { .name = "at", .type = RSE_FIELD_TIME },
    { .name = "actor", .type = RSE_FIELD_TEXT },
    { .name = "reason", .type = RSE_FIELD_TEXT },
    { .name = "confirm", .type = RSE_FIELD_INT },
    { .name = "noun", .type = RSE_FIELD_ENUM, .names = NOUNS },
    { .name = "id", .type = RSE_FIELD_INT },
    { .name = "name", .type = RSE_FIELD_TEXT },
    { .name = "op", .type = RSE_FIELD_ENUM, .names = OPS },
    { .name = "before", .type = RSE_FIELD_TEXT }, /* compared as its JSON text */
    { .name = "after", .type = RSE_FIELD_TEXT },
    { .name = NULL },
};
static const struct rse_noun_info ENTRY = {
    .noun = RSE_NOUN_COUNT, .name = "entry of the audit", .plural = "entries of the audit", .fields = FIELDS
};

/* ---- filters for short ---- */

static void add_condition(struct rse_buf *filter, const char *condition)
{
    rse_buf_adds(filter, filter->len > 0 ? " and " : "");
    rse_buf_adds(filter, condition);
}

static void add_actor(struct call *call, struct rse_buf *filter)
{
    struct rse_str actor;

    if (!call_query(call, "actor", &actor))
        return;
    add_condition(filter, "actor eq ");
    odata_add_text(filter, actor);
}

static bool add_number(struct call *call, const char *name, const char *condition, struct rse_buf *filter)
{
    int64_t number;

    if (!call_query_int(call, name, 0, INT64_MAX, -1, &number))
        return false;
    if (number < 0)
        return true;
    add_condition(filter, condition);
    rse_buf_add_int(filter, number);
    return true;
}

/* A day alone begins somewhere else in every time zone: which was meant is for the caller to say. */
static void hint_time(struct call *call, struct rse_str text)
{
    const char *midnight = rse_arena_printf(call->arena, "%.*sT00:00:00Z", RSE_STR_ARG(text));
    int64_t ms;

    rse_err_hint(&call->err, "Write it as %s.",
                 rse_parse_time(rse_str(midnight), &ms) ? midnight : "2026-11-26T00:00:00Z");
}

static bool add_time(struct call *call, const char *name, const char *condition, int64_t *ms, struct rse_buf *filter)
{
    struct rse_str text;

    if (!call_query(call, name, &text))
        return true;
    if (rse_parse_time(text, ms)) {
        add_condition(filter, condition);
        odata_add_text(filter, text);
        return true;
    }
    hint_time(call, text);
    call_err_parameter(call, name);
    return rse_fail(&call->err, RSE_INVALID, "\"%.*s\" is no time as RFC 3339 has it", RSE_STR_ARG(text));
}

static bool add_times(struct call *call, struct rse_buf *filter)
{
    int64_t from = INT64_MIN, to = INT64_MAX;

    if (!add_time(call, "from", "at ge ", &from, filter) || !add_time(call, "to", "at lt ", &to, filter))
        return false;
    if (from <= to)
        return true;
    call_err_parameter(call, "from");
    return rse_fail(&call->err, RSE_INVALID, "from is later than to");
}

/* A noun's plural will do too. */
static bool add_noun(struct call *call, struct rse_buf *filter)
{
    const struct rse_noun_info *info;
    struct rse_str given;
    const char *name = NULL;

    if (!call_query(call, "noun", &given))
        return true;
    for (const char *const *noun = NOUNS; *noun != NULL && name == NULL; noun++)
        name = rse_str_is(given, *noun) ? *noun : NULL;
    info = name == NULL ? rse_noun_find(given) : NULL;
    if (name == NULL && info == NULL) {
        call_err_parameter(call, "noun");
        return rse_fail(&call->err, RSE_INVALID, "there is no noun \"%.*s\"", RSE_STR_ARG(given));
    }
    add_condition(filter, "noun eq ");
    odata_add_text(filter, rse_str(name != NULL ? name : info->name));
    return true;
}

/* What was done to tokens and sessions is for admins. */
static void add_access(struct call *call, struct rse_buf *filter)
{
    if (call->actor.role != ROLE_ADMIN)
        add_condition(filter, "noun ne 'token' and noun ne 'session'");
}

static bool check_order(struct call *call)
{
    struct rse_str order;

    if (!call_query(call, "orderby", &order) || rse_str_is(order, ORDER))
        return true;
    call_err_parameter(call, "$orderby");
    rse_err_hint(&call->err, "Ask for what you need with $filter, and order that.");
    return rse_fail(&call->err, RSE_INVALID, "the audit comes the newest first, and in no other order");
}

static void audit_handler(struct call *call)
{
    static const char *const PARAMS[] = { "actor", "noun", "object", "revision", "from", "to", NULL };
    RSE_BUF_AUTO filter = { 0 };

    rse_buf_init(&filter, FILTER_MAX_BYTES);
    add_actor(call, &filter);
    add_access(call, &filter);
    if (!add_noun(call, &filter) || !add_number(call, "object", "id eq ", &filter) ||
        !add_number(call, "revision", "revision eq ", &filter) || !add_times(call, &filter) || !check_order(call) ||
        !rse_buf_ok(&filter, &call->err))
        return call_fail(call);
    list_reply(
        call, &ENTRY,
        &(struct list_scope){ .source = &AUDIT_SOURCE,
                              .order = ORDER,
                              .no_count = true,
                              .params = PARAMS,
                              .filter = filter.len > 0 ? rse_arena_str(call->arena, rse_buf_str(&filter)).p : NULL });
}
