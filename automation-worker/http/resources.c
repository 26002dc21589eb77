#include "automation-worker/http/resources.h"

#include <stdlib.h>

#include <resedge/model.h>
#include <resedge/yaml.h>

#include "automation-worker/http/preview.h"

#define MAX_SHOWN 500

enum op { ADDED, CHANGED, REMOVED, UNCHANGED, OP_COUNT };

static const char *const op_names[] = { "added", "changed", "removed", "unchanged" };

/* ---- reading ---- */

static bool is_yaml(struct rse_str path)
{
    return rse_str_ends(path, RSE_STR(".yaml")) || rse_str_ends(path, RSE_STR(".yml"));
}

static bool are_resources(const struct rse_yaml_doc *docs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (docs[i].kind.len == 0 || docs[i].name.len == 0 ||
            rse_str_starts(docs[i].api_version, RSE_STR("kustomize.config.k8s.io/")))
            return false;
    }
    return count > 0;
}

/* The rest of the text from a line on. */
static struct rse_str from_line(struct rse_str text, uint32_t line)
{
    for (uint32_t i = 1; i < line && text.len > 0; i++) {
        ptrdiff_t end = rse_str_find(text, '\n');

        text = rse_str_from(text, end >= 0 ? (size_t)end + 1 : text.len);
    }
    return text;
}

/* Without the marks between documents. */
static struct rse_str without_marks(struct rse_str text)
{
    if (rse_str_starts(text, RSE_STR("---\n")))
        text = rse_str_from(text, 4);
    if (rse_str_ends(text, RSE_STR("\n---\n")))
        text.len -= 4;
    return text;
}

static void push(struct resources *resources, struct resource resource)
{
    RSE_GROW(resources->at, resources->count, resources->cap);
    resources->at[resources->count++] = resource;
}

void resources_add(struct resources *resources, struct rse_arena *arena, struct rse_str path, struct rse_str bytes)
{
    struct rse_err ignored = RSE_ERR_INIT;
    struct rse_yaml_doc *docs = NULL;
    size_t count = 0;

    if (!is_yaml(path) || !rse_yaml_docs(arena, path, bytes, &docs, &count, &ignored) || !are_resources(docs, count)) {
        push(resources, (struct resource){ .path = path, .text = bytes });
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct rse_str text = from_line(bytes, docs[i].line);

        if (i + 1 < count)
            text.len -= from_line(bytes, docs[i + 1].line).len;
        push(resources, (struct resource){ .api_version = docs[i].api_version,
                                           .kind = docs[i].kind,
                                           .namespace_ = docs[i].namespace_,
                                           .name = docs[i].name,
                                           .path = path,
                                           .text = without_marks(text) });
    }
}

void resources_release(struct resources *resources)
{
    free(resources->at);
    *resources = (struct resources){ .count = 0 };
}

/* ---- comparing ---- */

/* v1beta1 and v1 of a group are the same resource. */
static struct rse_str group_of(struct rse_str api_version)
{
    ptrdiff_t slash = rse_str_find(api_version, '/');

    return rse_str_n(api_version.p, slash > 0 ? (size_t)slash : 0);
}

static bool same(const struct resource *a, const struct resource *b, bool same_path)
{
    if ((a->kind.len == 0 || b->kind.len == 0 || same_path) && !rse_str_eq(a->path, b->path))
        return false;
    return rse_str_eq(a->kind, b->kind) && rse_str_eq(a->name, b->name) && rse_str_eq(a->namespace_, b->namespace_) &&
           rse_str_eq(group_of(a->api_version), group_of(b->api_version));
}

static struct resource *pair_of(struct resources *among, const struct resource *resource)
{
    for (int anywhere = 0; anywhere < 2; anywhere++) {
        for (size_t i = 0; i < among->count; i++) {
            if (!among->at[i].paired && same(&among->at[i], resource, anywhere == 0))
                return &among->at[i];
        }
    }
    return NULL;
}

struct listing {
    struct rse_buf *out;
    size_t shown, counts[OP_COUNT];
};

static void add_member(struct rse_buf *out, const char *name, struct rse_str value)
{
    rse_buf_addf(out, ",\"%s\":", name);
    if (value.len > 0)
        rse_json_add_string(out, value);
    else
        rse_buf_adds(out, "null");
}

static bool list(struct listing *listing, enum op op, const struct resource *resource, struct rse_str from,
                 struct rse_str to, struct rse_err *err)
{
    struct rse_buf *out = listing->out;

    listing->counts[op]++;
    if (op == UNCHANGED || listing->shown == MAX_SHOWN)
        return true;
    rse_buf_addf(out, "%s{\"op\":\"%s\"", listing->shown++ > 0 ? "," : "", op_names[op]);
    add_member(out, "apiVersion", resource->api_version);
    add_member(out, "kind", resource->kind);
    add_member(out, "namespace", resource->namespace_);
    add_member(out, "name", resource->name);
    add_member(out, "path", resource->path);
    rse_buf_adds(out, ",\"diff\":");
    if (!preview_add_diff(out, from, to, err))
        return false;
    rse_buf_addc(out, '}');
    return true;
}

static bool list_all(struct listing *listing, struct resources *before, struct resources *after, struct rse_err *err)
{
    const struct rse_str nothing = RSE_STR("");

    for (size_t i = 0; i < after->count; i++) {
        const struct resource *now = &after->at[i];
        struct resource *was = pair_of(before, now);
        enum op op = was == NULL ? ADDED : rse_str_eq(was->text, now->text) ? UNCHANGED : CHANGED;

        if (was != NULL)
            was->paired = true;
        if (!list(listing, op, now, was != NULL ? was->text : nothing, now->text, err))
            return false;
    }
    for (size_t i = 0; i < before->count; i++) {
        const struct resource *was = &before->at[i];

        if (!was->paired && !list(listing, REMOVED, was, was->text, nothing, err))
            return false;
    }
    return true;
}

bool resources_compare(struct resources *before, struct resources *after, struct rse_buf *out, struct rse_err *err)
{
    struct listing listing = { .out = out };

    rse_buf_adds(out, "\"resources\":[");
    if (!list_all(&listing, before, after, err))
        return false;
    rse_buf_addc(out, ']');
    for (int op = 0; op < OP_COUNT; op++)
        rse_buf_addf(out, ",\"%s\":%zu", op_names[op], listing.counts[op]);
    return true;
}
