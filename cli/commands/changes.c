/* resedge changes: the change feed, also as it grows. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { LAST_REVISIONS = 20, WAIT_S = 30, PAGE_CHANGES = 1000 };

static void add_name(struct cli *cli, const cJSON *row, const struct column *column RSE_UNUSED, struct rse_buf *out)
{
    const struct rse_noun_info *noun = rse_noun_find(rse_str(json_text(row, "noun")));
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(row, "doc");

    if (noun != NULL && cJSON_IsObject(doc))
        rse_buf_adds(out, cli_name_of(cli, noun, doc));
    else if (json_text(row, "name")[0] != '\0')
        rse_buf_adds(out, json_text(row, "name"));
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

/* Where a reader of the feed stands: "17", or "17.3" amid a revision. */
struct place {
    char text[48];
    int64_t newest, back; /* where nobody said it: so far before the newest revision; 0 once that was answered */
};

static void go_back(struct place *since, int64_t revisions)
{
    since->back = revisions < since->newest ? revisions : since->newest;
    snprintf(since->text, sizeof(since->text), "%" PRId64, since->newest - since->back);
}

/* So many may no longer be kept: half as many, then. */
static bool come_nearer(struct place *since)
{
    if (since->back == 0)
        return false;
    go_back(since, since->back / 2);
    return true;
}

static bool first_place(struct cli *cli, struct place *since, struct rse_err *err)
{
    const char *given = args_value(&cli->args, "since");
    bool follow = args_has(&cli->args, "follow");
    struct rse_request request = { .method = "GET", .path = "/api/v1/targets?$top=1" };
    struct reply reply;

    if (given != NULL &&
        (given[0] == '\0' || given[strspn(given, "0123456789.")] != '\0' || strlen(given) >= sizeof(since->text)))
        return rse_fail(err, RSE_INVALID, "--since takes a revision, not \"%s\"", given);
    since->back = 0;
    if (given != NULL) {
        snprintf(since->text, sizeof(since->text), "%s", given);
        return true;
    }
    if (!cli_send(cli, &request, &reply, err))
        return false;
    since->newest = reply.revision;
    go_back(since, follow ? 0 : LAST_REVISIONS);
    return true;
}

/* One answer of the feed into the rows; *since moves on. */
static bool follow_once(struct cli *cli, struct rows *rows, struct place *since, bool *more, struct rse_err *err)
{
    struct rse_arena *outer = cli_begin_round(cli);
    int wait = args_has(&cli->args, "follow") ? WAIT_S : 0;
    char *path =
        rse_arena_printf(cli->arena, "/api/v1/changes?since=%s&limit=%d&wait=%d", since->text, PAGE_CHANGES, wait);
    cJSON *answer;
    bool ok = cli_request(cli, "GET", path, NULL, &answer, err);

    if (ok) {
        cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "changes");

        snprintf(since->text, sizeof(since->text), "%s", json_text(answer, "next"));
        since->back = 0;
        *more = json_true(answer, "more") || wait > 0;
        ok = !cJSON_IsArray(list) || rows_add(rows, list, err);
    }
    cli_end_round(cli, outer);
    fflush(stdout);
    return ok;
}

bool command_changes(struct cli *cli, struct rse_err *err)
{
    struct place since;
    struct rows rows;
    bool more = true, ok = cli_client(cli, err) && first_place(cli, &since, err);

    if (!ok)
        return false;
    cli->pages = cli->pages && !args_has(&cli->args, "follow");
    rows_begin(&rows, cli, &changes_view, false);
    while (ok && more) {
        ok = follow_once(cli, &rows, &since, &more, err);
        if (!ok && err->code == RSE_GONE && come_nearer(&since))
            ok = (rse_err_clear(err), true);
    }
    if (ok)
        return rows_end(&rows, err);
    rows_abandon(&rows);
    return false;
}
