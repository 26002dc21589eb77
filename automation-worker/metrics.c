#include "automation-worker/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "automation-worker/job/report.h"

struct metrics {
    _Atomic int64_t committed, unchanged, failed;
    _Atomic int64_t files_rendered, files_written, held;
    _Atomic int64_t bytes_rendered, bytes_written;
    _Atomic int64_t revision;
    _Atomic int64_t last_ms, total_ms;
    _Atomic int64_t phase_us[PHASE_COUNT]; /* of all jobs */
};

struct metrics *metrics_new(void)
{
    return rse_new(struct metrics);
}

void metrics_free(struct metrics *metrics)
{
    free(metrics);
}

void metrics_job_done(struct metrics *metrics, const struct completion *completion)
{
    bool unchanged = strcmp(completion->state, "unchanged") == 0;

    atomic_fetch_add(unchanged ? &metrics->unchanged : &metrics->committed, 1);
    atomic_fetch_add(&metrics->files_rendered, completion->files_rendered);
    atomic_fetch_add(&metrics->bytes_rendered, completion->bytes_rendered);
    atomic_fetch_add(&metrics->bytes_written, completion->bytes_written);
    atomic_fetch_add(&metrics->files_written, completion->files.added + completion->files.changed);
    atomic_store(&metrics->held, held_count(completion->held));
    atomic_store(&metrics->revision, completion->revision);
    atomic_store(&metrics->last_ms, completion->duration_ms);
    atomic_fetch_add(&metrics->total_ms, completion->duration_ms);
    for (int i = 0; i < PHASE_COUNT; i++)
        atomic_fetch_add(&metrics->phase_us[i], completion->phases->us[i]);
}

void metrics_job_failed(struct metrics *metrics)
{
    atomic_fetch_add(&metrics->failed, 1);
}

static void add_head(struct rse_buf *out, const char *name, const char *type, const char *help)
{
    rse_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_one(struct rse_buf *out, const char *name, const char *type, const char *help, int64_t value)
{
    add_head(out, name, type, help);
    rse_buf_addf(out, "%s %" PRId64 "\n", name, value);
}

void metrics_render(const struct metrics *metrics, struct rse_buf *out)
{
    add_head(out, "resedge_worker_jobs_total", "counter", "Jobs by how they ended.");
    rse_buf_addf(out, "resedge_worker_jobs_total{state=\"committed\"} %" PRId64 "\n", atomic_load(&metrics->committed));
    rse_buf_addf(out, "resedge_worker_jobs_total{state=\"unchanged\"} %" PRId64 "\n", atomic_load(&metrics->unchanged));
    rse_buf_addf(out, "resedge_worker_jobs_total{state=\"failed\"} %" PRId64 "\n", atomic_load(&metrics->failed));
    add_one(out, "resedge_worker_files_rendered_total", "counter", "Files rendered.",
            atomic_load(&metrics->files_rendered));
    add_one(out, "resedge_worker_files_written_total", "counter", "Files added or changed by commits.",
            atomic_load(&metrics->files_written));
    add_one(out, "resedge_worker_rendered_bytes_total", "counter", "Bytes of the files rendered.",
            atomic_load(&metrics->bytes_rendered));
    add_one(out, "resedge_worker_written_bytes_total", "counter", "Bytes of the packs written, compressed.",
            atomic_load(&metrics->bytes_written));
    add_one(out, "resedge_worker_held_parts", "gauge", "Parts that the last job held back.",
            atomic_load(&metrics->held));
    add_one(out, "resedge_worker_revision", "gauge", "Fleet revision of the last job.",
            atomic_load(&metrics->revision));
    add_head(out, "resedge_worker_last_job_seconds", "gauge", "How long the last job took.");
    rse_buf_addf(out, "resedge_worker_last_job_seconds %.3f\n", (double)atomic_load(&metrics->last_ms) / 1e3);
    add_head(out, "resedge_worker_job_seconds_total", "counter", "Time spent in jobs that ended well.");
    rse_buf_addf(out, "resedge_worker_job_seconds_total %.3f\n", (double)atomic_load(&metrics->total_ms) / 1e3);
    add_head(out, "resedge_worker_phase_seconds_total", "counter", "Where that time went.");
    for (int i = 0; i < PHASE_COUNT; i++)
        rse_buf_addf(out, "resedge_worker_phase_seconds_total{phase=\"%s\"} %.6f\n", phase_name((enum phase)i),
                     (double)atomic_load(&metrics->phase_us[i]) / 1e6);
}
