/*
 * target_report.c - a worker reports the templates of a target.
 *
 * Another tree than the last one known is a change of the fleet, with the next revision; it is written first, so that a
 * report that ends halfway is made whole when it is repeated.
 */
#include <stdio.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live.h"
#include "api-server/fleet/write.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/target.h"

enum { MAX_AUTHOR = 200 };

struct report {
    struct call *call;
    const char *commit, *tree, *catalogue;
    struct rse_str author, email;
    char id[24]; /* of the target */
    bool changed;
    int64_t revision;
};

static void saved(void *arg, PGresult *res, const struct rse_err *err)
{
    struct report *report = arg;
    struct call *call = report->call;
    RSE_BUF_AUTO body = { 0 };

    (void)res;
    if (err != NULL)
        return call_fail_with(call, err);
    rse_buf_init(&body, 128);
    rse_buf_addf(&body, "{\"revision\":%lld,\"changed\":%s}", (long long)report->revision,
                 report->changed ? "true" : "false");
    call_set_revision(call, report->revision);
    call_reply_buf(call, 200, &body);
}

static void save(struct report *report)
{
    struct db_query query = {
        .lane = DB_QUEUE,
        .sql = TARGET_TEMPLATES_SAVE,
        .nparams = 4,
        .params = { report->id, report->commit, report->tree, report->catalogue },
        .done = saved,
        .arg = report,
    };

    db_send(report->call->api->db, &query);
}

static void written(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct report *report = arg;

    if (err != NULL)
        return call_fail_with(report->call, err);
    report->changed = true;
    report->revision = changeset_revision(set);
    save(report);
}

static void compare(void *arg, PGresult *res, const struct rse_err *err)
{
    struct report *report = arg;
    struct call *call = report->call;

    if (err != NULL)
        return call_fail_with(call, err);
    if (PQntuples(res) == 0) {
        rse_fail(&call->err, RSE_NOT_FOUND, "there is no such target");
        return call_fail(call);
    }
    snprintf(report->id, sizeof(report->id), "%lld", (long long)db_int64(res, 0, 0));
    report->revision = live_revision(call->api->live);
    if (rse_str_is(db_text(res, 0, 2), report->tree))
        return save(report);
    live_write_template(call->api->live, call->actor.name, db_int64(res, 0, 0),
                        &(struct template_push){ .commit = rse_str(report->commit),
                                                 .tree = rse_str(report->tree),
                                                 .author = report->author,
                                                 .email = report->email },
                        written, report);
}

/* "author": {"name", "email"} of the commit, if it is known whose push it was. */
static void read_author(const struct body *body, struct report *report)
{
    static const char *const MEMBERS[] = { "name", "email", NULL };
    struct body author = body_object(body, "author", MEMBERS, false);

    report->author = body_text(&author, "name", 1, MAX_AUTHOR);
    report->email = body_text(&author, "email", 0, MAX_AUTHOR);
}

static const char *read_catalogue(const struct body *body)
{
    static const char *const MEMBERS[] = { "path", "versions", "keys", "files", "error", NULL };
    const cJSON *list = body_array(body, "catalogue", true), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct body set = body_item(body, "catalogue", item, i++, MEMBERS);

        body_look_text(&set, "path", true);
        body_look_texts(&set, "versions", true);
        body_look_texts(&set, "keys", true);
        body_look_int(&set, "files", 0, INT32_MAX, true);
        body_look_text(&set, "error", false);
    }
    return list != NULL ? body_json(body, "catalogue", true, true) : NULL;
}

void target_report_templates(struct call *call)
{
    static const char *const MEMBERS[] = { "commit", "tree", "catalogue", "author", NULL };
    struct report *report = rse_arena_new_of(call->arena, struct report);
    struct body body;
    struct db_query query = {
        .lane = DB_READ,
        .sql = TARGET_TEMPLATE_TREE,
        .nparams = 1,
        .params = { call->params[0].p },
        .done = compare,
        .arg = report,
    };

    report->call = call;
    body_open(&body, call, MEMBERS);
    report->commit = body_git_id(&body, "commit", true);
    report->tree = body_git_id(&body, "tree", true);
    report->catalogue = read_catalogue(&body);
    read_author(&body, report);
    if (!body_check(&body, &call->err))
        return call_fail(call);
    db_send(call->api->db, &query);
}
