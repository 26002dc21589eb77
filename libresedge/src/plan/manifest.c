/*
 * manifest.c - reads kind, name and a few marks of each manifest from the events of libyaml, without building a tree.
 */
#include "libresedge/src/plan/manifest.h"

#include <yaml.h>

/* What a node is within its document. */
enum role { ROLE_OTHER, ROLE_MANIFEST, ROLE_ITEMS, ROLE_METADATA, ROLE_ANNOTATIONS };

/* An open mapping or sequence. */
struct level {
    enum role role;
    bool mapping;
    bool at_value; /* of a mapping: the key was read, its value comes next */
    enum {
        KEY_OTHER,
        KEY_API_VERSION,
        KEY_KIND,
        KEY_NAME,
        KEY_METADATA,
        KEY_ITEMS,
        KEY_ANNOTATIONS,
        KEY_ALLOW,
        KEY_SOPS
    } key;
};

/* A manifest that is being read. */
struct draft {
    struct manifest manifest;
    uint32_t line;
    bool encrypted, allowed;
};

struct scan {
    struct rse_arena *arena;
    struct level *levels;
    size_t depth, cap;
    struct draft drafts[2]; /* of the document, and of an item of its List */
    size_t ndrafts;
    struct manifest *found;
    size_t nfound, found_cap;
    uint32_t secret_line;
};

static struct level *top(struct scan *scan)
{
    return scan->depth > 0 ? &scan->levels[scan->depth - 1] : NULL;
}

static bool scalar_is(const yaml_event_t *event, const char *text)
{
    return rse_str_is(rse_str_n((const char *)event->data.scalar.value, event->data.scalar.length), text);
}

static void read_key(struct level *level, const yaml_event_t *event)
{
    static const struct {
        enum role role;
        const char *name;
        int key;
    } keys[] = {
        { ROLE_MANIFEST, "apiVersion", KEY_API_VERSION },
        { ROLE_MANIFEST, "kind", KEY_KIND },
        { ROLE_MANIFEST, "metadata", KEY_METADATA },
        { ROLE_MANIFEST, "items", KEY_ITEMS },
        { ROLE_MANIFEST, "sops", KEY_SOPS },
        { ROLE_METADATA, "name", KEY_NAME },
        { ROLE_METADATA, "annotations", KEY_ANNOTATIONS },
        { ROLE_ANNOTATIONS, ALLOW_SECRET, KEY_ALLOW },
    };

    level->key = KEY_OTHER;
    for (size_t i = 0; i < RSE_COUNT(keys); i++) {
        if (keys[i].role == level->role && scalar_is(event, keys[i].name))
            level->key = keys[i].key;
    }
}

static void read_value(struct scan *scan, const struct level *level, const yaml_event_t *event)
{
    struct draft *draft = &scan->drafts[scan->ndrafts - 1];
    struct rse_str text = rse_str_n((const char *)event->data.scalar.value, event->data.scalar.length);

    if (level->key == KEY_API_VERSION)
        draft->manifest.api_version = rse_arena_str(scan->arena, text);
    else if (level->key == KEY_KIND)
        draft->manifest.kind = rse_arena_str(scan->arena, text);
    else if (level->key == KEY_NAME)
        draft->manifest.name = rse_arena_str(scan->arena, text);
    else if (level->key == KEY_ALLOW)
        draft->allowed = rse_str_is(text, "true");
}

/* The node that began or was read is a key or a value of the level above it. */
static void count_node(struct level *above)
{
    if (above != NULL && above->mapping)
        above->at_value = !above->at_value;
}

static void read_scalar(struct scan *scan, const yaml_event_t *event)
{
    struct level *level = top(scan);

    if (level != NULL && level->mapping && !level->at_value)
        read_key(level, event);
    else if (level != NULL && level->mapping && scan->ndrafts > 0)
        read_value(scan, level, event);
    count_node(level);
}

static enum role role_of(const struct scan *scan, const struct level *above, bool mapping)
{
    if (above == NULL)
        return mapping ? ROLE_MANIFEST : ROLE_OTHER;
    if (above->role == ROLE_ITEMS)
        return mapping && scan->ndrafts < RSE_COUNT(scan->drafts) ? ROLE_MANIFEST : ROLE_OTHER;
    if (!above->mapping || !above->at_value)
        return ROLE_OTHER;
    if (above->key == KEY_METADATA && mapping)
        return ROLE_METADATA;
    if (above->key == KEY_ANNOTATIONS && mapping)
        return ROLE_ANNOTATIONS;
    return above->key == KEY_ITEMS && !mapping ? ROLE_ITEMS : ROLE_OTHER;
}

static void open_level(struct scan *scan, const yaml_event_t *event, bool mapping)
{
    struct level *above = top(scan);
    enum role role = role_of(scan, above, mapping);

    if (above != NULL && above->mapping && above->at_value && above->key == KEY_SOPS && mapping)
        scan->drafts[scan->ndrafts - 1].encrypted = true;
    count_node(above);
    if (role == ROLE_MANIFEST)
        scan->drafts[scan->ndrafts++] = (struct draft){ .line = (uint32_t)event->start_mark.line + 1 };
    RSE_GROW(scan->levels, scan->depth, scan->cap);
    scan->levels[scan->depth++] = (struct level){ .role = role, .mapping = mapping };
}

/* Kinds of Kubernetes that belong to the whole cluster, with the groups that they are in. */
static bool is_cluster_scoped(const struct manifest *manifest)
{
    static const struct {
        const char *group; /* "": the core's */
        const char *kind;  /* NULL: all of the group */
    } kinds[] = {
        { "", "Namespace" },
        { "", "Node" },
        { "", "PersistentVolume" },
        { "admissionregistration.k8s.io/", NULL },
        { "apiextensions.k8s.io/", NULL },
        { "apiregistration.k8s.io/", NULL },
        { "certificates.k8s.io/", NULL },
        { "flowcontrol.apiserver.k8s.io/", NULL },
        { "networking.k8s.io/", "IngressClass" },
        { "node.k8s.io/", NULL },
        { "rbac.authorization.k8s.io/", "ClusterRole" },
        { "rbac.authorization.k8s.io/", "ClusterRoleBinding" },
        { "resource.k8s.io/", "DeviceClass" },
        { "resource.k8s.io/", "ResourceSlice" },
        { "scheduling.k8s.io/", NULL },
        { "storage.k8s.io/", "CSIDriver" },
        { "storage.k8s.io/", "CSINode" },
        { "storage.k8s.io/", "StorageClass" },
        { "storage.k8s.io/", "VolumeAttachment" },
        { "storage.k8s.io/", "VolumeAttributesClass" },
    };

    for (size_t i = 0; i < RSE_COUNT(kinds); i++) {
        bool in_group = kinds[i].group[0] != '\0' ? rse_str_starts(manifest->api_version, rse_str(kinds[i].group))
                                                  : rse_str_find(manifest->api_version, '/') < 0;

        if (in_group && (kinds[i].kind == NULL || rse_str_is(manifest->kind, kinds[i].kind)))
            return true;
    }
    return false;
}

static bool is_flux(const struct manifest *manifest)
{
    ptrdiff_t slash = rse_str_find(manifest->api_version, '/');

    return slash > 0 && rse_str_ends(rse_str_n(manifest->api_version.p, (size_t)slash), RSE_STR("fluxcd.io"));
}

static bool is_worth_keeping(const struct manifest *manifest)
{
    return manifest->kind.len > 0 && manifest->api_version.len > 0 &&
           (is_cluster_scoped(manifest) || is_flux(manifest));
}

/* Core Secrets only: other groups have kinds of that name that hold no secret. */
static bool is_plain_secret(const struct draft *draft)
{
    return rse_str_is(draft->manifest.kind, "Secret") && !draft->encrypted && !draft->allowed &&
           (draft->manifest.api_version.len == 0 || rse_str_is(draft->manifest.api_version, "v1"));
}

static void close_level(struct scan *scan)
{
    if (scan->depth == 0 || scan->levels[--scan->depth].role != ROLE_MANIFEST)
        return;

    const struct draft *draft = &scan->drafts[--scan->ndrafts];

    if (is_plain_secret(draft) && scan->secret_line == 0)
        scan->secret_line = draft->line;
    if (is_worth_keeping(&draft->manifest)) {
        RSE_GROW(scan->found, scan->nfound, scan->found_cap);
        scan->found[scan->nfound++] = draft->manifest;
    }
}

static bool read_event(struct scan *scan, yaml_parser_t *parser)
{
    yaml_event_t event;
    bool more;

    if (!yaml_parser_parse(parser, &event))
        return false;
    more = event.type != YAML_STREAM_END_EVENT;
    if (event.type == YAML_SCALAR_EVENT)
        read_scalar(scan, &event);
    else if (event.type == YAML_ALIAS_EVENT)
        count_node(top(scan));
    else if (event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT)
        open_level(scan, &event, event.type == YAML_MAPPING_START_EVENT);
    else if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT)
        close_level(scan);
    yaml_event_delete(&event);
    return more;
}

void manifests_read(struct rse_arena *arena, struct rse_str text, struct manifests *out)
{
    struct scan scan = { .arena = arena };
    yaml_parser_t parser;

    *out = (struct manifests){ 0 };
    if (text.len == 0 || !yaml_parser_initialize(&parser))
        return;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.len);
    while (read_event(&scan, &parser))
        ;
    yaml_parser_delete(&parser);
    if (scan.nfound > 0)
        out->at = rse_arena_memdup(arena, scan.found, scan.nfound * sizeof(scan.found[0]));
    out->count = scan.nfound;
    out->secret_line = scan.secret_line;
    free(scan.found);
    free(scan.levels);
}
