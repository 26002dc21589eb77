/* resedge jobs: the work of Automation. */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { WATCH_MS = 500, LISTED = 20 };

static void add_held(struct cli *cli RSE_UNUSED, const cJSON *job, const struct column *column RSE_UNUSED,
                     struct rse_buf *out)
{
    rse_buf_add_int(out, held_count(job));
}

/* Why there is no commit, or which it is. */
static void add_outcome(struct cli *cli, const cJSON *job, const struct column *column RSE_UNUSED, struct rse_buf *out)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(job, "error");
    const char *commit = json_text(job, "commit");

    if (cJSON_IsObject(error))
        rse_buf_adds(out, json_text(error, "detail"));
    else
        rse_buf_addf(out, "%.*s", cli->format == FORMAT_CSV ? 64 : 12, commit);
}

static const struct column columns[] = {
    { .header = "ID", .member = "id" },
    { .header = "TARGET", .member = "target" },
    { .header = "STATE", .member = "state", .cell = CELL_STATE },
    { .header = "REVISION", .member = "revision" },
    { .header = "CLUSTERS", .member = "clustersChanged" },
    { .header = "+", .member = "filesAdded" },
    { .header = "~", .member = "filesChanged" },
    { .header = "-", .member = "filesRemoved" },
    { .header = "HELD", .member = "heldCount", .add = add_held },
    { .header = "TIME", .member = "durationMs", .cell = CELL_SPAN },
    { .header = "COMMIT", .member = "commit", .add = add_outcome },
    { .header = "WORKER", .member = "worker", .wide = true },
    { .header = "ATTEMPTS", .member = "attempts", .wide = true },
    { .header = "WHEN", .member = "createdAt", .cell = CELL_AGE },
    { .header = NULL },
};
static const struct view jobs_view = { .columns = columns, .name = "id", .nothing = "no jobs yet" };

static char *list_path(struct cli *cli)
{
    static const char *const filters[] = { "state", "target" };
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 4096);
    rse_buf_addf(&path, "/api/v1/jobs?$top=%d", LISTED);
    for (size_t i = 0; i < RSE_COUNT(filters); i++) {
        const char *value = args_value(&cli->args, filters[i]);

        if (value == NULL)
            continue;
        rse_buf_addf(&path, "&%s=", filters[i]);
        rse_client_escape(&path, rse_str(value));
    }
    return rse_arena_strdup(cli->arena, path.p);
}

static bool list(struct cli *cli, struct rse_err *err)
{
    cJSON *answer;

    return cli_get_list(cli, list_path(cli), &answer, err) && output_rows(cli, &jobs_view, answer, err);
}

/* A line whenever a job reaches another state; the newest job last. */
static void print_news(struct cli *cli, const cJSON *job)
{
    char commit[13];

    snprintf(commit, sizeof(commit), "%s", json_text(job, "commit"));
    printf("job %" PRId64 "  %s  %s  revision %" PRId64 "  %s  +%" PRId64 " ~%" PRId64 " -%" PRId64 "  %s\n",
           json_int(job, "id"), json_text(job, "target"), json_text(job, "state"), json_int(job, "revision"),
           plural(cli->arena, json_int(job, "clustersChanged"), "cluster"), json_int(job, "filesAdded"),
           json_int(job, "filesChanged"), json_int(job, "filesRemoved"), commit);
    if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(job, "error")))
        printf("  %s\n", json_text(cJSON_GetObjectItemCaseSensitive(job, "error"), "detail"));
    fflush(stdout);
}

/* The states last seen, by job id; the list has the newest LISTED jobs, the newest first. */
struct seen {
    int64_t id[LISTED];
    char state[LISTED][16];
};

static bool is_news(const struct seen *seen, const cJSON *job)
{
    for (int i = 0; i < LISTED; i++) {
        if (seen->id[i] == json_int(job, "id"))
            return strcmp(seen->state[i], json_text(job, "state")) != 0;
    }
    return true;
}

static void print_all_news(struct cli *cli, const struct seen *seen, const cJSON *jobs)
{
    for (int i = cJSON_GetArraySize(jobs) - 1; i >= 0; i--) {
        const cJSON *job = cJSON_GetArrayItem(jobs, i);

        if (is_news(seen, job))
            print_news(cli, job);
    }
}

static void remember(struct seen *seen, const cJSON *jobs)
{
    const cJSON *job;
    int i = 0;

    memset(seen, 0, sizeof(*seen));
    cJSON_ArrayForEach(job, jobs)
    {
        if (i == LISTED)
            break;
        seen->id[i] = json_int(job, "id");
        snprintf(seen->state[i++], sizeof(seen->state[0]), "%s", json_text(job, "state"));
    }
}

static bool look(struct cli *cli, const char *path, struct seen *seen, struct rse_err *err)
{
    struct rse_arena *outer = cli_begin_round(cli);
    cJSON *answer;
    bool ok = cli_get_list(cli, path, &answer, err);

    if (ok) {
        print_all_news(cli, seen, json_list(answer, "value"));
        remember(seen, json_list(answer, "value"));
    }
    cli_end_round(cli, outer);
    return ok;
}

static bool watch(struct cli *cli, struct rse_err *err)
{
    const char *path = list_path(cli);
    struct timespec pause = { 0, WATCH_MS * 1000000L };
    struct seen seen = { .id = { 0 } };

    if (cli->format != FORMAT_TABLE)
        return rse_fail(err, RSE_INVALID, "--watch prints lines, and nothing else");
    if (!cli_client(cli, err))
        return false;
    while (look(cli, path, &seen, err))
        nanosleep(&pause, NULL);
    return false;
}

/* A job with all that it says. */
static bool print_job(struct cli *cli, cJSON *job, struct rse_err *err)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(job, "error");

    if (!output_row(cli, &jobs_view, job, err))
        return false;
    if (!is_table(cli))
        return true;
    if (cJSON_IsObject(error))
        printf("%s%s%s\n", json_text(error, "object"), json_text(error, "object")[0] != '\0' ? ": " : "",
               json_text(error, "detail"));
    if (json_text(error, "hint")[0] != '\0')
        printf("%s\n", json_text(error, "hint"));
    print_held(stdout, job, INT64_MAX);
    return true;
}

static bool is_decision(const char *verb)
{
    return strcmp(verb, "approve") == 0 || strcmp(verb, "discard") == 0;
}

static cJSON *with_reason(struct cli *cli)
{
    cJSON *body = cli_new_object(cli);

    cJSON_AddStringToObject(body, "reason", args_value(&cli->args, "reason"));
    return body;
}

/* show, retry, cancel, approve, discard: all answer with the job. */
static bool act(struct cli *cli, const char *verb, const char *id, struct rse_err *err)
{
    bool show = strcmp(verb, "show") == 0;
    cJSON *answer;
    char *path;

    if (!rse_is_digits(rse_str(id)))
        return rse_fail(err, RSE_INVALID, "\"%s\" is not the id of a job", id);
    if (is_decision(verb) && args_value(&cli->args, "reason") == NULL) {
        rse_err_hint(err, "It is kept with the decision: --reason \"...\"");
        return rse_fail(err, RSE_INVALID, "no reason is given");
    }
    path = rse_arena_printf(cli->arena, "/api/v1/jobs/%s%s%s%s", id, show ? "" : "/", show ? "" : verb,
                            is_dry_run(cli) && !show ? "?dryRun=true" : "");
    if (!cli_request(cli, show ? "GET" : "POST", path, is_decision(verb) ? with_reason(cli) : NULL, &answer, err))
        return false;
    if (is_dry_run(cli) && is_table(cli))
        printf("dry run: %s would be accepted for job %s, which stays as it is:\n", verb, id);
    return print_job(cli, answer, err) && (show || cli_wait_now(cli, err));
}

const char *const jobs_verbs[] = { "list", "show", "retry", "cancel", "approve", "discard", NULL };

bool command_jobs(struct cli *cli, struct rse_err *err)
{
    const char *verb = cli->args.nwords > 0 ? cli->args.words[0] : "list";
    const char *word = cli->args.nwords > 1 ? cli->args.words[1] : NULL;

    if (!cli_verb(verb, jobs_verbs, err))
        return false;
    if ((word == NULL) != (strcmp(verb, "list") == 0)) {
        rse_err_hint(err, "Usage: resedge jobs [show|retry|cancel|approve|discard ID]");
        return rse_fail(err, RSE_INVALID, word == NULL ? "%s which job?" : "%s takes nothing more", verb);
    }
    if (word != NULL)
        return act(cli, verb, word, err);
    return args_has(&cli->args, "watch") ? watch(cli, err) : list(cli, err);
}
