/* --wait: from "stored" to "committed". */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

enum { POLL_MS = 200, GIVE_UP_S = 600 };

static void pause_ms(long ms)
{
    struct timespec span = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&span, NULL);
}

static bool is_state(const cJSON *job, const char *state)
{
    return strcmp(json_text(job, "state"), state) == 0;
}

static bool fail_as_job(const cJSON *target, const cJSON *job, struct rse_err *err)
{
    const cJSON *problem = cJSON_GetObjectItemCaseSensitive(job, "error");

    rse_err_object(err, "job %" PRId64 " of target \"%s\"", json_int(job, "id"), json_text(target, "name"));
    rse_err_hint(err, "%s", json_text(problem, "hint"));
    return rse_fail(err, RSE_CONFLICT, "the change is stored, but its job %s: %s",
                    is_state(job, "parked") ? "is parked" : "was canceled", json_text(problem, "detail"));
}

static void print_held(const cJSON *job)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, json_list(job, "held"))
    {
        const cJSON *problem = cJSON_GetObjectItemCaseSensitive(entry, "error");
        const char *application = json_text(entry, "application");

        fprintf(stderr, "  held: %s on %s: %s\n", application[0] != '\0' ? application : json_text(entry, "namespace"),
                json_text(entry, "cluster"), json_text(problem, "detail"));
    }
}

static void print_done(struct cli *cli, const cJSON *target, const cJSON *job)
{
    char commit[13];

    if (cli->format != FORMAT_TABLE && cli->format != FORMAT_WIDE)
        return;
    snprintf(commit, sizeof(commit), "%s", json_text(job, "commit"));
    if (is_state(job, "unchanged")) {
        printf("%s: nothing to commit\n", json_text(target, "name"));
    } else {
        printf("%s: commit %s, %s changed (%" PRId64 " files added, %" PRId64 " changed, %" PRId64 " removed) in %s\n",
               json_text(target, "name"), commit, plural(cli->arena, json_int(job, "clustersChanged"), "cluster"),
               json_int(job, "filesAdded"), json_int(job, "filesChanged"), json_int(job, "filesRemoved"),
               span_ms(cli->arena, json_int(job, "durationMs")));
    }
    print_held(job);
}

static void print_progress(const struct cli *cli, const cJSON *target, const cJSON *job)
{
    const cJSON *progress = cJSON_GetObjectItemCaseSensitive(job, "progress");

    if (!cli->terminal || cli->format != FORMAT_TABLE)
        return;
    fprintf(stderr, "\r\033[K%s: %s", json_text(target, "name"), job == NULL ? "waiting for a worker" : "working");
    if (json_int(progress, "ofFiles") > 0)
        fprintf(stderr, ", %" PRId64 " of %" PRId64 " files", json_int(progress, "files"),
                json_int(progress, "ofFiles"));
}

static bool wait_for_target(struct cli *cli, const cJSON *target, int64_t revision, struct rse_err *err)
{
    char *path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/status", json_int(target, "id"));
    time_t give_up = time(NULL) + GIVE_UP_S;

    while (time(NULL) < give_up) {
        cJSON *status;
        const cJSON *job;

        if (!cli_request(cli, "GET", path, NULL, &status, err))
            return false;
        job = cJSON_GetObjectItemCaseSensitive(status, "job");
        if (json_int(status, "done") >= revision) {
            if (cli->terminal)
                fprintf(stderr, "\r\033[K");
            print_done(cli, target, job);
            return true;
        }
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(status, "paused"))) {
            printf("%s is paused: the change waits there\n", json_text(target, "name"));
            return true;
        }
        if (is_state(job, "parked") || is_state(job, "canceled"))
            return fail_as_job(target, job, err);
        print_progress(cli, target, job);
        pause_ms(POLL_MS);
    }
    rse_err_hint(err, "Is a worker running? `resedge jobs` shows what it does.");
    return rse_fail(err, RSE_TIMEOUT, "the change is stored, but not committed after %d s", GIVE_UP_S);
}

bool cli_wait(struct cli *cli, int64_t revision, struct rse_err *err)
{
    cJSON *targets;
    const cJSON *target;

    if (!cli_request(cli, "GET", "/api/v1/targets?$top=1000", NULL, &targets, err))
        return false;
    cJSON_ArrayForEach(target, json_list(targets, "value"))
    {
        if (!wait_for_target(cli, target, revision, err))
            return false;
    }
    return true;
}
