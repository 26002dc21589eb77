/*
 * changeset_seal.c - checks a change set as a whole, and writes out what the database takes.
 */
#include "api-server/fleet/changeset_internal.h"
#include "api-server/fleet/etag.h"
#include "api-server/fleet/touched.h"
#include "api-server/store/change.h"

enum { DOC_MAX_BYTES = 4 * 1024 * 1024 };

static bool check(struct changeset *set, struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(set->arena, struct rse_faults);

    faults->arena = set->arena;
    changeset_object_faults(set, faults);
    changeset_value_faults(set, faults);
    return rse_faults_check(faults, err);
}

/* A dependent gets a new document but no new version: nobody wrote it. The check puts the new names into it. */
static void derive(struct changeset *set)
{
    for (size_t i = 0; i < set->ndependents; i++) {
        const struct rse_dependent *dependent = &set->dependents[i];
        size_t before = set->count;
        struct change *change;

        if (rse_fleet_get(set->fleet, dependent->noun, dependent->id) == NULL)
            continue; /* deleted by this very set */
        change = changeset_change_of(set, dependent->noun, dependent->id);
        change->derived = change->derived || set->count > before;
    }
}

static void render_one(struct changeset *set, struct change *change, struct rse_buf *docs)
{
    const struct rse_object *object = rse_fleet_get(set->fleet, change->noun, change->id);

    change->name = changeset_shown_name(set, object);
    rse_object_render(object, 0, docs);
}

static bool render_staged(struct changeset *set, struct rse_err *err)
{
    RSE_BUF_AUTO doc = { 0 };

    rse_buf_init(&doc, DOC_MAX_BYTES);
    set->staged_docs = doc_store_new();
    for (size_t i = 0; i < set->count; i++) {
        struct change *c = &set->changes[i];

        if (!changeset_is_staged(set, c))
            continue;
        rse_buf_reset(&doc);
        render_one(set, c, &doc);
        if (!rse_buf_ok(&doc, err))
            return false;
        rse_format_hex64(etag_of(rse_buf_str(&doc)), c->etag);
        c->staged = 1 + doc_store_add(set->staged_docs, rse_buf_str(&doc));
    }
    return doc_store_bytes(set->staged_docs) <= CHANGESET_DOCS_MAX_BYTES ||
           rse_fail(err, RSE_TOO_LARGE, "the documents of the write are larger than %d MiB in all",
                    CHANGESET_DOCS_MAX_BYTES >> 20);
}

/* Writes the column of documents; they don't move any more when it is complete. */
static bool render(struct changeset *set, struct rse_err *err)
{
    size_t at = 0;

    for (size_t i = 0; i < set->count; i++) {
        struct change *c = &set->changes[i];
        size_t start = set->docs.len;

        if (changeset_is_staged(set, c))
            continue;
        if (c->is_template)
            rse_buf_add_str(&set->docs, c->doc);
        else if (!c->is_delete)
            render_one(set, c, &set->docs);
        c->doc.len = set->docs.len - start;
        rse_buf_addc(&set->docs, '\n');
    }
    if (!rse_buf_ok(&set->docs, err))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        struct change *c = &set->changes[i];

        if (changeset_is_staged(set, c))
            continue;
        c->doc.p = set->docs.p + at;
        at += c->doc.len + 1;
        if (c->doc.len > 0)
            rse_format_hex64(etag_of(c->doc), c->etag);
    }
    return true;
}

static bool render_all(struct changeset *set, struct rse_err *err)
{
    changeset_choose_staged(set);
    return (set->staged == 0 || render_staged(set, err)) && render(set, err);
}

static const char *noun_name(const struct change *change)
{
    return change->is_template ? "template" : rse_noun_info(change->noun)->name;
}

static void add_item(struct changeset *set, const char *noun, const char *op, int64_t id, struct rse_str etag)
{
    const char *comma = set->nouns.len > 1 ? "," : "";

    rse_buf_addf(&set->nouns, "%s%s", comma, noun);
    rse_buf_addf(&set->ops, "%s%s", comma, op);
    rse_buf_addf(&set->ids, "%s%lld", comma, (long long)id);
    rse_buf_addf(&set->etags, "%s%.*s", comma, RSE_STR_ARG(etag.len > 0 ? etag : RSE_STR("null")));
}

/* Nouns, ops, ids and ETags need no quoting in an array literal: their letters are ours. */
static void write_columns(struct changeset *set)
{
    struct rse_buf *columns[] = { &set->nouns, &set->ops, &set->ids, &set->etags };

    for (size_t i = 0; i < RSE_COUNT(columns); i++)
        rse_buf_addc(columns[i], '{');
    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->changes[i];

        if (changeset_is_staged(set, c))
            continue;
        add_item(set, noun_name(c), c->is_delete ? "delete" : "put", c->id, rse_str(c->etag));
    }
    for (size_t i = 0; i < set->nmatches; i++) {
        const struct match *m = &set->matches[i];

        add_item(set, rse_noun_info(m->noun)->name, "match", m->id, m->etag);
    }
    for (size_t i = 0; i < RSE_COUNT(columns); i++)
        rse_buf_addc(columns[i], '}');
}

bool changeset_seal(struct changeset *set, struct rse_err *err)
{
    bool ok;

    struct touched *touched;

    derive(set);
    ok = check(set, err) && render_all(set, err);
    touched = touched_new();
    if (ok)
        touched_add(touched, set->fleet, set->changes, set->count);
    changeset_take_back(set);
    if (ok) {
        touched_add(touched, set->fleet, set->changes, set->count);
        set->targets = touched_targets(touched, set->arena);
    }
    touched_free(touched);
    if (!ok)
        return false;
    write_columns(set);
    return rse_buf_ok(&set->nouns, err) && rse_buf_ok(&set->ops, err) && rse_buf_ok(&set->ids, err) &&
           rse_buf_ok(&set->etags, err);
}

void changeset_items(const struct changeset *set, struct change_items *out)
{
    *out = (struct change_items){
        .nouns = set->nouns.p,
        .ops = set->ops.p,
        .ids = set->ids.p,
        .etags = set->etags.p,
        .docs = set->docs.p != NULL ? set->docs.p : "",
        .targets = set->targets,
        .size = set->docs.len + (set->staged_docs != NULL ? doc_store_bytes(set->staged_docs) : 0),
    };
}
