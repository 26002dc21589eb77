/*
 * act.c - see act.h.
 */
#include "api-server/api.h"
#include "api-server/handlers/act.h"
#include "api-server/handlers/once.h"
#include "api-server/handlers/precondition.h"

struct acting {
    struct act act;
    struct once_request request;
    struct kept_answer kept;
    struct rse_err refusal;
};

/* ---- the answer ---- */

static void fail_missing(struct call *call)
{
    const struct acting *acting = call->state;

    rse_err_object(&call->err, "%s %.*s", acting->act.noun, RSE_STR_ARG(call->params[0]));
    (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no such %s", acting->act.noun);
    call_fail(call);
}

static void completed(void *arg, struct rse_str body, const struct rse_err *err)
{
    if (err != NULL)
        call_fail_with(arg, err);
    else
        call_reply(arg, 200, NULL, body);
}

static void reply_document(struct call *call, struct rse_str json)
{
    const struct acting *acting = call->state;
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, json.len + 1);
    rse_json_add_compact(&body, json);
    if (acting->request.keeps)
        store_answer_complete(call->api->db, &acting->kept, body.p, completed, call);
    else
        call_reply_buf(call, acting->kept.status, &body);
}

static void shown(void *arg, PGresult *res, const struct rse_err *err)
{
    if (err != NULL)
        call_fail_with(arg, err);
    else if (PQntuples(res) == 0)
        fail_missing(arg);
    else
        reply_document(arg, db_text(res, 0, 0));
}

static void show(struct call *call)
{
    const struct acting *acting = call->state;

    once_set_headers(call, NULL, NULL, acting->kept.revision);
    if (acting->act.show == NULL)
        return call_reply_empty(call, acting->kept.status);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_READ,
                                                     .sql = acting->act.show,
                                                     .nparams = 1,
                                                     .params = { call->params[0].p },
                                                     .done = shown,
                                                     .arg = call });
}

/* ---- the act ---- */

static void not_kept(void *arg, bool done, const struct rse_err *err RSE_UNUSED)
{
    struct call *call = arg;
    const struct acting *acting = call->state;

    if (done)
        show(call);
    else
        call_fail_with(call, &acting->refusal);
}

static void acted(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    struct acting *acting = call->state;

    if (err == NULL && PQntuples(res) > 0)
        return show(call);
    if (err == NULL)
        return fail_missing(call);
    if (acting->request.key == NULL)
        return call_fail_with(call, err);
    acting->refusal = *err;
    once_find(call, &acting->request, not_kept, call);
}

static void act(struct call *call)
{
    const struct acting *acting = call->state;
    int own = acting->act.nparams;
    const char *params[RSE_COUNT(acting->act.params) + ANSWER_KEEP_PARAMS];

    memcpy(params, acting->act.params, sizeof(acting->act.params));
    store_answer_keep(acting->request.keeps ? &acting->kept : NULL, call->arena, params + own);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = acting->act.sql,
                                                     .nparams = own + ANSWER_KEEP_PARAMS,
                                                     .plenty = params,
                                                     .done = acted,
                                                     .arg = call });
}

static void looked_up(void *arg, bool done, const struct rse_err *err)
{
    if (err != NULL)
        call_fail_with(arg, err);
    else if (done)
        show(arg);
    else
        act(arg);
}

void act_start(struct call *call, const struct act *what)
{
    struct acting *acting = rse_arena_new_of(call->arena, struct acting);

    acting->act = *what;
    call->state = acting;
    if (!precondition_no_object(call) || !once_read(call, what->dry_run, &acting->request))
        return call_fail(call);
    acting->kept = once_answer(call, &acting->request, what->show != NULL ? 200 : 204, NULL);
    if (what->show == NULL)
        acting->kept.body = "";
    if (acting->request.key != NULL)
        once_find(call, &acting->request, looked_up, call);
    else
        act(call);
}
