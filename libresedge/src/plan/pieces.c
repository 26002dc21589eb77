/*
 * pieces.c - the files of a part: those that are the same on every cluster rendered once, the others on each.
 */
#include "libresedge/src/plan/plan_internal.h"

/* The bytes of a file that doesn't depend on the cluster. */
static bool piece_share(struct rse_plan *plan, struct plan_values *values, struct piece *piece, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_RENDERED_FILE);
    piece->shared = true;
    if (rse_template_is_constant(piece->file->tpl)) {
        piece->bytes = piece->source->text;
        return true;
    }
    if (!rse_template_render(piece->file->tpl, &values->values, &text, err) || !rse_buf_ok(&text, err))
        return false;
    piece->bytes = rse_arena_str(plan->arena, rse_buf_str(&text));
    return true;
}

bool pieces_make(struct rse_plan *plan, const struct template_set *set, const struct variant *variant,
                 struct rse_str folder, const struct rse_namespace *namespace_,
                 const struct rse_application *application, struct pieces *out, struct rse_err *err)
{
    struct plan_values values;
    bool ok = true;

    plan_values_init(&values, plan, UINT32_MAX, namespace_, application);
    out->at = rse_arena_calloc(plan->arena, variant->nfiles, sizeof(out->at[0]));
    for (size_t i = 0; i < variant->nfiles && ok; i++) {
        struct piece *piece = &out->at[out->count++];

        piece->file = &set->pub.files[variant->files[i]];
        piece->source = set->sources[variant->files[i]];
        piece->path =
            rse_str(rse_arena_printf(plan->arena, "%.*s/%.*s", RSE_STR_ARG(folder), RSE_STR_ARG(piece->file->path)));
        if (!rse_template_uses_scope(piece->file->tpl, RSE_SCOPE_CLUSTER))
            ok = piece_share(plan, &values, piece, err);
    }
    plan_values_release(&values);
    return ok;
}

bool rendering_add_text(struct rendering *rendering, struct rse_str path, struct rse_str text, bool shared)
{
    struct rse_planned_file file = { .path = path, .bytes = text, .shared = shared };

    return rendering->sink(rendering->arg, &file, rendering->err);
}

bool rendering_add_template(struct rendering *rendering, struct rse_str path, const struct rse_template_file *source,
                            const struct rse_template *tpl)
{
    struct rse_planned_file file = { .path = path, .source = source, .tpl = tpl, .spans = &rendering->spans };

    rse_buf_reset(&rendering->buf);
    if (!rse_template_render_spans(tpl, &rendering->values.values, &rendering->buf, &rendering->spans,
                                   rendering->err) ||
        !rse_buf_ok(&rendering->buf, rendering->err))
        return false;
    file.bytes = rse_buf_str(&rendering->buf);
    return rendering->sink(rendering->arg, &file, rendering->err);
}

static bool add_shared_piece(struct rendering *rendering, const struct piece *piece)
{
    struct rse_planned_file file = {
        .path = piece->path,
        .bytes = piece->bytes,
        .source = piece->file,
        .constant = rse_template_is_constant(piece->file->tpl),
        .shared = true,
    };

    return rendering->sink(rendering->arg, &file, rendering->err);
}

bool rendering_add_pieces(struct rendering *rendering, const struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = &pieces->at[i];

        if (!(piece->shared ? add_shared_piece(rendering, piece)
                            : rendering_add_template(rendering, piece->path, piece->file, piece->file->tpl)))
            return false;
    }
    return true;
}
