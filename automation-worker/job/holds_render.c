/*
 * holds_render.c - what is held, told to the Data Service and in the log of Git.
 */
#include <inttypes.h>
#include <stdlib.h>

#include <resedge/model.h>

#include "automation-worker/job/holds.h"

#define MAX_SAMPLE  100
#define MAX_SUMMARY 5

static const char *const kind_names[] = { "clustersLosing", "clustersChanged", "files", "fork", "adopt" };
static const char *const state_names[] = { "held", "approved", "discarded" };

static bool waits(const struct hold *hold)
{
    return hold->state == HOLD_HELD;
}

int64_t holds_count(const struct holds *holds)
{
    int64_t count = 0;

    for (size_t i = 0; holds != NULL && i < holds->count; i++) {
        const struct hold *hold = holds->at[i];

        if (waits(hold))
            count += hold->kind == HOLD_FORK ? hold->counts.changed
                                             : (int64_t)(rse_map_count(hold->parts) * rse_map_count(hold->clusters));
    }
    return count;
}

static int by_text(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

static struct rse_str *sorted(const struct rse_map *set)
{
    struct rse_str *names = rse_xcalloc(rse_map_count(set) + 1, sizeof(*names));
    size_t count = 0;

    for (size_t it = 0; rse_map_next(set, &it, &names[count], NULL);)
        count++;
    if (count > 0)
        qsort(names, count, sizeof(*names), by_text);
    return names;
}

static void add_set(const struct rse_map *set, size_t most, struct rse_buf *out)
{
    struct rse_str *names = sorted(set);

    rse_buf_addc(out, '[');
    for (size_t i = 0; i < rse_map_count(set) && i < most; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        rse_json_add_string(out, names[i]);
    }
    rse_buf_addc(out, ']');
    free(names);
}

/* ---- for people ---- */

static void add_subject(const struct hold *hold, struct rse_buf *out)
{
    rse_buf_add_str(out, hold->subject);
    if (hold->kind == HOLD_FORK || hold->kind == HOLD_ADOPT)
        return;
    rse_buf_addf(out, " (revision %" PRId64, hold->revision);
    if (hold->actor.len > 0)
        rse_buf_addf(out, ", by %.*s", RSE_STR_ARG(hold->actor));
    rse_buf_addc(out, ')');
}

static void add_what(const struct hold *hold, struct rse_buf *out)
{
    const struct hold_counts *counts = &hold->counts;

    add_subject(hold, out);
    switch (hold->kind) {
    case HOLD_LOSING:
        rse_buf_addf(out, " takes applications or namespaces from %" PRId64 " of %" PRId64 " clusters, more than %g %%",
                     counts->losing, hold->of, hold->limit);
        break;
    case HOLD_CHANGED:
        rse_buf_addf(out, " changes %" PRId64 " of %" PRId64 " clusters, more than %g %%", counts->changed, hold->of,
                     hold->limit);
        break;
    case HOLD_FILES:
        rse_buf_addf(out, " changes %" PRId64 " files, more than %.0f", counts->files, hold->limit);
        break;
    case HOLD_FORK:
        rse_buf_addf(out, "; going on from there changes %" PRId64 " clusters, %" PRId64 " of them lose something",
                     counts->changed, counts->losing);
        break;
    case HOLD_ADOPT:
        rse_buf_addf(out, "; writing it changes %" PRId64 " files", counts->files);
        break;
    }
}

/* A part that is one of the hold's, as namespace and application; only where there is just one. */
static void add_names(const struct hold *hold, struct rse_buf *out)
{
    struct rse_str *names = sorted(hold->parts);
    ptrdiff_t slash = rse_map_count(hold->parts) == 1 ? rse_str_find(names[0], '/') : -1;

    if (slash > 0 && !rse_str_starts(names[0], RSE_STR("namespaces/"))) {
        rse_buf_adds(out, ",\"namespace\":");
        rse_json_add_string(out, rse_str_n(names[0].p, (size_t)slash));
        rse_buf_adds(out, ",\"application\":");
        rse_json_add_string(out, rse_str_from(names[0], (size_t)slash + 1));
    } else {
        rse_buf_adds(out, ",\"namespace\":null,\"application\":null");
    }
    free(names);
}

static void add_numbers(const struct hold *hold, struct rse_buf *out)
{
    const struct hold_counts *counts = &hold->counts;
    int64_t counted = hold->kind == HOLD_LOSING                              ? counts->losing
                      : hold->kind == HOLD_FILES || hold->kind == HOLD_ADOPT ? counts->files
                                                                             : counts->changed;

    rse_buf_addf(out,
                 ",\"kind\":\"%s\",\"revision\":%" PRId64 ",\"counted\":%" PRId64 ",\"limit\":", kind_names[hold->kind],
                 hold->revision, counted);
    rse_json_add_double(out, hold->limit);
    rse_buf_addf(out, ",\"of\":%" PRId64 ",\"losing\":%" PRId64 ",\"changed\":%" PRId64 ",\"files\":%" PRId64, hold->of,
                 counts->losing, counts->changed, counts->files);
}

static void add_error(const struct hold *hold, struct rse_buf *out)
{
    struct rse_err error = RSE_ERR_INIT;
    RSE_BUF_AUTO what = { 0 };

    rse_buf_init(&what, 4096);
    add_what(hold, &what);
    if (hold->kind == HOLD_ADOPT)
        rse_err_hint(&error, "It is left alone. Adopt it, having seen what would change.");
    else
        rse_err_hint(&error, "Its last good files stay. Approve the job to let it out, or discard it.");
    rse_fail(&error, RSE_CONFIRM, "%s", what.p);
    rse_buf_adds(out, ",\"error\":");
    rse_err_problem(&error, NULL, out);
}

void holds_render_held(const struct holds *holds, bool first, struct rse_buf *out)
{
    for (size_t i = 0; holds != NULL && i < holds->count; i++) {
        const struct hold *hold = holds->at[i];

        if (!waits(hold))
            continue;
        rse_buf_adds(out, first ? "{" : ",{");
        first = false;
        rse_buf_adds(out, "\"cause\":\"guard\",\"key\":");
        rse_json_add_string(out, hold->key);
        rse_buf_adds(out, ",\"change\":");
        rse_json_add_string(out, hold->subject);
        rse_buf_adds(out, ",\"actor\":");
        rse_json_add_string(out, hold->actor);
        rse_buf_adds(out, ",\"cluster\":null");
        add_names(hold, out);
        add_numbers(hold, out);
        rse_buf_adds(out, ",\"parts\":");
        add_set(hold->parts, MAX_SAMPLE, out);
        rse_buf_adds(out, ",\"clusters\":");
        add_set(hold->clusters, MAX_SAMPLE, out);
        add_error(hold, out);
        rse_buf_addc(out, '}');
    }
}

/* ---- for the next job ---- */

void holds_render(const struct holds *holds, struct rse_buf *out)
{
    rse_buf_addc(out, '[');
    for (size_t i = 0; holds != NULL && i < holds->count; i++) {
        const struct hold *hold = holds->at[i];
        const struct hold_counts *counts = &hold->counts;

        rse_buf_adds(out, i > 0 ? ",{\"key\":" : "{\"key\":");
        rse_json_add_string(out, hold->key);
        rse_buf_addf(out, ",\"kind\":\"%s\",\"state\":\"%s\",\"revision\":%" PRId64, kind_names[hold->kind],
                     state_names[hold->state], hold->revision);
        rse_buf_addf(out, ",\"losing\":%" PRId64 ",\"changed\":%" PRId64 ",\"files\":%" PRId64, counts->losing,
                     counts->changed, counts->files);
        rse_buf_adds(out, ",\"doc\":{\"change\":");
        rse_json_add_string(out, hold->subject);
        rse_buf_adds(out, ",\"actor\":");
        rse_json_add_string(out, hold->actor);
        rse_buf_adds(out, ",\"parts\":");
        add_set(hold->parts, SIZE_MAX, out);
        rse_buf_adds(out, ",\"clusters\":");
        add_set(hold->clusters, SIZE_MAX, out);
        rse_buf_adds(out, "}}");
    }
    rse_buf_addc(out, ']');
}

void holds_summary(const struct holds *holds, struct rse_buf *out)
{
    int told = 0;

    for (size_t i = 0; holds != NULL && i < holds->count && told < MAX_SUMMARY; i++) {
        const struct hold *hold = holds->at[i];

        if (!waits(hold))
            continue;
        rse_buf_addf(out, "%s%.*s on %" PRId64 " clusters", told++ > 0 ? ", " : "", RSE_STR_ARG(hold->subject),
                     hold->counts.changed);
    }
}
