/*
 * command_forget.c - `resedge-api forget-changes`: how long what was changed is kept.
 */
#include <stdio.h>
#include <time.h>

#include "api-server/commands.h"
#include "api-server/config.h"
#include "api-server/store/forget.h"
#include "api-server/store/sync.h"

static bool fail_time(const char *option, const char *text, struct rse_err *err)
{
    rse_err_object(err, "--%s %s", option, text);
    rse_err_hint(err, "Write it as --keep 90d, or as --before 2026-08-01 or --before 2026-08-01T12:00:00Z.");
    return rse_fail(err, RSE_INVALID, "what changed before when is to be forgotten can't be told from that");
}

/* A day begins in UTC. */
static bool read_before(const char *text, char out[RSE_TIME_SIZE], struct rse_err *err)
{
    char day[RSE_TIME_SIZE];
    int64_t ms;

    snprintf(day, sizeof(day), "%sT00:00:00Z", text);
    if (!rse_parse_time(rse_str(strchr(text, 'T') != NULL ? text : day), &ms))
        return fail_time("before", text, err);
    rse_format_time(ms, out);
    return true;
}

static bool read_keep(const char *text, char out[RSE_TIME_SIZE], struct rse_err *err)
{
    int64_t ms, now = (int64_t)time(NULL) * 1000;

    if (!rse_parse_duration_ms(rse_str(text), &ms) || ms > now)
        return fail_time("keep", text, err);
    rse_format_time(now - ms, out);
    return true;
}

static bool read_time(const struct config *config, int nwords, char **words, char out[RSE_TIME_SIZE],
                      struct rse_err *err)
{
    if (nwords > 0) {
        rse_err_object(err, "%s", words[0]);
        return rse_fail(err, RSE_INVALID, "forget-changes takes options only");
    }
    if ((config->before == NULL) == (config->keep == NULL))
        return rse_fail(err, RSE_INVALID, "forget-changes needs one of --keep and --before");
    return config->keep != NULL ? read_keep(config->keep, out, err) : read_before(config->before, out, err);
}

static void print_plan(const struct forget_plan *plan, bool dry_run)
{
    if (plan->upto > plan->kept)
        printf("revisions: %lld %s their documents, %lld to %lld\n", (long long)(plan->upto - plan->kept),
               dry_run ? "would lose" : "lose", (long long)plan->kept, (long long)plan->upto - 1);
    else
        printf("revisions: none that old; documents are kept from %lld on\n", (long long)plan->kept);
    printf("changes:   %lld, with %.1f MiB of documents; %lld stay whole\n", (long long)plan->changes,
           (double)plan->bytes / (1024 * 1024), (long long)plan->whole);
    if (plan->held_by != NULL)
        printf("target \"%s\" has work open, and needs what changed from revision %lld on\n", plan->held_by,
               (long long)plan->upto);
}

bool command_forget_changes(const struct config *config, int nwords, char **words, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    RSE_CLEANUP(sync_closep) PGconn *pg = NULL;
    char before[RSE_TIME_SIZE];
    struct forget_plan plan;
    int64_t forgotten = 0;

    if (!read_time(config, nwords, words, before, err) || !sync_connect(&pg, config->database_url, err) ||
        !forget_plan(pg, before, arena, &plan, err))
        return false;
    print_plan(&plan, config->dry_run);
    if (config->dry_run)
        return true;
    bool ok = forget_run(pg, &plan, &forgotten, err);

    printf("%lld changes forgotten\n", (long long)forgotten);
    return ok;
}
