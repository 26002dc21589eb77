/*
 * build_test.h - a fleet in memory and a repository on disk: templates are pushed, builds are committed.
 */
#ifndef BUILD_TEST_H
#define BUILD_TEST_H

#include "tests/unit/worker/worker_test.h"

#include <cjson/cJSON.h>

#include <resedge/model.h>

#include "automation-worker/git/commit.h"
#include "automation-worker/job/build.h"
#include "automation-worker/job/templates.h"

#define TARGET_ID 1

struct world {
    struct fixture *fixture;
    struct rse_arena *arena;
    struct rse_fleet *fleet;
    struct templates *templates;
    struct rse_map *said, *foreign;
    struct repo_head head;
    struct build build;              /* the last one */
    const struct build_scope *scope; /* for builds to come */
    unsigned threads;                /* the same */
    int64_t job;
};

static inline void world_put(struct world *world, enum rse_noun noun, const char *json)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *doc = cJSON_Parse(json);

    assert_non_null(doc);
    assert_ok(rse_object_parse(&object, noun, doc, RSE_PARSE_DOC, world->arena, &err), &err);
    assert_ok(rse_fleet_put(world->fleet, object, &err), &err);
    cJSON_Delete(doc);
}

/* region NULL: the cluster has none. */
static inline void world_cluster(struct world *world, int id, const char *name, const char *state, const char *region)
{
    char json[600], metadata[200] = "";

    if (region != NULL)
        snprintf(metadata, sizeof(metadata), "{\"key\":\"region\",\"value\":\"%s\"}", region);
    snprintf(json, sizeof(json),
             "{\"id\":%d,\"name\":\"%s\",\"target\":\"edge\",\"targetId\":%d,\"state\":\"%s\",\"metadata\":[%s]}", id,
             name, TARGET_ID, state, metadata);
    world_put(world, RSE_CLUSTER, json);
}

static inline void world_namespace(struct world *world, int id, const char *name, const char *expression)
{
    char json[400];

    snprintf(json, sizeof(json), "{\"id\":%d,\"name\":\"%s\",\"expression\":\"%s\"}", id, name, expression);
    world_put(world, RSE_NAMESPACE, json);
    snprintf(json, sizeof(json),
             "{\"id\":%d,\"name\":\"%s\",\"namespace\":\"%s\",\"namespaceId\":%d,\"path\":\"apps/%s\","
             "\"fluxName\":\"%s\"}",
             id, name, name, id, name, name);
    world_put(world, RSE_APPLICATION, json);
}

/* ---- people's pushes ---- */

/* Commits the tree without trailers, as a person would. */
static inline void world_push_tree(struct world *world, struct tree *tree)
{
    struct rse_err err = RSE_ERR_INIT;
    struct commit_spec spec = { .message = RSE_STR("By hand\n"), .time = 1 };
    struct objects *objects;
    git_oid id;

    if (world->head.born)
        spec.parent = &world->head.commit;
    assert_ok(objects_new(&objects, repo_git(world->fixture->repo), OBJECTS_STORE, &err), &err);
    assert_ok(tree_hash(tree, &spec.tree, &err), &err);
    assert_ok(tree_store(tree, objects, &err), &err);
    assert_ok(commit_write(objects, &spec, &id, &err), &err);
    assert_ok(objects_finish(objects, &err), &err);
    assert_ok(repo_move(world->fixture->repo, "main", &world->head, &id, &err), &err);
    assert_ok(repo_head(world->fixture->repo, "main", &world->head, &err), &err);
    objects_free(objects);
}

static inline struct tree *world_tree(struct world *world)
{
    return tree_new(world->fixture->objects, world->head.born ? &world->head.tree : NULL);
}

/* text NULL: removes the file. */
static inline void world_push(struct world *world, const char *path, uint32_t mode, const char *text)
{
    struct rse_err err = RSE_ERR_INIT;
    struct tree *tree = world_tree(world);
    git_oid id;

    if (text != NULL) {
        assert_int_equal(git_blob_create_from_buffer(&id, repo_git(world->fixture->repo), text, strlen(text)), 0);
        assert_ok(tree_put(tree, rse_str(path), mode, &id, &err), &err);
    } else {
        assert_ok(tree_remove(tree, rse_str(path), &err), &err);
    }
    world_push_tree(world, tree);
    tree_free(tree);
}

#define KUSTOMIZATION "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - config.yaml\n"

static inline void world_push_application(struct world *world, const char *name, const char *data)
{
    char path[120], text[400];

    snprintf(path, sizeof(path), "apps/%s/base/kustomization.yaml", name);
    world_push(world, path, TREE_FILE, KUSTOMIZATION);
    snprintf(path, sizeof(path), "apps/%s/base/config.yaml", name);
    snprintf(text, sizeof(text), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  value: %s\n", name,
             data);
    world_push(world, path, TREE_FILE, text);
}

/* ---- builds ---- */

static inline bool world_go_on(void *arg, int64_t files, int64_t clusters, int64_t of, struct rse_err *err)
{
    (void)arg, (void)files, (void)err;
    assert_true(clusters <= of);
    return true;
}

static inline void world_commit(struct world *world, struct objects *objects)
{
    struct rse_err err = RSE_ERR_INIT;
    struct trailers trailers = { .revision = world->job, .job = world->job, .change = "change" };
    struct commit_spec spec = { .tree = world->build.tree, .time = world->job };
    RSE_BUF_AUTO message = { 0 };
    git_oid id;

    rse_buf_init(&message, 65536);
    summary_message(world->build.summary, world->job, world->build.held, NULL, &message);
    trailers_add(&message, &trailers);
    spec.message = rse_buf_str(&message);
    if (world->head.born)
        spec.parent = &world->head.commit;
    assert_ok(commit_write(objects, &spec, &id, &err), &err);
    assert_ok(objects_finish(objects, &err), &err);
    assert_ok(repo_move(world->fixture->repo, "main", &world->head, &id, &err), &err);
    assert_ok(repo_head(world->fixture->repo, "main", &world->head, &err), &err);
}

/* Plans and builds upon the head, and commits what changed. */
static inline const struct build *world_build(struct world *world)
{
    struct rse_err err = RSE_ERR_INIT;
    struct tree *root = world_tree(world);
    struct objects *objects;
    struct rse_plan *plan;

    assert_ok(templates_load(world->templates, root, RSE_STR(""), world->fleet, &err), &err);
    assert_ok(rse_plan_new(&plan, world->fleet, templates_catalogue(world->templates), TARGET_ID, &err), &err);
    assert_ok(objects_new(&objects, repo_git(world->fixture->repo), OBJECTS_STORE, &err), &err);
    struct build_input input = {
        .fleet = world->fleet,
        .plan = plan,
        .target_id = TARGET_ID,
        .pattern = ((const struct rse_target *)rse_fleet_get(world->fleet, RSE_TARGET, TARGET_ID))->folder_pattern,
        .git = repo_git(world->fixture->repo),
        .objects = objects,
        .head = world->head.born ? &world->head.commit : NULL,
        .head_tree = world->head.born ? &world->head.tree : NULL,
        .scope = world->scope,
        .threads = world->threads,
        .said = world->said,
        .foreign = world->foreign,
        .go_on = world_go_on,
    };
    build_release(&world->build);
    assert_ok(build_run(&world->build, &input, &err), &err);
    world->job++;
    if (world->build.changed)
        world_commit(world, objects);
    deployments_remember(world->build.deployments);
    rse_plan_free(plan);
    objects_free(objects);
    tree_free(root);
    return &world->build;
}

/* The zero id where there is nothing. */
static inline git_oid world_id(struct world *world, const char *path)
{
    struct rse_err err = RSE_ERR_INIT;
    struct tree *tree = world_tree(world);
    struct tree_entry entry = { .mode = 0 };
    bool found;

    assert_ok(tree_get(tree, rse_str(path), &entry, &found, &err), &err);
    tree_free(tree);
    if (!found)
        memset(&entry.id, 0, sizeof(entry.id));
    return entry.id;
}

static inline bool world_has(struct world *world, const char *path)
{
    git_oid id = world_id(world, path);

    return !git_oid_is_zero(&id);
}

static inline void assert_same_id(git_oid a, git_oid b)
{
    char x[GIT_OID_HEXSZ + 1], y[GIT_OID_HEXSZ + 1];

    assert_string_equal(git_oid_tostr(x, sizeof(x), &a), git_oid_tostr(y, sizeof(y), &b));
}

/* Whether a file holds a text. */
static inline bool world_holds(struct world *world, const char *path, const char *text)
{
    git_oid id = world_id(world, path);
    git_blob *blob;

    if (git_oid_is_zero(&id))
        return false;
    assert_int_equal(git_blob_lookup(&blob, repo_git(world->fixture->repo), &id), 0);
    bool holds = memmem(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob), text, strlen(text)) != NULL;
    git_blob_free(blob);
    return holds;
}

/* ---- the world ---- */

/* Three clusters; "web" is everywhere, "shop" nowhere yet. */
static inline int world_up(void **state)
{
    struct world *world = rse_new(struct world);

    fixture_up((void **)&world->fixture);
    world->arena = rse_arena_new();
    world->fleet = rse_fleet_new();
    world->templates = templates_new();
    world->said = rse_map_new();
    world->foreign = rse_map_new();
    world_put(world, RSE_TARGET,
              "{\"id\":1,\"name\":\"edge\",\"url\":\"/srv/x.git\",\"branch\":\"main\",\"folderPattern\":\"flat\"}");
    world_put(world, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"region\",\"type\":\"string\"}");
    world_cluster(world, 1, "store-1", "active", "east");
    world_cluster(world, 2, "store-2", "active", "west");
    world_cluster(world, 3, "store-3", "active", "west");
    world_namespace(world, 1, "web", "all");
    world_namespace(world, 2, "shop", "none");
    world_push_application(world, "web", "fixed");
    world_push_application(world, "shop", "rea.cluster.region");
    *state = world;
    return 0;
}

static inline int world_down(void **state)
{
    struct world *world = *state;

    build_release(&world->build);
    templates_free(world->templates);
    rse_map_free(world->said);
    rse_map_free(world->foreign);
    rse_fleet_free(world->fleet);
    rse_arena_free(world->arena);
    fixture_down((void **)&world->fixture);
    free(world);
    return 0;
}

#endif
