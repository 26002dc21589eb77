/*
 * changeset.c - see changeset.h.
 */
#include <stdio.h>

#include <openssl/evp.h>

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/doc_store.h"
#include "api-server/fleet/touched.h"
#include "api-server/store/change.h"

enum {
    DOCS_MAX_BYTES = 512 * 1024 * 1024,
    DOC_MAX_BYTES = 4 * 1024 * 1024,
    COLUMN_MAX_BYTES = 64 * 1024 * 1024,
    STAGE_MIN = 2000, /* clusters: fewer are as quick in one go */
    BATCH_CLUSTERS = 500,
};

/* An ETag that the stored object must have. */
struct match {
    enum rse_noun noun;
    int64_t id;
    struct rse_str etag;
};

struct changeset {
    struct rse_fleet *fleet;
    struct rse_arena *arena;
    struct rse_str actor, now;
    bool marked;
    struct change *changes;
    size_t count, cap;
    struct rse_map *places; /* noun and id -> index + 1 in changes */
    struct match *matches;
    size_t nmatches, matches_cap;
    struct rse_dependent *dependents; /* whose documents show something of an object that is called otherwise now */
    size_t ndependents, dependents_cap;
    bool uncovers; /* something was deleted: values that it hid may count now */
    size_t unchanged;
    struct rse_buf docs;           /* one a line, of what isn't staged */
    struct doc_store *staged_docs; /* NULL: nothing is staged */
    size_t staged;
    struct rse_buf nouns, ops, ids, etags;
    const char *targets; /* that it may give work; NULL: all */
    int64_t revision;
    char change_id[40];
};

struct changeset *changeset_new(struct rse_fleet *fleet, struct rse_str actor, struct rse_str now)
{
    struct changeset *set = rse_new(struct changeset);

    set->fleet = fleet;
    set->arena = rse_arena_new();
    set->actor = rse_arena_str(set->arena, actor);
    set->now = rse_arena_str(set->arena, now);
    set->revision = rse_fleet_revision(fleet);
    set->places = rse_map_new();
    rse_buf_init(&set->docs, DOCS_MAX_BYTES);
    rse_buf_init(&set->nouns, COLUMN_MAX_BYTES);
    rse_buf_init(&set->ops, COLUMN_MAX_BYTES);
    rse_buf_init(&set->ids, COLUMN_MAX_BYTES);
    rse_buf_init(&set->etags, COLUMN_MAX_BYTES);
    rse_fleet_mark(fleet);
    set->marked = true;
    return set;
}

static void take_back(struct changeset *set)
{
    if (set->marked)
        rse_fleet_rollback(set->fleet);
    set->marked = false;
}

void changeset_free(struct changeset *set)
{
    if (set == NULL)
        return;
    take_back(set);
    rse_map_free(set->places);
    rse_buf_release(&set->docs);
    doc_store_free(set->staged_docs);
    rse_buf_release(&set->nouns);
    rse_buf_release(&set->ops);
    rse_buf_release(&set->ids);
    rse_buf_release(&set->etags);
    rse_freep(&set->changes);
    rse_freep(&set->matches);
    rse_freep(&set->dependents);
    rse_arena_free(set->arena);
    rse_freep(&set);
}

const struct rse_fleet *changeset_fleet(const struct changeset *set)
{
    return set->fleet;
}

struct rse_arena *changeset_arena(const struct changeset *set)
{
    return set->arena;
}

/* ---- building ---- */

static void name_object(struct rse_err *err, const struct rse_object *object)
{
    rse_err_object(err, "%s \"%.*s\"", rse_noun_info(object->noun)->name, RSE_STR_ARG(object->name));
}

static struct rse_str shown_name(const struct rse_object *object)
{
    return object->noun == RSE_GROUP ? ((const struct rse_group *)object)->name_path : object->name;
}

/* The change of an object, found or made. */
static struct change *change_of(struct changeset *set, enum rse_noun noun, int64_t id)
{
    const int64_t key[2] = { noun, id };
    struct rse_str place = rse_str_n((const char *)key, sizeof(key));
    uintptr_t index = (uintptr_t)rse_map_get(set->places, place);

    if (index == 0) {
        RSE_GROW(set->changes, set->count, set->cap);
        set->changes[set->count] = (struct change){ .noun = noun, .id = id };
        index = ++set->count;
        rse_map_put(set->places, place, (void *)index);
    }
    return &set->changes[index - 1];
}

static struct rse_str trimmed(struct rse_str text)
{
    while (text.len > 0 && strchr(" \t\n", text.p[text.len - 1]) != NULL)
        text.len--;
    while (text.len > 0 && strchr(" \t\n", text.p[0]) != NULL)
        text = rse_str_from(text, 1);
    return text;
}

static void trim_expressions(struct rse_object *object)
{
    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++) {
        struct rse_str *text = (struct rse_str *)((char *)object + f->offset);

        if ((f->flags & RSE_FIELD_EXPRESSION) != 0 && text->p != NULL)
            *text = trimmed(*text);
    }
}

static void stamp(struct changeset *set, const struct rse_object *old, struct rse_object *object)
{
    object->version = old != NULL ? old->version + 1 : 1;
    object->created_at = old != NULL ? old->created_at : set->now;
    object->created_by = old != NULL ? old->created_by : set->actor;
    object->updated_at = set->now;
    object->updated_by = set->actor;
}

/* Whether documents of others show something else when the new state comes. */
static bool looks_different(const struct rse_object *old, const struct rse_object *now)
{
    if (!rse_str_eq(old->name, now->name))
        return true;
    if (old->noun == RSE_GROUP)
        return ((const struct rse_group *)old)->parent.id != ((const struct rse_group *)now)->parent.id;
    if (old->noun == RSE_TARGET) { /* clusters show them as gitOpsRepo and gitOpsBranch */
        const struct rse_target *a = (const struct rse_target *)old, *b = (const struct rse_target *)now;

        return !rse_str_eq(a->url, b->url) || !rse_str_eq(a->branch, b->branch);
    }
    return false;
}

static void add_dependents(struct changeset *set, const struct rse_dependent *dependents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        RSE_GROW(set->dependents, set->ndependents, set->dependents_cap);
        set->dependents[set->ndependents++] = dependents[i];
    }
}

/* References are kept by id but documents show them by name, and expressions hold names: all of these change with it. */
static bool put_renamed(struct changeset *set, const struct rse_object *object, struct rse_err *err)
{
    struct rse_dependent *dependents, *changed;
    size_t count = rse_fleet_dependents(set->fleet, object->noun, object->id, set->arena, &dependents);

    add_dependents(set, dependents, count);
    if (!rse_fleet_put_renamed(set->fleet, object, set->arena, &changed, &count, err))
        return false;
    add_dependents(set, changed, count);
    return true;
}

bool changeset_put(struct changeset *set, struct rse_object *object, struct rse_err *err)
{
    const struct rse_object *old = object->id != 0 ? rse_fleet_get(set->fleet, object->noun, object->id) : NULL;
    struct change *change;
    bool ok;

    trim_expressions(object);
    if (!rse_fleet_resolve(set->fleet, object, set->arena, err)) {
        name_object(err, object);
        return false;
    }
    if (old != NULL && rse_object_spec_eq(old, object)) {
        set->unchanged++;
        return true;
    }
    stamp(set, old, object);
    if (object->id == 0)
        object->id = rse_fleet_last_id(set->fleet, object->noun) + 1;
    ok = old != NULL && looks_different(old, object) ? put_renamed(set, object, err)
                                                     : rse_fleet_put(set->fleet, object, err);
    if (!ok) {
        name_object(err, object);
        return false;
    }
    change = change_of(set, object->noun, object->id);
    change->created = change->created || old == NULL;
    return true;
}

void changeset_placed(struct changeset *set, const struct rse_object *object, size_t index)
{
    change_of(set, object->noun, object->id)->place = (uint32_t)index + 1;
}

bool changeset_delete(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_err *err)
{
    const struct rse_object *object = rse_fleet_get(set->fleet, noun, id);
    struct change *change;

    if (object == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(noun)->name, (long long)id);
    if (!rse_fleet_check_unused(set->fleet, noun, id, err)) {
        name_object(err, object);
        return false;
    }
    change = change_of(set, noun, id);
    change->is_delete = true;
    change->name = rse_arena_str(set->arena, shown_name(object));
    rse_fleet_remove(set->fleet, noun, id);
    set->uncovers = true;
    return true;
}

static void add_match(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_str etag)
{
    RSE_GROW(set->matches, set->nmatches, set->matches_cap);
    set->matches[set->nmatches++] = (struct match){ noun, id, rse_arena_str(set->arena, etag) };
}

static bool is_etag(struct rse_str etag)
{
    for (size_t i = 0; i < etag.len; i++) {
        if (strchr("0123456789abcdef", etag.p[i]) == NULL)
            return false;
    }
    return etag.len == 16;
}

/* If-Match: "a", "b". Ours are strong; a weak one, or one that we can't have made, matches nothing. */
void changeset_if_match(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_str header)
{
    size_t before = set->nmatches;

    while (header.len > 0) {
        ptrdiff_t comma = rse_str_find(header, ',');
        struct rse_str etag = trimmed(comma < 0 ? header : rse_str_n(header.p, (size_t)comma));

        header = comma < 0 ? rse_str_n(NULL, 0) : rse_str_from(header, (size_t)comma + 1);
        if (rse_str_is(etag, "*"))
            add_match(set, noun, id, etag);
        else if (etag.len == 18 && etag.p[0] == '"' && is_etag(rse_str_n(etag.p + 1, 16)))
            add_match(set, noun, id, rse_str_n(etag.p + 1, 16));
    }
    if (set->nmatches == before)
        add_match(set, noun, id, RSE_STR("none"));
}

void changeset_put_template(struct changeset *set, int64_t target_id, const struct template_push *push)
{
    const struct rse_object *target = rse_fleet_get(set->fleet, RSE_TARGET, target_id);
    struct change *change = change_of(set, RSE_NOUN_COUNT, target_id);
    RSE_BUF_AUTO doc = { 0 };

    change->is_template = true;
    change->name = target != NULL ? rse_arena_str(set->arena, target->name) : rse_str(NULL);
    rse_buf_init(&doc, 4096);
    rse_buf_adds(&doc, "{\"target\":");
    rse_json_add_string(&doc, change->name);
    rse_buf_adds(&doc, ",\"commit\":");
    rse_json_add_string(&doc, push->commit);
    rse_buf_adds(&doc, ",\"tree\":");
    rse_json_add_string(&doc, push->tree);
    if (push->author.len > 0) {
        rse_buf_adds(&doc, ",\"author\":{\"name\":");
        rse_json_add_string(&doc, push->author);
        rse_buf_adds(&doc, ",\"email\":");
        rse_json_add_string(&doc, push->email);
        rse_buf_addc(&doc, '}');
    }
    rse_buf_addc(&doc, '}');
    change->doc = rse_arena_str(set->arena, rse_buf_str(&doc));
}

/* ---- sealing ---- */

static void add_fault(struct changeset *set, struct rse_faults *faults, const struct change *change,
                      struct rse_err *err)
{
    size_t before = faults->count;

    name_object(err, rse_fleet_get(set->fleet, change->noun, change->id));
    rse_faults_add(faults, err);
    if (change->place > 0)
        rse_faults_within(faults, before, "/%s/%u", rse_noun_info(change->noun)->plural, change->place - 1);
}

static bool check(struct changeset *set, struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(set->arena, struct rse_faults);
    struct rse_err one = RSE_ERR_INIT;

    faults->arena = set->arena;
    for (size_t i = 0; i < set->count && !faults->more; i++) {
        const struct change *c = &set->changes[i];

        if (!c->is_delete && !c->is_template && !rse_fleet_check(set->fleet, c->noun, c->id, &one))
            add_fault(set, faults, c, &one);
    }
    if (faults->count == 0 && set->uncovers && !rse_fleet_check_values(set->fleet, &one))
        rse_faults_add(faults, &one);
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
        change = change_of(set, dependent->noun, dependent->id);
        change->derived = change->derived || set->count > before;
    }
}

static void hash_doc(struct rse_str doc, char etag[17])
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    EVP_Digest(doc.p, doc.len, digest, &size, EVP_sha256(), NULL);
    for (size_t i = 0; i < 8; i++) {
        etag[2 * i] = HEX[digest[i] >> 4];
        etag[2 * i + 1] = HEX[digest[i] & 15];
    }
    etag[16] = '\0';
}

static void render_one(struct changeset *set, struct change *change, struct rse_buf *docs)
{
    const struct rse_object *object = rse_fleet_get(set->fleet, change->noun, change->id);

    change->name = rse_arena_str(set->arena, shown_name(object));
    rse_object_render(object, 0, docs);
}

static bool is_staged(const struct changeset *set, const struct change *change)
{
    return set->staged > 0 && change->noun == RSE_CLUSTER && !change->is_delete && !change->is_template;
}

/* Once all changes are known. */
static void choose_staged(struct changeset *set)
{
    size_t clusters = 0;

    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->changes[i];

        clusters += c->noun == RSE_CLUSTER && !c->is_delete && !c->is_template;
    }
    set->staged = clusters >= STAGE_MIN ? clusters : 0;
}

static bool render_staged(struct changeset *set, struct rse_err *err)
{
    RSE_BUF_AUTO doc = { 0 };

    rse_buf_init(&doc, DOC_MAX_BYTES);
    set->staged_docs = doc_store_new();
    for (size_t i = 0; i < set->count; i++) {
        struct change *c = &set->changes[i];

        if (!is_staged(set, c))
            continue;
        rse_buf_reset(&doc);
        render_one(set, c, &doc);
        if (!rse_buf_ok(&doc, err))
            return false;
        hash_doc(rse_buf_str(&doc), c->etag);
        c->staged = 1 + doc_store_add(set->staged_docs, rse_buf_str(&doc));
    }
    return doc_store_bytes(set->staged_docs) <= DOCS_MAX_BYTES ||
           rse_fail(err, RSE_TOO_LARGE, "the documents of the write are larger than %d MiB in all",
                    DOCS_MAX_BYTES >> 20);
}

/* Writes the column of documents; they don't move any more when it is complete. */
static bool render(struct changeset *set, struct rse_err *err)
{
    size_t at = 0;

    for (size_t i = 0; i < set->count; i++) {
        struct change *c = &set->changes[i];
        size_t start = set->docs.len;

        if (is_staged(set, c))
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

        if (is_staged(set, c))
            continue;
        c->doc.p = set->docs.p + at;
        at += c->doc.len + 1;
        if (c->doc.len > 0)
            hash_doc(c->doc, c->etag);
    }
    return true;
}

static bool render_all(struct changeset *set, struct rse_err *err)
{
    choose_staged(set);
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

        if (is_staged(set, c))
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
    take_back(set);
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

/* ---- reading ---- */

bool changeset_is_empty(const struct changeset *set)
{
    return set->count == 0 && set->nmatches == 0;
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

bool changeset_is_big(const struct changeset *set)
{
    return set->staged > 0;
}

size_t changeset_staged(const struct changeset *set)
{
    return set->staged;
}

struct rse_str changeset_doc(const struct changeset *set, const struct change *change)
{
    return change->staged > 0 ? doc_store_get(set->staged_docs, change->staged - 1) : change->doc;
}

bool changeset_batch(const struct changeset *set, size_t *at, struct rse_buf *etags, struct rse_buf *docs,
                     struct change_batch *out)
{
    size_t in_batch = 0, before = 0;

    rse_buf_addc(etags, '{');
    for (size_t i = 0; i < set->count && in_batch < BATCH_CLUSTERS; i++) {
        const struct change *c = &set->changes[i];

        if (!is_staged(set, c) || before++ < *at)
            continue;
        rse_buf_adds(etags, in_batch > 0 ? "," : "");
        rse_buf_adds(etags, c->etag);
        rse_buf_adds(docs, in_batch++ > 0 ? "\n" : "");
        rse_buf_add_str(docs, changeset_doc(set, c));
    }
    rse_buf_addc(etags, '}');
    *out = (struct change_batch){ .first = *at + 1, .etags = etags->p, .docs = docs->p };
    *at += in_batch;
    return in_batch > 0;
}

uint64_t changeset_staged_digest(const struct changeset *set)
{
    struct {
        uint64_t before;
        int64_t id;
        char etag[16];
    } step = { 0 };

    for (size_t i = 0; i < set->count; i++) {
        if (!is_staged(set, &set->changes[i]))
            continue;
        step.id = set->changes[i].id;
        memcpy(step.etag, set->changes[i].etag, sizeof(step.etag));
        step.before = rse_hash(&step, sizeof(step));
    }
    return step.before;
}

bool changeset_has(const struct changeset *set, enum rse_noun noun, int64_t id)
{
    const int64_t key[2] = { noun, id };

    return rse_map_get(set->places, rse_str_n((const char *)key, sizeof(key))) != NULL;
}

bool changeset_stands_alone(const struct changeset *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->changes[i];
        bool unknown = c->created && (c->noun == RSE_TARGET || c->noun == RSE_GROUP || c->noun == RSE_POLICY);

        if (c->is_delete || (c->noun != RSE_CLUSTER && !unknown))
            return false;
    }
    return true;
}

void changeset_set_revision(struct changeset *set, int64_t revision, const char *change_id)
{
    set->revision = revision;
    snprintf(set->change_id, sizeof(set->change_id), "%s", change_id);
}

size_t changeset_count(const struct changeset *set)
{
    return set->count;
}

const struct change *changeset_at(const struct changeset *set, size_t i)
{
    return &set->changes[i];
}

size_t changeset_unchanged(const struct changeset *set)
{
    return set->unchanged;
}

int64_t changeset_revision(const struct changeset *set)
{
    return set->revision;
}

const char *changeset_change_id(const struct changeset *set)
{
    return set->change_id;
}
