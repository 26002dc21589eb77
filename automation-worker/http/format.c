/* format.c - what moving a target to another format would change on its clusters. */
#include <inttypes.h>
#include <stdlib.h>

#include <resedge/model.h>
#include <resedge/parse.h>

#include "automation-worker/stop.h"

#include "automation-worker/http/differences.h"

/* One of the two formats, while clusters are gone through. */
struct side {
    struct rse_plan *plan;
    struct rse_renderer *renderer;
    struct rse_part *parts;
    size_t count;
    struct preview_files files;
};

struct comparing {
    struct preview preview;
    struct side sides[2]; /* as it is, as it would be */
    struct differences *differences;
    int64_t clusters, failed;
};

static bool open_side(struct side *side, const struct preview *preview, int64_t target_id, int64_t format,
                      struct rse_err *err)
{
    if (!rse_plan_new_format(&side->plan, preview->fleet, preview->catalogue, target_id, format, err))
        return false;
    side->renderer = rse_renderer_new(side->plan);
    return true;
}

static void close_side(struct side *side)
{
    preview_files_release(&side->files);
    rse_renderer_free(side->renderer);
    rse_plan_free(side->plan);
}

static bool render_part(struct side *side, uint32_t cluster, size_t i)
{
    struct rse_err ignored = RSE_ERR_INIT;
    const struct rse_part *part = &side->parts[i];

    preview_files_clear(&side->files);
    if (part->frozen || part->leftover)
        return false; /* stays as it is, whatever the format */
    return rse_renderer_part(side->renderer, cluster, part, preview_files_add, &side->files, &ignored);
}

static bool compare_lists(struct comparing *comparing, uint32_t cluster, struct rse_str name, const bool *present,
                          struct rse_err *err)
{
    for (int i = 0; i < 2; i++) {
        struct side *side = &comparing->sides[i];

        preview_files_clear(&side->files);
        if (!rse_renderer_lists(side->renderer, cluster, side->parts, present, side->count, preview_files_add,
                                &side->files, err))
            return false;
    }
    differences_compare(comparing->differences, name, &comparing->sides[0].files, &comparing->sides[1].files);
    return true;
}

static bool compare_cluster(struct comparing *comparing, uint32_t cluster, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_str name = rse_fleet_cluster_at(comparing->preview.fleet, cluster)->object.name;
    struct side *was = &comparing->sides[0], *would = &comparing->sides[1];
    bool *present;

    for (int i = 0; i < 2; i++)
        rse_plan_parts(comparing->sides[i].plan, cluster, arena, &comparing->sides[i].parts,
                       &comparing->sides[i].count);
    present = rse_arena_calloc(arena, was->count + 1, sizeof(*present));
    comparing->clusters++;
    for (size_t i = 0; i < was->count && i < would->count; i++) {
        bool has = render_part(was, cluster, i), gets = render_part(would, cluster, i);

        present[i] = has || was->parts[i].frozen;
        if (has && gets)
            differences_compare(comparing->differences, name, &was->files, &would->files);
        comparing->failed += has && !gets;
    }
    return compare_lists(comparing, cluster, name, present, err);
}

static bool compare(struct comparing *comparing, struct rse_err *err)
{
    uint32_t count = rse_fleet_nbits(comparing->preview.fleet);

    for (uint32_t i = 0; i < count; i++) {
        enum rse_folder_wish wish = rse_plan_wish(comparing->sides[0].plan, i);

        if (stop_requested())
            return rse_fail(err, RSE_UNAVAILABLE, "the worker is shutting down");
        if ((wish == RSE_FOLDER_FULL || wish == RSE_FOLDER_FLUX) && !compare_cluster(comparing, i, err))
            return false;
    }
    return true;
}

static bool render_answer(const struct comparing *comparing, struct rse_buf *out, struct rse_err *err)
{
    rse_buf_addf(out,
                 "{\"current\":%" PRId64 ",\"newest\":%d,\"to\":%" PRId64 ",\"revision\":%" PRId64
                 ",\"templates\":\"%s\",\"clusters\":%" PRId64 ",\"failed\":%" PRId64 ",",
                 rse_plan_format(comparing->sides[0].plan), RSE_PLAN_FORMAT, rse_plan_format(comparing->sides[1].plan),
                 comparing->preview.revision, git_oid_tostr_s(&comparing->preview.templates.commit),
                 comparing->clusters, comparing->failed);
    if (!differences_render(comparing->differences, out, err))
        return false;
    rse_buf_addc(out, '}');
    return true;
}

bool question_format(struct question *question, struct rse_buf *out, struct rse_err *err)
{
    const char *text = question->param(question, "to");
    struct comparing comparing = { .clusters = 0 };
    int64_t to = RSE_PLAN_FORMAT;

    if (text != NULL && !rse_parse_int64(rse_str(text), 1, RSE_PLAN_FORMAT, &to)) {
        question_name_param(err, "to");
        return rse_fail(err, RSE_INVALID, "\"%s\" is no format: they go from 1 to %d", text, RSE_PLAN_FORMAT);
    }
    if (!preview_open(&comparing.preview, question, err))
        return false;
    comparing.differences = differences_new(question->arena);
    bool ok = open_side(&comparing.sides[0], &comparing.preview, question->target_id, 0, err) &&
              open_side(&comparing.sides[1], &comparing.preview, question->target_id, to, err) &&
              compare(&comparing, err) && render_answer(&comparing, out, err);
    close_side(&comparing.sides[0]);
    close_side(&comparing.sides[1]);
    differences_free(comparing.differences);
    preview_release(&comparing.preview);
    return ok;
}
