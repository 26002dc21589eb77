/* resedge jobs: the work of Automation. */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "../commands.h"
#include "../output.h"

enum { WATCH_MS = 500, LISTED = 20 };

static const char *const headers[] = { "ID", "TARGET", "STATE", "REVISION", "CLUSTERS", "+", "~",
                                       "-",  "HELD",   "TIME",  "COMMIT",   "WHEN",     NULL };

static void add_job(struct cli *cli, struct table *table, const cJSON *job)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(job, "error");
    char commit[13];

    snprintf(commit, sizeof(commit), "%s", json_text(job, "commit"));
    table_cellf(table, "%" PRId64, json_int(job, "id"));
    table_cell(table, json_text(job, "target"));
    table_cell(table, json_text(job, "state"));
    table_cellf(table, "%" PRId64, json_int(job, "revision"));
    table_cellf(table, "%" PRId64, json_int(job, "clustersChanged"));
    table_cellf(table, "%" PRId64, json_int(job, "filesAdded"));
    table_cellf(table, "%" PRId64, json_int(job, "filesChanged"));
    table_cellf(table, "%" PRId64, json_int(job, "filesRemoved"));
    table_cellf(table, "%" PRId64, held_count(job));
    table_cell(table, span_ms(cli->arena, json_int(job, "durationMs")));
    table_cell(table, cJSON_IsObject(error) ? json_text(error, "detail") : commit);
    table_cell(table, ago(cli->arena, json_text(job, "createdAt")));
}

static char *list_path(struct cli *cli)
{
    const char *state = args_value(&cli->args, "state");
    RSE_BUF_AUTO path;

    rse_buf_init(&path, 1024);
    rse_buf_addf(&path, "/api/v1/jobs?$top=%d", LISTED);
    if (state != NULL) {
        rse_buf_adds(&path, "&state=");
        rse_client_escape(&path, rse_str(state));
    }
    return rse_arena_strdup(cli->arena, path.p);
}

static bool list(struct cli *cli, struct rse_err *err)
{
    struct table table;
    cJSON *answer;
    const cJSON *job;

    if (!cli_get_list(cli, list_path(cli), &answer, err))
        return false;
    if (output_document(cli, answer) || output_ids(cli, answer))
        return true;
    table_begin(&table, cli->arena, headers);
    cJSON_ArrayForEach(job, json_list(answer, "value"))
    {
        add_job(cli, &table, job);
    }
    table_print(&table, "no jobs yet");
    return true;
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

static void print_job(struct cli *cli, const cJSON *job)
{
    struct table table;
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(job, "error");

    table_begin(&table, cli->arena, headers);
    add_job(cli, &table, job);
    table_print(&table, NULL);
    if (cJSON_IsObject(error))
        printf("%s%s%s\n", json_text(error, "object"), json_text(error, "object")[0] != '\0' ? ": " : "",
               json_text(error, "detail"));
    if (json_text(error, "hint")[0] != '\0')
        printf("%s\n", json_text(error, "hint"));
    print_held(stdout, job, INT64_MAX);
}

/* show, retry, cancel: all answer with the job. */
static bool act(struct cli *cli, const char *verb, const char *id, struct rse_err *err)
{
    bool show = strcmp(verb, "show") == 0;
    cJSON *answer;
    char *path;

    if (!rse_is_digits(rse_str(id)))
        return rse_fail(err, RSE_INVALID, "\"%s\" is not the id of a job", id);
    path = rse_arena_printf(cli->arena, "/api/v1/jobs/%s%s%s", id, show ? "" : "/", show ? "" : verb);
    if (!cli_request(cli, show ? "GET" : "POST", path, NULL, &answer, err))
        return false;
    if (!output_document(cli, answer))
        print_job(cli, answer);
    return true;
}

bool command_jobs(struct cli *cli, struct rse_err *err)
{
    static const char *const verbs[] = { "list", "show", "retry", "cancel", NULL };
    const char *verb = cli->args.nwords > 0 ? cli->args.words[0] : "list";
    const char *word = cli->args.nwords > 1 ? cli->args.words[1] : NULL;

    if (!cli_verb(verb, verbs, err))
        return false;
    if ((word == NULL) != (strcmp(verb, "list") == 0)) {
        rse_err_hint(err, "Usage: resedge jobs [show|retry|cancel ID]");
        return rse_fail(err, RSE_INVALID, word == NULL ? "%s which job?" : "%s takes nothing more", verb);
    }
    if (word != NULL)
        return act(cli, verb, word, err);
    return args_has(&cli->args, "watch") ? watch(cli, err) : list(cli, err);
}
