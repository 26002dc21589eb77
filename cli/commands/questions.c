/* resedge values, changes and audit: what is, and who made it so. */
#include <inttypes.h>

#include "../commands.h"
#include "../output/output.h"

enum { LAST_REVISIONS = 20, WAIT_S = 30 };

/* ---- values ---- */

static void add_source(struct cli *cli RSE_UNUSED, const cJSON *row, const struct column *column RSE_UNUSED,
                       struct rse_buf *out)
{
    const cJSON *source = cJSON_GetObjectItemCaseSensitive(row, "source");

    rse_buf_addf(out, "%s%s %s", json_true(row, "default") ? "default of " : "", json_text(source, "noun"),
                 json_text(source, "name"));
}

bool command_values(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "KEY", .member = "key" },
        { .header = "VALUE", .member = "value" },
        { .header = "FROM", .member = "source", .add = add_source },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "key", .nothing = "no values" };
    char *path = cli_object_path(cli, rse_noun_info(RSE_CLUSTER), cli->args.words[0], "/values");
    cJSON *answer;

    return cli_get_list(cli, path, &answer, err) && output_rows(cli, &view, answer, err);
}

/* ---- changes ---- */

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

/* ---- audit ---- */

static void add_audited(struct cli *cli, const cJSON *row, const struct column *column RSE_UNUSED, struct rse_buf *out)
{
    const struct rse_noun_info *noun = rse_noun_find(rse_str(json_text(row, "noun")));
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(row, "after");

    if (!cJSON_IsObject(doc))
        doc = cJSON_GetObjectItemCaseSensitive(row, "before");
    if (noun != NULL && cJSON_IsObject(doc))
        rse_buf_adds(out, cli_name_of(cli, noun, doc));
    else
        rse_buf_addf(out, "%" PRId64, json_int(row, "id"));
}

bool command_audit(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "REVISION", .member = "revision" },
        { .header = "WHEN", .member = "at", .cell = CELL_AGE },
        { .header = "WHO", .member = "actor" },
        { .header = "WHAT", .member = "op" },
        { .header = "NOUN", .member = "noun" },
        { .header = "NAME", .member = "name", .add = add_audited },
        { .header = "REASON", .member = "reason" },
        { .header = "CONFIRMED", .member = "confirm", .wide = true },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "revision", .nothing = "nothing was written" };
    static const char *const filters[] = { "actor", "noun", "object", "revision", "from", "to" };
    cJSON *answer;
    RSE_BUF_AUTO path;

    rse_buf_init(&path, 8192);
    rse_buf_adds(&path, "/api/v1/audit?$top=100");
    for (size_t i = 0; i < RSE_COUNT(filters); i++) {
        const char *value = args_value(&cli->args, filters[i]);

        if (value == NULL)
            continue;
        rse_buf_addf(&path, "&%s=", filters[i]);
        rse_client_escape(&path, rse_str(value));
    }
    return cli_get_list(cli, path.p, &answer, err) && output_rows(cli, &view, answer, err);
}
