#include "automation-worker/job/job.h"

#include <cjson/cJSON.h>

#include <resedge/parse.h>

#include "automation-worker/member.h"

static struct rse_str copy_text(const struct cJSON *json, const char *name, struct rse_arena *arena)
{
    return rse_arena_str(arena, rse_str(member_text(json, name)));
}

bool job_parse(struct job *out, const struct cJSON *json, struct rse_arena *arena, struct rse_err *err)
{
    const cJSON *target = cJSON_GetObjectItemCaseSensitive(json, "target");
    const cJSON *author = cJSON_GetObjectItemCaseSensitive(json, "author");
    int64_t time_ms = 0;
    struct job job = {
        .id = member_int64(json, "id", 0),
        .target_id = member_int64(target, "id", 0),
        .fence = member_int64(json, "fence", -1),
        .revision = member_int64(json, "revision", -1),
        .done_revision = member_int64(json, "doneRevision", 0),
        .attempt = member_int64(json, "attempt", 1),
        .author = copy_text(author, "name", arena),
        .email = copy_text(author, "email", arena),
    };

    if (job.id <= 0 || job.target_id <= 0 || job.fence < 0 || job.revision < 0 ||
        !rse_parse_time(rse_str(member_text(json, "time")), &time_ms))
        return rse_fail(err, RSE_INTERNAL, "the Data Service's answer is no job");
    job.time = time_ms / 1000;
    *out = job;
    return true;
}
