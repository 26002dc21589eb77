/*
 * apply_answer.c - see apply_answer.h.
 */
#include <cjson/cJSON.h>

#include "api-server/fleet/changeset.h"
#include "api-server/handlers/apply_answer.h"

enum { DOC_MAX_BYTES = 16 * 1024 * 1024 };

static const char *op_of(const struct change *change)
{
    if (change->is_delete)
        return "delete";
    return change->created ? "create" : "update";
}

/* {"clusters": n, ...} of one op. */
static void add_counts(struct rse_buf *out, const char *name, const struct changeset *set, const char *op)
{
    size_t counts[RSE_NOUN_COUNT] = { 0 };
    const char *comma = "";

    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *c = changeset_at(set, i);

        if (!c->derived && strcmp(op_of(c), op) == 0)
            counts[c->noun]++;
    }
    rse_buf_addf(out, ",\"%s\":{", name);
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        if (counts[noun] == 0)
            continue;
        rse_buf_addf(out, "%s\"%s\":%zu", comma, rse_noun_info(noun)->plural, counts[noun]);
        comma = ",";
    }
    rse_buf_addc(out, '}');
}

/* ---- differences ---- */

static void add_value(struct rse_buf *out, const char *name, const cJSON *value)
{
    char *text = value != NULL ? cJSON_PrintUnformatted(value) : NULL;

    rse_buf_addf(out, ",\"%s\":", name);
    rse_buf_adds(out, text != NULL ? text : "null");
    cJSON_free(text);
}

static void add_differences(struct rse_buf *out, const struct rse_noun_info *info, const cJSON *before,
                            const cJSON *after)
{
    const char *comma = "";

    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        const cJSON *old = cJSON_GetObjectItemCaseSensitive(before, f->name);
        const cJSON *now = cJSON_GetObjectItemCaseSensitive(after, f->name);

        if ((f->flags & (RSE_FIELD_SERVER | RSE_FIELD_LOOKUP)) == RSE_FIELD_SERVER || cJSON_Compare(old, now, true))
            continue;
        rse_buf_addf(out, "%s{\"field\":\"%s\"", comma, f->name);
        add_value(out, "before", old);
        add_value(out, "after", now);
        rse_buf_addc(out, '}');
        comma = ",";
    }
}

static void add_fields(struct rse_buf *out, const struct changeset *set, const struct change *change)
{
    const struct rse_object *old = rse_fleet_get(changeset_fleet(set), change->noun, change->id);
    struct rse_err err = RSE_ERR_INIT;
    cJSON *before = NULL, *after = NULL;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, DOC_MAX_BYTES);
    if (old != NULL)
        rse_object_render(old, 0, &text);
    rse_buf_adds(out, ",\"fields\":[");
    if (old != NULL && rse_json_parse(&before, rse_buf_str(&text), &err) &&
        rse_json_parse(&after, changeset_doc(set, change), &err))
        add_differences(out, rse_noun_info(change->noun), before, after);
    rse_buf_addc(out, ']');
    cJSON_Delete(before);
    cJSON_Delete(after);
}

static void add_changes(struct rse_buf *out, const struct changeset *set, bool dry_run)
{
    const char *comma = "";

    rse_buf_adds(out, ",\"changes\":[");
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *c = changeset_at(set, i);

        if (c->derived && !dry_run)
            continue;
        rse_buf_addf(out, "%s{\"noun\":\"%s\",\"name\":", comma, rse_noun_info(c->noun)->name);
        rse_json_add_string(out, c->name);
        rse_buf_addf(out, ",\"op\":\"%s\"", op_of(c));
        if (c->derived)
            rse_buf_adds(out, ",\"derived\":true");
        if (dry_run && !c->is_delete && !c->created)
            add_fields(out, set, c);
        rse_buf_addc(out, '}');
        comma = ",";
    }
    rse_buf_addc(out, ']');
}

void apply_answer(const struct changeset *set, bool dry_run, int64_t confirm, struct rse_buf *out)
{
    rse_buf_addf(out, "{\"revision\":%lld", (long long)changeset_revision(set));
    if (dry_run)
        rse_buf_adds(out, ",\"dryRun\":true");
    if (confirm > 0)
        rse_buf_addf(out, ",\"confirm\":%lld", (long long)confirm);
    add_counts(out, "created", set, "create");
    add_counts(out, "updated", set, "update");
    add_counts(out, "deleted", set, "delete");
    rse_buf_addf(out, ",\"unchanged\":%zu", changeset_unchanged(set));
    add_changes(out, set, dry_run);
    rse_buf_addc(out, '}');
}
