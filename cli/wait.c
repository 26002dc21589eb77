/* --wait: from "stored" to "committed". */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output/output.h"

enum { POLL_MS = 200, GIVE_UP_S = 600, LISTED = 20, HELD_SHOWN = 10, BAR_WIDTH = 20 };

static void pause_ms(long ms)
{
    struct timespec span = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&span, NULL);
}

static bool is_state(const cJSON *job, const char *state)
{
    return strcmp(json_text(job, "state"), state) == 0;
}

/* What is for people goes to stderr: stdout may be JSON that a program reads. */
static void clear_progress(const struct cli *cli)
{
    if (cli->terminal)
        fprintf(stderr, "\r\033[K");
}

static bool fail_as_job(const cJSON *target, const cJSON *job, struct rse_err *err)
{
    const cJSON *problem = cJSON_GetObjectItemCaseSensitive(job, "error");
    const char *detail = json_text(problem, "detail");

    rse_err_object(err, "job %" PRId64 " of target \"%s\"", json_int(job, "id"), json_text(target, "name"));
    rse_err_hint(err, "%s", json_text(problem, "hint"));
    rse_err_hint(err, "`resedge jobs retry %" PRId64 "` runs it again.", json_int(job, "id"));
    return rse_fail(err, RSE_CONFLICT, "the change is stored, but its job %s%s%s",
                    is_state(job, "canceled") ? "was canceled" : "is parked", detail[0] != '\0' ? ": " : "", detail);
}

/* The job that reached the revision, the last one of several: another one may be under way already. NULL where it is no longer listed. */
static bool find_job(struct cli *cli, const cJSON *target, int64_t revision, const cJSON **out, struct rse_err *err)
{
    char *path =
        rse_arena_printf(cli->arena, "/api/v1/jobs?target=%" PRId64 "&$top=%d&state=committed,pushed,unchanged",
                         json_int(target, "id"), LISTED);
    const cJSON *job;
    cJSON *answer;

    *out = NULL;
    if (!cli_get_list(cli, path, &answer, err))
        return false;
    cJSON_ArrayForEach(job, json_list(answer, "value")) /* the newest first */
    {
        int64_t at = json_int(job, "revision");

        if (at >= revision && (*out == NULL || at < json_int(*out, "revision")))
            *out = job;
    }
    return true;
}

static void print_done(struct cli *cli, const cJSON *target, const cJSON *job)
{
    char commit[13];

    snprintf(commit, sizeof(commit), "%s", json_text(job, "commit"));
    if (is_table(cli) && (is_state(job, "unchanged") || commit[0] == '\0')) {
        printf("%s: nothing to commit\n", json_text(target, "name"));
    } else if (is_table(cli)) {
        printf("%s: commit %s, %s changed (%" PRId64 " files added, %" PRId64 " changed, %" PRId64 " removed) in %s\n",
               json_text(target, "name"), commit, plural(cli->arena, json_int(job, "clustersChanged"), "cluster"),
               json_int(job, "filesAdded"), json_int(job, "filesChanged"), json_int(job, "filesRemoved"),
               span_ms(cli->arena, json_int(job, "durationMs")));
    }
    fflush(stdout);
    print_held(stderr, job, HELD_SHOWN);
}

/* "[########............] 400 of 1000 files" */
static void print_bar(int64_t files, int64_t of)
{
    int filled;

    if (of <= 0)
        return;
    filled = files >= of ? BAR_WIDTH : (int)(files * BAR_WIDTH / of);
    fputs(" [", stderr);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '.', stderr);
    fprintf(stderr, "] %" PRId64 " of %" PRId64 " files", files, of);
}

static void print_progress(const struct cli *cli, const cJSON *target, const cJSON *job)
{
    const cJSON *progress = cJSON_GetObjectItemCaseSensitive(job, "progress");
    const char *what = is_state(job, "running")  ? "working"
                       : is_state(job, "failed") ? "waiting for another try"
                                                 : "waiting for a worker";

    if (!cli->terminal)
        return;
    fprintf(stderr, "\r\033[K%s: %s", json_text(target, "name"), what);
    print_bar(json_int(progress, "files"), json_int(progress, "ofFiles"));
}

/* Whether there is no more to wait for; with err set where it went wrong. */
static bool has_ended(struct cli *cli, const cJSON *target, const char *path, int64_t revision, struct rse_err *err)
{
    const cJSON *job;
    cJSON *status;

    if (!cli_request(cli, "GET", path, NULL, &status, err))
        return true;
    job = cJSON_GetObjectItemCaseSensitive(status, "job");
    if (json_int(status, "done") >= revision) {
        clear_progress(cli);
        if (find_job(cli, target, revision, &job, err))
            print_done(cli, target, job);
        return true;
    }
    if (json_true(status, "paused")) {
        clear_progress(cli);
        fprintf(stderr, "%s is paused: the change waits there\n", json_text(target, "name"));
        return true;
    }
    if (json_true(status, "parked")) {
        clear_progress(cli);
        (void)fail_as_job(target, job, err);
        return true;
    }
    print_progress(cli, target, job);
    return false;
}

static bool wait_for_target(struct cli *cli, const cJSON *target, int64_t revision, struct rse_err *err)
{
    char *path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/status", json_int(target, "id"));
    time_t give_up = time(NULL) + GIVE_UP_S;

    while (time(NULL) < give_up) {
        struct rse_arena *outer = cli_begin_round(cli);
        bool ended = has_ended(cli, target, path, revision, err);

        cli_end_round(cli, outer);
        if (ended)
            return err->code == RSE_OK;
        pause_ms(POLL_MS);
    }
    rse_err_hint(err, "Is a worker running? `resedge jobs` shows what it does.");
    return rse_fail(err, RSE_TIMEOUT, "the change is stored, but not committed after %d s", GIVE_UP_S);
}

bool cli_wait(struct cli *cli, int64_t revision, struct rse_err *err)
{
    cJSON *targets;
    const cJSON *target;

    if (!cli_get_list(cli, "/api/v1/targets?$top=1000", &targets, err))
        return false;
    cJSON_ArrayForEach(target, json_list(targets, "value"))
    {
        if (!wait_for_target(cli, target, revision, err))
            return false;
    }
    return true;
}

bool cli_wait_now(struct cli *cli, struct rse_err *err)
{
    struct rse_request request = { .method = "GET", .path = "/version" }; /* each answer says the revision */
    struct reply reply;

    if (is_dry_run(cli) || !args_has(&cli->args, "wait"))
        return true;
    return cli_send(cli, &request, &reply, err) && cli_wait(cli, reply.revision, err);
}
