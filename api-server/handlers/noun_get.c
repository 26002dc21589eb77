/*
 * noun_get.c - GET /{nouns}/{id}: one object, whole, or with $select and $expand.
 */
#include "api-server/api.h"
#include "api-server/fleet/etag.h"
#include "api-server/fleet/live.h"
#include "api-server/fleet/live_fresh.h"
#include "api-server/fleet/live_read.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/noun.h"
#include "api-server/handlers/object.h"

enum { ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

struct single {
    struct call *call;
    int64_t id;
    bool asked; /* by a GET: If-Match and If-None-Match are about its answer */
    struct odata_options options;
    struct shown_item item;
    struct shown shown;
    struct rse_buf out;
};

/* If-None-Match: "a", "b", compared weakly. */
static bool is_known(const struct single *single, const char *etag)
{
    const char *header = single->asked ? call_header(single->call, "If-None-Match") : NULL;

    return header != NULL && etag_listed(rse_str(header), etag_read(rse_str(etag)), true);
}

/* If-Match, compared strongly. */
static bool check_match(const struct single *single, struct rse_str etag)
{
    const char *header = single->asked ? call_header(single->call, "If-Match") : NULL;

    return header == NULL || etag_listed(rse_str(header), etag_read(etag), false) ||
           rse_fail(&single->call->err, RSE_STALE, "the object is not the one that If-Match asks for");
}

/* The document as it is, or the members that were asked for. */
static bool render(struct single *single, struct rse_str *out)
{
    const struct odata_options *options = &single->options;

    *out = single->item.doc;
    if (options->select.all && options->nexpand == 0 && !options->select.clusters_tree)
        return true;
    if (!shown_render(&single->shown, 0, &single->out) || !rse_buf_ok(&single->out, &single->call->err))
        return false;
    *out = rse_buf_str(&single->out);
    return true;
}

static void reply_shown(struct single *single, const char *etag, int64_t revision)
{
    struct rse_str body;

    if (is_known(single, etag))
        call_reply_object(single->call, 304, rse_str(NULL), etag, revision);
    else if (render(single, &body))
        call_reply_object(single->call, 200, body, etag, revision);
    else
        call_fail(single->call);
}

/* What comes from elsewhere changes without the object: such an answer has no ETag. */
static void reply_expanded(void *arg, bool ok)
{
    struct single *single = arg;
    struct rse_str body;

    if (ok && render(single, &body))
        call_reply(single->call, 200, NULL, body);
    else
        call_fail(single->call);
}

static void reply_stored(void *arg, const struct noun_doc *doc, const struct rse_err *err)
{
    struct single *single = arg;
    struct call *call = single->call;
    const struct odata_options *options = &single->options;

    if (err != NULL)
        return call_fail_with(call, err);
    if (doc == NULL) {
        rse_fail(&call->err, RSE_NOT_FOUND, "there is no %s %lld", options->noun->name, (long long)single->id);
        return call_fail(call);
    }
    if (!check_match(single, doc->etag))
        return call_fail(call);
    single->item = (struct shown_item){ single->id, doc->doc };
    if (options->nexpand == 0 && !options->select.clusters_tree) {
        return reply_shown(single, rse_arena_str(call->arena, doc->etag).p, doc->revision);
    }
    single->item.doc = rse_arena_str(call->arena, doc->doc);
    call_set_revision(call, doc->revision);
    shown_load(&single->shown, reply_expanded, single);
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static struct single *single_new(struct call *call, enum rse_noun noun, int64_t id)
{
    struct single *single = rse_arena_new_of(call->arena, struct single);

    single->call = call;
    single->id = id;
    single->shown = (struct shown){
        .call = call, .arena = call->arena, .options = &single->options, .items = &single->item, .count = 1
    };
    single->options = (struct odata_options){ .noun = rse_noun_info(noun), .select = { .all = true } };
    rse_buf_init(&single->out, ANSWER_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &single->out);
    return single;
}

void noun_reply_stored(struct call *call, enum rse_noun noun, int64_t id)
{
    live_read(call->api->reader, noun, id, reply_stored, single_new(call, noun, id));
}

static bool read_options(struct single *single)
{
    static const char *const NAMES[] = { "select", "expand", NULL };
    struct call *call = single->call;
    struct rse_pairs params;

    if (call->query.len == 0)
        return true;
    if (!call_query_only(call, NAMES) || !call_query_all(call, &params) ||
        !odata_options_parse(&single->options, single->options.noun, &params, NULL, call->arena, &call->err))
        return false;
    return !single->options.select.clusters_tree || live_check_ready(call->api->live, &call->err);
}

static void read_single(void *arg, const struct rse_err *err)
{
    struct single *single = arg;

    if (err != NULL)
        call_fail_with(single->call, err);
    else
        live_read(single->call->api->reader, call_noun(single->call), single->id, reply_stored, single);
}

void noun_get_handler(struct call *call)
{
    enum rse_noun noun = call_noun(call);
    struct single *single;
    int64_t id;

    if (!call_object(call, noun, &id))
        return call_fail(call);
    single = single_new(call, noun, id);
    single->asked = true;
    if (!read_options(single))
        call_fail(call);
    else if (call->query.len == 0)
        read_single(single, NULL);
    else
        live_freshen(call->api->freshener, read_single, single); /* memory has what it expands to */
}
