/* resedge changes: the change feed, also as it grows. */
#include <inttypes.h>

#include "../commands.h"
#include "../output/output.h"

enum { LAST_REVISIONS = 20, WAIT_S = 30 };

static void add_name(struct cli *cli, const cJSON *row, const struct column *column RSE_UNUSED, struct rse_buf *out)
{
    const struct rse_noun_info *noun = rse_noun_find(rse_str(json_text(row, "noun")));
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(row, "doc");

    if (noun != NULL && cJSON_IsObject(doc))
        rse_buf_adds(out, cli_name_of(cli, noun, doc));
    else
        rse_buf_addf(out, "%" PRId64, json_int(row, "id"));
}

static const struct column change_columns[] = {
    { .header = "REVISION", .member = "revision" },
    { .header = "WHEN", .member = "at", .cell = CELL_AGE },
    { .header = "WHO", .member = "actor" },
    { .header = "WHAT", .member = "op" },
    { .header = "NOUN", .member = "noun" },
    { .header = "NAME", .member = "name", .add = add_name },
    { .header = NULL },
};
static const struct view changes_view = { .columns = change_columns, .name = "revision", .nothing = "no changes" };

static bool first_revision(struct cli *cli, int64_t *since, struct rse_err *err)
{
    const char *given = args_value(&cli->args, "since");
    struct rse_request request = { .method = "GET", .path = "/api/v1/targets?$top=1" };
    struct reply reply;

    if (given != NULL)
        return rse_parse_int64(rse_str(given), 0, INT64_MAX, since) ||
               rse_fail(err, RSE_INVALID, "--since takes a revision, not \"%s\"", given);
    if (!cli_send(cli, &request, &reply, err))
        return false;
    *since = reply.revision > LAST_REVISIONS && !args_has(&cli->args, "follow") ? reply.revision - LAST_REVISIONS
             : args_has(&cli->args, "follow")                                   ? reply.revision
                                                                                : 0;
    return true;
}

/* One answer of the feed into the rows; *since moves on. */
static bool follow_once(struct cli *cli, struct rows *rows, int64_t *since, bool *more, struct rse_err *err)
{
    struct rse_arena *outer = cli_begin_round(cli);
    int wait = args_has(&cli->args, "follow") ? WAIT_S : 0;
    char *path = rse_arena_printf(cli->arena, "/api/v1/changes?since=%" PRId64 "&wait=%d", *since, wait);
    cJSON *answer;
    bool ok = cli_request(cli, "GET", path, NULL, &answer, err);

    if (ok) {
        cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "changes");

        *since = json_int(answer, "revision");
        *more = json_true(answer, "more") || wait > 0;
        ok = !cJSON_IsArray(list) || rows_add(rows, list, err);
    }
    cli_end_round(cli, outer);
    fflush(stdout);
    return ok;
}

bool command_changes(struct cli *cli, struct rse_err *err)
{
    int64_t since;
    struct rows rows;
    bool more = true, ok = first_revision(cli, &since, err);

    if (!ok)
        return false;
    cli->pages = cli->pages && !args_has(&cli->args, "follow");
    rows_begin(&rows, cli, &changes_view, false);
    while (ok && more)
        ok = follow_once(cli, &rows, &since, &more, err);
    if (ok)
        return rows_end(&rows, err);
    rows_abandon(&rows);
    return false;
}
