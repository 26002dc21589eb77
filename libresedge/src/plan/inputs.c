/*
 * inputs.c - takes down what a plan is made of: memberships as they are, everything else as digests.
 *
 * A digest covers what decides over the bytes of a part's files on a given cluster: of each file its path, its blob and
 * which placeholders were found in it (the same bytes mean something else once there is another key), of each placeholder of
 * a namespace or an application its value, and errors as people read them.
 */
#include "libresedge/src/plan/inputs.h"

#include <stdlib.h>

#include "libresedge/src/template/program.h"
#include "resedge/map.h"

#define MAX_DIGESTED ((size_t)256 << 20)

/* Length first, so that no two sequences of texts look alike. */
static void add_text(struct rse_buf *out, struct rse_str text)
{
    rse_buf_addn(out, &text.len, sizeof(text.len));
    rse_buf_add_str(out, text);
}

static void add_number(struct rse_buf *out, int64_t number)
{
    rse_buf_addn(out, &number, sizeof(number));
}

static void add_err(struct rse_buf *out, const struct rse_err *err)
{
    add_number(out, err->code);
    if (err->code == RSE_OK)
        return;
    add_text(out, rse_str(err->what));
    add_text(out, rse_str(err->object));
    add_text(out, rse_str(err->hint));
}

static uint64_t digest_of(const struct rse_buf *text)
{
    return rse_hash(text->p, text->len);
}

/* ---- files ---- */

static void add_uses(struct rse_buf *out, struct plan_values *values, const struct rse_template *tpl)
{
    const uint32_t *keys;
    const uint8_t *scopes;
    size_t count = rse_template_uses(tpl, &keys, &scopes);

    add_number(out, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        struct rse_str value = { NULL, 0 };

        add_number(out, scopes[i]);
        add_text(out, values->plan->origins[scopes[i]][keys[i]].name);
        if (scopes[i] == RSE_SCOPE_CLUSTER)
            continue;
        add_number(out, values->values.get(values->values.arg, scopes[i], keys[i], &value));
        add_text(out, value);
    }
}

static void add_pieces(struct rse_buf *out, struct plan_values *values, const struct pieces *pieces)
{
    add_number(out, (int64_t)pieces->count);
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = &pieces->at[i];

        add_text(out, piece->path);
        rse_buf_addn(out, piece->file->id, RSE_OID_SIZE);
        add_uses(out, values, piece->file->tpl);
    }
}

/* A generated one: its text is all there is. */
static void add_template(struct rse_buf *out, struct plan_values *values, const struct rse_template *tpl)
{
    add_number(out, tpl != NULL);
    if (tpl == NULL)
        return;
    add_text(out, tpl->text);
    add_uses(out, values, tpl);
}

/* ---- parts ---- */

static uint64_t digest_target(const struct rse_plan *plan, struct rse_buf *text)
{
    const struct rse_target *target = plan->target;
    struct plan_values values;

    rse_buf_reset(text);
    add_number(text, plan->format);
    add_text(text, target->object.name);
    add_text(text, target->url);
    add_text(text, target->branch);
    add_text(text, target->flux_source);
    add_number(text, target->folder_pattern);
    plan_values_init(&values, plan, UINT32_MAX, NULL, NULL);
    add_template(text, &values, plan->namespaces_listener);
    plan_values_release(&values);
    return digest_of(text);
}

static uint64_t digest_bootstrap(const struct rse_plan *plan, struct rse_buf *text)
{
    struct plan_values values;

    rse_buf_reset(text);
    add_number(text, plan->bootstrap != NULL);
    add_err(text, &plan->bootstrap_err);
    plan_values_init(&values, plan, UINT32_MAX, NULL, NULL);
    add_pieces(text, &values, &plan->bootstrap_pieces);
    plan_values_release(&values);
    return digest_of(text);
}

static uint64_t digest_namespace(const struct rse_plan *plan, const struct plan_namespace *entry, struct rse_buf *text)
{
    struct plan_values values;

    rse_buf_reset(text);
    add_text(text, entry->path);
    add_text(text, entry->head);
    add_text(text, entry->tail);
    add_number(text, entry->has_paused);
    add_err(text, &entry->err);
    plan_values_init(&values, plan, UINT32_MAX, entry->namespace_, NULL);
    add_pieces(text, &values, &entry->policies);
    plan_values_release(&values);
    return digest_of(text);
}

static void add_needs(struct rse_buf *text, const struct choice *choice)
{
    add_number(text, (int64_t)choice->nneeds);
    for (size_t i = 0; i < choice->nneeds; i++) {
        const struct plan_application *needed = choice->needs[i];

        add_number(text, needed->application->object.id);
        add_text(text, needed->application->object.name);
        add_number(text, needed->namespace_->namespace_->object.id);
        add_text(text, needed->namespace_->namespace_->object.name);
    }
}

static uint64_t digest_choice(const struct rse_plan *plan, const struct choice *choice, struct rse_buf *text)
{
    const struct plan_application *entry = choice->entry;
    struct plan_values values;

    rse_buf_reset(text);
    add_number(text, entry->namespace_->namespace_->object.id);
    add_text(text, entry->namespace_->namespace_->object.name);
    add_text(text, entry->application->object.name);
    add_text(text, entry->listener_path);
    add_text(text, choice->version);
    add_number(text, choice->brings_namespace);
    add_number(text, entry->application->paused);
    add_err(text, &entry->err);
    add_err(text, &choice->err);
    add_needs(text, choice);
    plan_values_init(&values, plan, UINT32_MAX, entry->namespace_->namespace_, entry->application);
    add_pieces(text, &values, &choice->pieces);
    add_template(text, &values, choice->listener);
    plan_values_release(&values);
    return digest_of(text);
}

/* ---- the whole ---- */

static void take_namespaces(struct rse_plan_inputs *inputs, const struct rse_plan *plan, struct rse_buf *text)
{
    inputs->nnamespaces = plan->nnamespaces;
    inputs->namespaces = rse_arena_calloc(inputs->arena, plan->nnamespaces, sizeof(inputs->namespaces[0]));
    inputs->namespaces_by_id = rse_map_new();
    for (size_t i = 0; i < plan->nnamespaces; i++) {
        const struct plan_namespace *entry = &plan->namespaces[i];
        struct namespace_inputs *of = &inputs->namespaces[i];

        of->id = entry->namespace_->object.id;
        of->digest = digest_namespace(plan, entry, text);
        of->has_paused = entry->has_paused;
        rse_bitmap_init(&of->clusters, 0);
        rse_bitmap_copy(&of->clusters, &entry->clusters);
        rse_map_put_id(inputs->namespaces_by_id, of->id, of);
    }
}

/* Of the clusters that are left, those that the choice selects; the base takes the rest. */
static void take_choices(struct application_inputs *of, const struct rse_plan *plan,
                         const struct plan_application *entry, struct rse_buf *text)
{
    RSE_BITMAP_AUTO left = { 0 };

    rse_bitmap_init(&left, 0);
    rse_bitmap_copy(&left, entry->application->paused ? &plan->clusters : &entry->namespace_->clusters);
    for (size_t i = 0; i < entry->nchoices; i++) {
        const struct choice *choice = &entry->choices[i];
        struct choice_inputs *taken = &of->choices[i];

        taken->digest = digest_choice(plan, choice, text);
        of->brings_namespace |= choice->brings_namespace;
        rse_bitmap_init(&taken->clusters, 0);
        rse_bitmap_copy(&taken->clusters, &left);
        if (i + 1 < entry->nchoices)
            rse_bitmap_and(&taken->clusters, &choice->clusters);
        rse_bitmap_andnot(&left, &taken->clusters);
    }
}

static void take_applications(struct rse_plan_inputs *inputs, const struct rse_plan *plan, struct rse_buf *text)
{
    inputs->napplications = plan->napplications;
    inputs->applications = rse_arena_calloc(inputs->arena, plan->napplications, sizeof(inputs->applications[0]));
    inputs->applications_by_id = rse_map_new();
    for (size_t i = 0; i < plan->napplications; i++) {
        const struct plan_application *entry = &plan->applications[i];
        struct application_inputs *of = &inputs->applications[i];

        of->id = entry->application->object.id;
        of->namespace_id = entry->namespace_->namespace_->object.id;
        of->nchoices = entry->nchoices;
        of->choices = rse_arena_calloc(inputs->arena, entry->nchoices, sizeof(of->choices[0]));
        take_choices(of, plan, entry, text);
        rse_map_put_id(inputs->applications_by_id, of->id, of);
    }
}

struct rse_plan_inputs *rse_plan_inputs_new(const struct rse_plan *plan)
{
    struct rse_plan_inputs *inputs = rse_new(struct rse_plan_inputs);
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_DIGESTED);
    inputs->arena = rse_arena_new();
    inputs->target = digest_target(plan, &text);
    inputs->bootstrap = digest_bootstrap(plan, &text);
    rse_bitmap_init(&inputs->clusters, 0);
    rse_bitmap_copy(&inputs->clusters, &plan->clusters);
    take_namespaces(inputs, plan, &text);
    take_applications(inputs, plan, &text);
    return inputs;
}

static void release_application(struct application_inputs *application)
{
    for (size_t i = 0; i < application->nchoices; i++)
        rse_bitmap_release(&application->choices[i].clusters);
}

void rse_plan_inputs_free(struct rse_plan_inputs *inputs)
{
    if (inputs == NULL)
        return;
    for (size_t i = 0; i < inputs->nnamespaces; i++)
        rse_bitmap_release(&inputs->namespaces[i].clusters);
    for (size_t i = 0; i < inputs->napplications; i++)
        release_application(&inputs->applications[i]);
    rse_bitmap_release(&inputs->clusters);
    rse_map_free(inputs->namespaces_by_id);
    rse_map_free(inputs->applications_by_id);
    rse_arena_free(inputs->arena);
    free(inputs);
}
