/* resedge doctor: looks at every part, and says what to do. */
#include <inttypes.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { SILENT_S = 120, EXPIRY_DAYS = 7, CLOCKS_APART_S = 60 };

struct doctor {
    struct cli *cli;
    cJSON *rows;
};

static void note(struct doctor *d, const char *part, const char *state, const char *what, const char *advice)
{
    cJSON *row = cJSON_CreateObject();

    cJSON_AddStringToObject(row, "part", part);
    cJSON_AddStringToObject(row, "state", state);
    cJSON_AddStringToObject(row, "what", what);
    cJSON_AddStringToObject(row, "advice", advice);
    cJSON_AddItemToArray(d->rows, row);
    if (strcmp(state, "ok") != 0)
        d->cli->status = 1;
}

static void note_error(struct doctor *d, const char *part, const struct rse_err *err)
{
    note(d, part, "broken", err->what, err->hint);
}

/* Ends of tokens and certificates, and the times in lists, are only right where clocks agree. */
static void check_clock(struct doctor *d, int64_t date)
{
    int64_t apart = date - (int64_t)time(NULL);

    if (date >= 0 && (apart > CLOCKS_APART_S || apart < -CLOCKS_APART_S))
        note(d, "clock", "warning",
             rse_arena_printf(d->cli->arena, "the server's is %s %s than the one here",
                              span_ms(d->cli->arena, (apart < 0 ? -apart : apart) * 1000),
                              apart < 0 ? "slower" : "faster"),
             "Have both kept by NTP.");
}

/* Whether there is any use in going on. */
static bool check_server(struct doctor *d)
{
    struct rse_request request = { .method = "GET", .path = "/version" };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_str ready;
    struct reply answer;

    if (!cli_send(d->cli, &request, &answer, &err)) {
        note_error(d, "server", &err);
        return false;
    }
    const char *version = json_text(answer.json, "version");
    bool same = strcmp(version, rse_version()) == 0;

    note(d, "server", same ? "ok" : "warning", rse_arena_printf(d->cli->arena, "version %s", version),
         same ? ""
              : rse_arena_printf(d->cli->arena, "This resedge is %s: use the one of the server's version.",
                                 rse_version()));
    check_clock(d, answer.date);
    if (!cli_get_text(d->cli, "/readyz", NULL, &ready, &err))
        note_error(d, "database", &err);
    else
        note(d, "database", "ok", "ready", "");
    return true;
}

/* Who one is there, and for how long. */
static bool check_token(struct doctor *d)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_arena *arena = d->cli->arena;
    cJSON *session;
    int64_t ends_ms;

    if (!cli_request(d->cli, "GET", "/api/v1/session", NULL, &session, &err)) {
        note_error(d, "token", &err);
        return false;
    }
    const char *who =
        rse_arena_printf(arena, "\"%s\", role %s", json_text(session, "name"), json_text(session, "role"));
    const char *ends = json_text(session, "expiresAt");

    if (rse_parse_time(rse_str(ends), &ends_ms) && ends_ms / 1000 - (int64_t)time(NULL) < EXPIRY_DAYS * 86400)
        note(d, "token", "warning", rse_arena_printf(arena, "%s, ends %s", who, ago(arena, ends)),
             "Ask an administrator for a new one (`resedge token create`), and `resedge login` with it.");
    else
        note(d, "token", "ok", who, "");
    return true;
}

/* Whether there has been one. */
static bool check_worker(struct doctor *d, const char *part, const cJSON *status)
{
    const cJSON *worker = cJSON_GetObjectItemCaseSensitive(status, "worker");
    int64_t seen_ms;

    if (!cJSON_IsObject(worker)) {
        note(d, part, "broken", "no worker has ever worked for it",
             "Start a resedge-worker with a token of the role worker.");
        return false;
    }
    if (rse_parse_time(rse_str(json_text(worker, "seenAt")), &seen_ms) &&
        (int64_t)time(NULL) - seen_ms / 1000 > SILENT_S && json_int(status, "lag") > 0)
        note(d, part, "warning",
             rse_arena_printf(d->cli->arena, "the worker %s was seen last %s", json_text(worker, "name"),
                              ago(d->cli->arena, json_text(worker, "seenAt"))),
             "See whether it runs, and its log.");
    return true;
}

static void check_job(struct doctor *d, const char *part, const cJSON *status)
{
    const cJSON *job = cJSON_GetObjectItemCaseSensitive(status, "job");
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(job, "error");
    const char *id = rse_arena_printf(d->cli->arena, "%" PRId64, json_int(job, "id"));

    if (json_true(status, "paused"))
        note(d, part, "paused", "Automation leaves it alone",
             rse_arena_printf(d->cli->arena, "`resedge resume %s` lets it go on.", part));
    else if (json_true(status, "parked"))
        note(d, part, "broken", json_text(error, "detail"),
             rse_arena_printf(d->cli->arena, "%s `resedge jobs retry %s` tries again.", json_text(error, "hint"), id));
    else if (strcmp(json_text(job, "state"), "failed") == 0)
        note(d, part, "warning", json_text(error, "detail"),
             rse_arena_printf(d->cli->arena, "%s It is tried again by itself; `resedge jobs retry %s` does it now.",
                              json_text(error, "hint"), id));
    else if (held_count(job) > 0)
        note(d, part, "warning",
             rse_arena_printf(d->cli->arena, "%" PRId64 "%s", held_count(job),
                              held_count(job) == 1 ? " part is held" : " parts are held"),
             rse_arena_printf(d->cli->arena, "`resedge jobs show %s` tells why.", id));
    else
        note(d, part, "ok",
             rse_arena_printf(d->cli->arena, "revision %" PRId64 " of %" PRId64, json_int(status, "done"),
                              json_int(status, "wanted")),
             "");
}

static void check_targets(struct doctor *d)
{
    struct rse_err err = RSE_ERR_INIT;
    const cJSON *target;
    cJSON *targets, *status;

    if (!cli_get_list(d->cli, "/api/v1/targets?$top=1000", &targets, &err)) {
        note_error(d, "targets", &err);
        return;
    }
    if (json_list(targets, "value")->child == NULL)
        note(d, "targets", "warning", "there are none",
             "`resedge apply -f` one: the repository that Automation writes.");
    cJSON_ArrayForEach(target, json_list(targets, "value"))
    {
        const char *part = json_text(target, "name");

        if (!cli_request(d->cli, "GET",
                         rse_arena_printf(d->cli->arena, "/api/v1/targets/%" PRId64 "/status", json_int(target, "id")),
                         NULL, &status, &err)) {
            note_error(d, part, &err);
            continue;
        }
        if (check_worker(d, part, status))
            check_job(d, part, status);
    }
}

bool command_doctor(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "PART", .member = "part" },
        { .header = "STATE", .member = "state", .cell = CELL_STATE },
        { .header = "WHAT", .member = "what" },
        { .header = "WHAT TO DO", .member = "advice" },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "part" };
    cJSON *answer = cli_new_object(cli);
    struct doctor d = { cli, cJSON_AddArrayToObject(answer, "value") };

    if (!cli_client(cli, err))
        return false;
    if (check_server(&d) && check_token(&d))
        check_targets(&d);
    return output_rows(cli, &view, answer, err);
}
