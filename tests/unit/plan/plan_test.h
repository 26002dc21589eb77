/*
 * plan_test.h - a fleet and templates in memory, planned and rendered into a table of files.
 */
#ifndef RESEDGE_TESTS_PLAN_TEST_H
#define RESEDGE_TESTS_PLAN_TEST_H

#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "resedge/map.h"
#include "resedge/plan.h"
#include "resedge/yaml.h"

#define TARGET_ID 1

struct world {
    struct rse_arena *arena;
    struct rse_fleet *fleet;
    struct rse_keys *keys;
    struct rse_map *templates; /* path -> struct rse_str */
    struct rse_catalogue *catalogue;
    struct rse_plan *plan;
};

/* What one cluster's folder holds. */
struct folder {
    struct rse_arena *arena;
    struct rse_map *files; /* path -> struct rse_str */
    struct rse_part *parts;
    struct rse_err *errors; /* part by part */
    size_t nparts;
};

static inline void world_put(struct world *world, enum rse_noun noun, const char *json)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *doc = cJSON_Parse(json);

    assert_non_null(doc);
    if (!rse_object_parse(&object, noun, doc, RSE_PARSE_DOC, world->arena, &err) ||
        !rse_fleet_put(world->fleet, object, &err))
        fail_msg("%s: %s", json, err.what);
    cJSON_Delete(doc);
}

static inline void world_bytes(struct world *world, const char *path, struct rse_str bytes)
{
    struct rse_str *copy = rse_arena_new_of(world->arena, struct rse_str);

    *copy = rse_arena_str(world->arena, bytes);
    rse_map_put(world->templates, rse_str(path), copy);
}

static inline void world_file(struct world *world, const char *path, const char *text)
{
    world_bytes(world, path, rse_str(text));
}

/* An empty world with a flat target. */
static inline struct world *world_new_empty(void)
{
    struct world *world = rse_new(struct world);

    world->arena = rse_arena_new();
    world->fleet = rse_fleet_new();
    world->templates = rse_map_new();
    world_put(
        world, RSE_TARGET,
        "{\"id\":1,\"name\":\"main\",\"url\":\"/srv/git/main.git\",\"branch\":\"main\",\"folderPattern\":\"flat\","
        "\"fluxSource\":\"gitops\"}");
    return world;
}

#define KUSTOMIZATION(resources) \
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n" resources

#define CONFIG_MAP(name) "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " name "\n  namespace: web\n"

/* Two stores in two regions, and one application that both have. */
static inline struct world *world_new(void)
{
    struct world *world = world_new_empty();

    world_put(world, RSE_GROUP, "{\"id\":1,\"name\":\"beta\"}");
    world_put(
        world, RSE_CLUSTER,
        "{\"id\":1,\"name\":\"store-1\",\"target\":\"main\",\"targetId\":1,\"groups\":[\"/beta\"],\"groupIds\":[1],"
        "\"metadata\":[{\"key\":\"region\",\"value\":\"central\"}]}");
    world_put(world, RSE_CLUSTER,
              "{\"id\":2,\"name\":\"store-2\",\"target\":\"main\",\"targetId\":1,"
              "\"metadata\":[{\"key\":\"region\",\"value\":\"east\"}]}");
    world_put(world, RSE_NAMESPACE, "{\"id\":1,\"name\":\"web\",\"expression\":\"all\"}");
    world_put(world, RSE_APPLICATION,
              "{\"id\":1,\"name\":\"shop\",\"namespace\":\"web\",\"namespaceId\":1,\"path\":\"apps/shop\","
              "\"fluxName\":\"shop\",\"metadata\":[{\"key\":\"title\",\"value\":\"No: 1\"}]}");
    world_file(world, "apps/shop/base/kustomization.yaml", KUSTOMIZATION("  - config.yaml\n"));
    world_file(world, "apps/shop/base/config.yaml",
               CONFIG_MAP("rea.application.name") "data:\n  region: rea.cluster.region\n"
                                                  "  title: rea.application.title\n");
    return world;
}

static inline struct rse_catalogue *world_catalogue(struct world *world, struct rse_catalogue *previous)
{
    struct rse_catalogue *catalogue = rse_catalogue_new(world->keys, previous);
    struct rse_str path;
    void *value;

    for (size_t it = 0; rse_map_next(world->templates, &it, &path, &value);) {
        struct rse_str text = *(struct rse_str *)value;
        uint8_t id[RSE_OID_SIZE];

        SHA1((const unsigned char *)text.p, text.len, id);
        rse_catalogue_add(catalogue, path, id, text);
    }
    rse_catalogue_seal(catalogue);
    return catalogue;
}

static inline void world_unplan(struct world *world)
{
    rse_plan_free(world->plan);
    rse_catalogue_free(world->catalogue);
    rse_keys_free(world->keys);
    world->plan = NULL;
    world->catalogue = NULL;
    world->keys = NULL;
}

/* Plans (again) with what is in the world now. */
static inline void world_plan(struct world *world)
{
    struct rse_err err = RSE_ERR_INIT;

    world_unplan(world);
    world->keys = rse_plan_keys(world->fleet);
    world->catalogue = world_catalogue(world, NULL);
    if (!rse_plan_new(&world->plan, world->fleet, world->catalogue, TARGET_ID, &err))
        fail_msg("%s", err.what);
}

static inline void world_free(struct world *world)
{
    world_unplan(world);
    rse_fleet_free(world->fleet);
    rse_map_free(world->templates);
    rse_arena_free(world->arena);
    free(world);
}

static inline const struct template_set *world_set(const struct world *world, const char *path)
{
    return (const struct template_set *)rse_catalogue_find(world->catalogue, rse_str(path));
}

static inline uint32_t world_index(const struct world *world, const char *cluster)
{
    const struct rse_object *object = rse_fleet_find(world->fleet, RSE_CLUSTER, rse_str(cluster), NULL);

    assert_non_null(object);
    return rse_fleet_cluster_index(world->fleet, object->id);
}

/* Every YAML file that is planned parses. */
static inline bool folder_take(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    struct folder *folder = arg;
    struct rse_str *copy = rse_arena_new_of(folder->arena, struct rse_str);
    struct rse_yaml_doc *docs;
    size_t count;

    *copy = rse_arena_str(folder->arena, file->bytes);
    if (rse_map_put(folder->files, file->path, copy) != NULL)
        fail_msg("%.*s comes twice", RSE_STR_ARG(file->path));
    if (rse_str_ends(file->path, RSE_STR(".yaml")) &&
        !rse_yaml_docs(folder->arena, file->path, file->bytes, &docs, &count, err))
        fail_msg("%s in\n%.*s", err->what, RSE_STR_ARG(file->bytes));
    assert_true(!file->constant || (file->source != NULL && file->shared));
    assert_true((file->spans != NULL) == (file->tpl != NULL));
    return true;
}

/* Renders a cluster; a part that fails is left out, its error kept. */
static inline struct folder *folder_render(const struct world *world, const char *cluster)
{
    struct folder *folder = rse_new(struct folder);
    uint32_t index = world_index(world, cluster);
    struct rse_err err = RSE_ERR_INIT;
    bool *present;

    folder->arena = rse_arena_new();
    folder->files = rse_map_new();
    rse_plan_parts(world->plan, index, folder->arena, &folder->parts, &folder->nparts);
    folder->errors = rse_arena_calloc(folder->arena, folder->nparts + 1, sizeof(struct rse_err));
    present = rse_arena_calloc(folder->arena, folder->nparts + 1, sizeof(bool));
    for (size_t i = 0; i < folder->nparts; i++)
        present[i] = rse_plan_render(world->plan, index, &folder->parts[i], folder_take, folder, &folder->errors[i]);
    if (!rse_plan_render_lists(world->plan, index, folder->parts, present, folder->nparts, folder_take, folder, &err))
        fail_msg("%s", err.what);
    return folder;
}

static inline void folder_free(struct folder *folder)
{
    rse_map_free(folder->files);
    rse_arena_free(folder->arena);
    free(folder);
}

/* The text of a file, or NULL. */
static inline const char *folder_text(const struct folder *folder, const char *path)
{
    const struct rse_str *text = rse_map_get(folder->files, rse_str(path));

    return text != NULL ? text->p : NULL;
}

static inline void assert_has(const struct folder *folder, const char *path, const char *part)
{
    const char *text = folder_text(folder, path);

    if (text == NULL)
        fail_msg("there is no %s", path);
    else if (strstr(text, part) == NULL)
        fail_msg("%s has no\n%s\nbut is\n%s", path, part, text);
}

static inline void assert_has_not(const struct folder *folder, const char *path, const char *part)
{
    const char *text = folder_text(folder, path);

    if (text != NULL && strstr(text, part) != NULL)
        fail_msg("%s has\n%s\nin\n%s", path, part, text);
}

static inline int folder_by_text(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

/* The sorted paths of all files, one a line. In the folder's arena. */
static inline const char *folder_list(const struct folder *folder)
{
    struct rse_str *paths = rse_arena_calloc(folder->arena, rse_map_count(folder->files) + 1, sizeof(paths[0]));
    RSE_BUF_AUTO out = { 0 };
    size_t count = 0;

    rse_buf_init(&out, 1 << 20);
    for (size_t it = 0; rse_map_next(folder->files, &it, &paths[count], NULL);)
        count++;
    qsort(paths, count, sizeof(paths[0]), folder_by_text);
    for (size_t i = 0; i < count; i++)
        rse_buf_addf(&out, "%.*s\n", RSE_STR_ARG(paths[i]));
    return rse_arena_str(folder->arena, rse_buf_str(&out)).p;
}

/* The part of this kind whose application or namespace has the name. */
static inline size_t folder_part(const struct folder *folder, enum rse_part_kind kind, const char *name)
{
    for (size_t i = 0; i < folder->nparts; i++) {
        const struct rse_part *part = &folder->parts[i];

        if (part->kind != kind)
            continue;
        if (kind == RSE_PART_BOOTSTRAP ||
            rse_str_is(kind == RSE_PART_NAMESPACE ? part->namespace_->object.name : part->application->object.name,
                       name))
            return i;
    }
    fail_msg("there is no part %s", name);
    return 0;
}

static inline const struct rse_err *folder_error(const struct folder *folder, enum rse_part_kind kind, const char *name)
{
    return &folder->errors[folder_part(folder, kind, name)];
}

static inline void assert_fails(const struct folder *folder, enum rse_part_kind kind, const char *name,
                                const char *what)
{
    const struct rse_err *err = folder_error(folder, kind, name);

    if (err->code == RSE_OK)
        fail_msg("%s was rendered", name);
    else if (strstr(err->what, what) == NULL)
        fail_msg("%s failed for another reason: %s", name, err->what);
}

static inline void assert_renders(const struct folder *folder, enum rse_part_kind kind, const char *name)
{
    const struct rse_err *err = folder_error(folder, kind, name);

    if (err->code != RSE_OK)
        fail_msg("%s: %s", name, err->what);
}

/* Renders store-1 and expects that application shop fails, and nothing but it. */
static inline void assert_shop_fails(struct world *world, const char *what)
{
    struct folder *folder;

    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_fails(folder, RSE_PART_APPLICATION, "shop", what);
    assert_null(folder_text(folder, "flux-system/listeners/shop.yaml"));
    assert_has_not(folder, "flux-system/listeners/kustomization.yaml", "shop");
    assert_has(folder, "flux-system/listeners/kustomization.yaml", "namespaces.yaml");
    folder_free(folder);
}

static inline void assert_shop_renders(struct world *world)
{
    struct folder *folder;

    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    folder_free(folder);
}

#endif
