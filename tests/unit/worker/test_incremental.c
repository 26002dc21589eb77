/* Work done from what changed makes the same tree as work done from nothing, whatever changed. */
#include "tests/unit/worker/build_test.h"

#include "automation-worker/job/scope.h"

#define CLUSTERS 12
#define GROUPS   4
#define ROUNDS   120

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

#define PICK(words) ((words)[pick(RSE_COUNT(words))])

static const char *const EXPRESSIONS[] = {
    "all",       "none",           "/g/a",   "/g/b",    "/g/a or /g/c",   "not /g/b",
    "/m/region", "/m/region/east", "/t/red", "/n/pets", "/g/a/d and all",
};
static const char *const NAMES[] = { "web", "shop", "pets" };
static const char *const PATHS[] = { "web", "shop", "pets", "gone" };
static const char *const DATA[] = {
    "fixed",         "rea.cluster.region", "rea.cluster.zone",       "rea.application.title", "rea.namespace.name",
    "rea.clutser.x", "rea.cluster.size",   "rea.cluster.region-new", "rea.cluster.target",    "a rea.cluster.name b",
};

/* Everything that one step changes, to be announced before it is applied. */
struct step {
    enum rse_noun noun[8];
    int64_t id[8];
    struct rse_object *object[8]; /* NULL: removed */
    size_t count;
};

struct series {
    struct world *world;
    struct target_state state;
    uint64_t epoch;
};

static void add_put(struct world *world, struct step *step, enum rse_noun noun, const char *json)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *doc = cJSON_Parse(json);

    assert_non_null(doc);
    step->noun[step->count] = noun;
    assert_ok(rse_object_parse(&step->object[step->count], noun, doc, RSE_PARSE_DOC, world->arena, &err), &err);
    step->id[step->count] = step->object[step->count]->id;
    step->count++;
    cJSON_Delete(doc);
}

static void add_metadata(struct rse_buf *out)
{
    static const char *const KEYS[] = { "region", "zone", "size", "region-new", "title" };
    bool first = true;

    rse_buf_adds(out, "\"metadata\":[");
    for (size_t i = 0; i < RSE_COUNT(KEYS); i++) {
        /* A new key, and one that makes two of a longer one, are rare: they change how templates are read. */
        if (pick(i == 3 ? 40 : 3) != 0)
            continue;
        rse_buf_addf(out, "%s{\"key\":\"%s\",\"value\":\"%s\"}", first ? "" : ",", KEYS[i],
                     pick(2) == 0 ? "east" : "west");
        first = false;
    }
    rse_buf_adds(out, "]");
}

static void change_cluster(struct world *world, struct step *step)
{
    static const char *const STATES[] = { "active", "active", "active", "suspended", "closing", "closed", "planned" };
    int id = 1 + (int)pick(CLUSTERS);
    RSE_BUF_AUTO json = { 0 };

    rse_buf_init(&json, 4096);
    rse_buf_addf(&json,
                 "{\"id\":%d,\"name\":\"store-%d\",\"target\":\"edge\",\"targetId\":%d,\"state\":\"%s\",\"tags\":[%s],",
                 id, id, pick(12) == 0 ? 2 : TARGET_ID, PICK(STATES), pick(2) == 0 ? "\"red\"" : "");
    int group = 1 + (int)pick(GROUPS);
    rse_buf_addf(&json, "\"groups\":[\"/x\"],\"groupIds\":[%d],", group);
    add_metadata(&json);
    rse_buf_addc(&json, '}');
    add_put(world, step, RSE_CLUSTER, json.p);
}

/* Groups are a, b, c, and d below one of them. */
static void change_group(struct world *world, struct step *step)
{
    int id = 1 + (int)pick(GROUPS);
    RSE_BUF_AUTO json = { 0 };

    rse_buf_init(&json, 4096);
    rse_buf_addf(&json, "{\"id\":%d,\"name\":\"%c\",", id, "abcd"[id - 1]);
    if (id == GROUPS)
        rse_buf_addf(&json, "\"parent\":\"/a\",\"parentId\":%d,", 1 + (int)pick(3));
    if (pick(3) == 0)
        rse_buf_addf(&json, "\"expression\":\"%s\",", pick(2) == 0 ? "/t/red" : "/m/region/east");
    if (pick(2) == 0)
        rse_buf_addf(&json, "\"priority\":%d,", (int)pick(3));
    add_metadata(&json);
    rse_buf_addc(&json, '}');
    add_put(world, step, RSE_GROUP, json.p);
}

static void change_namespace(struct world *world, struct step *step)
{
    int id = 1 + (int)pick(RSE_COUNT(NAMES));
    const char *expression = PICK(EXPRESSIONS);
    RSE_BUF_AUTO json = { 0 };

    /* A namespace that is made of itself is refused by the Data Service. */
    if (strstr(expression, "/n/pets") != NULL && id == 3)
        expression = "all";
    rse_buf_init(&json, 4096);
    rse_buf_addf(&json, "{\"id\":%d,\"name\":\"%s%s\",\"expression\":\"%s\",", id, NAMES[id - 1],
                 pick(10) == 0 ? "-x" : "", expression);
    if (pick(5) == 0)
        rse_buf_addf(&json, "\"allowed\":\"%s\",", pick(2) == 0 ? "/g/a" : "/m/region");
    if (pick(4) == 0)
        rse_buf_adds(&json, "\"enforceCapacity\":true,\"capacity\":{\"memoryLimit\":512,\"cpuLimit\":1},");
    if (pick(3) == 0)
        rse_buf_adds(&json, "\"policies\":[\"net\"],\"policyIds\":[1],");
    add_metadata(&json);
    rse_buf_addc(&json, '}');
    add_put(world, step, RSE_NAMESPACE, json.p);
}

static void change_application(struct world *world, struct step *step)
{
    int id = 1 + (int)pick(RSE_COUNT(NAMES));
    int namespace_id = pick(4) == 0 ? 1 + (int)pick(3) : id;
    RSE_BUF_AUTO json = { 0 };

    rse_buf_init(&json, 4096);
    rse_buf_addf(&json, "{\"id\":%d,\"name\":\"%s%s\",\"namespace\":\"x\",\"namespaceId\":%d,\"path\":\"apps/%s\",", id,
                 NAMES[id - 1], pick(10) == 0 ? "-y" : "", namespace_id, pick(4) == 0 ? PICK(PATHS) : NAMES[id - 1]);
    rse_buf_addf(&json, "\"fluxName\":\"%s\",\"paused\":%s,\"releases\":[", NAMES[id - 1],
                 pick(8) == 0 ? "true" : "false");
    if (pick(2) == 0)
        rse_buf_addf(&json, "{\"version\":\"1.1.0\",\"expression\":\"%s\"}", pick(2) == 0 ? "/g/a" : "/m/region/west");
    rse_buf_adds(&json, "],");
    add_metadata(&json);
    rse_buf_addc(&json, '}');
    add_put(world, step, RSE_APPLICATION, json.p);
}

static void change_other(struct world *world, struct step *step)
{
    RSE_BUF_AUTO json = { 0 };

    rse_buf_init(&json, 4096);
    switch (pick(4)) {
    case 0:
        rse_buf_addf(&json, "{\"id\":1,\"name\":\"net\",\"path\":\"policies/%s\"}", pick(3) == 0 ? "gone" : "net");
        add_put(world, step, RSE_POLICY, json.p);
        break;
    case 1:
        rse_buf_addf(&json, "{\"id\":%d,\"name\":\"%s\",\"type\":\"string\"%s}", 1 + (int)pick(2),
                     pick(2) == 0 ? "region" : "size", pick(2) == 0 ? ",\"default\":\"north\"" : "");
        add_put(world, step, RSE_METADATA_KEY, json.p);
        break;
    case 2:
        rse_buf_addf(
            &json,
            "{\"id\":1,\"name\":\"edge\",\"url\":\"/srv/x.git\",\"branch\":\"main\",\"folderPattern\":\"flat\","
            "\"fluxSource\":\"%s\"}",
            pick(3) == 0 ? "other" : "gitops");
        add_put(world, step, RSE_TARGET, json.p);
        break;
    default:
        step->noun[step->count] = pick(2) == 0 ? RSE_CLUSTER : RSE_APPLICATION;
        step->id[step->count] = 1 + (int64_t)pick(step->noun[step->count] == RSE_CLUSTER ? CLUSTERS : 3);
        step->object[step->count++] = NULL;
        break;
    }
}

static void push_templates(struct world *world)
{
    char path[120], text[400];
    const char *name = PICK(NAMES);

    switch (pick(6)) {
    case 0:
        snprintf(path, sizeof(path), "apps/%s/overlays/1.1.0/kustomization.yaml", name);
        world_push(world, path, TREE_FILE, pick(3) == 0 ? NULL : "resources:\n  - ../../base\nnamePrefix: new-\n");
        break;
    case 1:
        world_push(world, "policies/net/p.yaml", TREE_FILE,
                   pick(2) == 0 ? "kind: X\na: rea.cluster.region\n" : "kind: X\na: rea.namespace.name\n");
        break;
    case 2:
        snprintf(path, sizeof(path), "apps/%s/flux.yaml", name);
        snprintf(text, sizeof(text), "spec:\n  dependsOn:\n    - application: %s\n", PICK(NAMES));
        world_push(world, path, TREE_FILE, pick(2) == 0 ? NULL : text);
        break;
    case 3:
        world_push(world, "apps/flux-system/gotk.yaml", TREE_FILE,
                   pick(2) == 0 ? "kind: X\nname: rea.cluster.name\n" : "kind: X\nname: rea.cluster.zone\n");
        break;
    case 4:
        snprintf(path, sizeof(path), "apps/%s/base/ns.yaml", name);
        snprintf(text, sizeof(text), "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n", name);
        world_push(world, path, TREE_FILE, pick(2) == 0 ? NULL : text);
        snprintf(path, sizeof(path), "apps/%s/base/kustomization.yaml", name);
        world_push(world, path, TREE_FILE, pick(2) == 0 ? KUSTOMIZATION : KUSTOMIZATION "  - ns.yaml\n");
        break;
    default:
        world_push_application(world, name, PICK(DATA));
        break;
    }
}

/* By hand, where Automation writes. */
static void edit_clusters(struct world *world)
{
    char path[120];
    git_oid id;

    snprintf(path, sizeof(path), "clusters/store-%u/%s", 1 + pick(CLUSTERS),
             pick(2) == 0 ? "web/web/base/config.yaml" : "flux-system/listeners/kustomization.yaml");
    id = world_id(world, path);
    if (!git_oid_is_zero(&id))
        world_push(world, path, TREE_FILE, pick(2) == 0 ? "by: hand\n" : NULL);
}

static void change(struct world *world, struct step *step)
{
    switch (pick(10)) {
    case 0:
    case 1:
    case 2:
        change_cluster(world, step);
        break;
    case 3:
        change_group(world, step);
        break;
    case 4:
    case 5:
        change_namespace(world, step);
        break;
    case 6:
        change_application(world, step);
        break;
    case 7:
        change_other(world, step);
        break;
    case 8:
        push_templates(world);
        break;
    default:
        if (pick(3) == 0)
            edit_clusters(world);
        break;
    }
}

/* As the change feed's pages are applied. */
static void apply(struct world *world, const struct step *step, struct fleet_changes *changes)
{
    struct rse_value_watch *watch = rse_value_watch_new(world->fleet);
    struct rse_err err = RSE_ERR_INIT;

    changes->gone = rse_arena_calloc(world->arena, step->count + 1, sizeof(changes->gone[0]));
    for (size_t i = 0; i < step->count; i++)
        rse_value_watch_expect(watch, step->noun[i], step->id[i], step->object[i]);
    rse_value_watch_begin(watch);
    for (size_t i = 0; i < step->count; i++) {
        const struct rse_object *before = rse_fleet_get(world->fleet, step->noun[i], step->id[i]);

        if (step->object[i] != NULL) {
            assert_ok(rse_fleet_put(world->fleet, step->object[i], &err), &err);
            continue;
        }
        if (step->noun[i] == RSE_CLUSTER && before != NULL)
            changes->gone[changes->ngone++] = rse_arena_str(world->arena, before->name);
        (void)rse_fleet_remove(world->fleet, step->noun[i], step->id[i]);
    }
    rse_bitmap_init(&changes->clusters, 0);
    rse_value_watch_end(watch, &changes->clusters);
    rse_value_watch_free(watch);
}

/* ---- both ways ---- */

static struct build_input input_of(struct world *world, const struct rse_plan *plan, struct objects *objects)
{
    return (struct build_input){
        .fleet = world->fleet,
        .plan = plan,
        .target_id = TARGET_ID,
        .pattern = RSE_FOLDER_FLAT,
        .git = repo_git(world->fixture->repo),
        .objects = objects,
        .head = &world->head.commit,
        .head_tree = &world->head.tree,
        .said = world->said,
        .foreign = world->foreign,
        .go_on = world_go_on,
    };
}

static char *text_of(const struct held *held, const struct rse_fleet *fleet)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 20);
    held_render(held, fleet, &text);
    cJSON *list = cJSON_Parse(text.p);
    char **lines = rse_xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*lines));
    size_t count = 0;
    const cJSON *entry;

    /* In what order they were found is nobody's business. */
    cJSON_ArrayForEach(entry, list) lines[count++] = cJSON_PrintUnformatted(entry);
    for (size_t i = 0; i < count; i++) {
        for (size_t n = i + 1; n < count; n++) {
            if (strcmp(lines[i], lines[n]) > 0) {
                char *line = lines[i];

                lines[i] = lines[n];
                lines[n] = line;
            }
        }
    }
    rse_buf_reset(&text);
    for (size_t i = 0; i < count; i++) {
        rse_buf_addf(&text, "%s\n", lines[i]);
        free(lines[i]);
    }
    free(lines);
    cJSON_Delete(list);
    return rse_xstrdup(text.p);
}

static void compare_with_everything(struct world *world, const struct rse_plan *plan, const struct held *held)
{
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects;
    struct build all;

    assert_ok(objects_new(&objects, repo_git(world->fixture->repo), OBJECTS_HASH, &err), &err);
    struct build_input input = input_of(world, plan, objects);
    assert_ok(build_run(&all, &input, &err), &err);
    assert_same_id(world->build.tree, all.tree);
    char *some = text_of(held, world->fleet), *full = text_of(all.held, world->fleet);
    assert_string_equal(some, full);
    free(some);
    free(full);
    build_release(&all);
    objects_free(objects);
}

/* What run.c does, less what it tells the Data Service. Returns how many clusters were looked at; -1: all. */
static int64_t work(struct series *series, const struct fleet_changes *changes)
{
    struct world *world = series->world;
    struct rse_err err = RSE_ERR_INIT;
    struct tree *root = world_tree(world);
    struct objects *objects;
    struct rse_plan *plan;
    struct scope scope;

    assert_ok(templates_load(world->templates, root, RSE_STR(""), world->fleet, &err), &err);
    assert_ok(rse_plan_new(&plan, world->fleet, templates_catalogue(world->templates), TARGET_ID, &err), &err);
    assert_ok(objects_new(&objects, repo_git(world->fixture->repo), OBJECTS_STORE, &err), &err);
    struct scope_input scope_input = {
        .state = &series->state,
        .fleet = world->fleet,
        .epoch = series->epoch,
        .changes = changes,
        .plan = plan,
        .git = repo_git(world->fixture->repo),
        .objects = objects,
        .head = &world->head.commit,
        .head_tree = &world->head.tree,
        .pattern = RSE_FOLDER_FLAT,
    };
    assert_ok(scope_make(&scope, &scope_input, &err), &err);
    struct build_input input = input_of(world, plan, objects);
    input.scope = scope_of_build(&scope);
    build_release(&world->build);
    assert_ok(build_run(&world->build, &input, &err), &err);
    struct held *held = scope_held(&scope, world->fleet, world->build.held);
    int64_t looked_at = scope.delta != NULL ? (int64_t)rse_bitmap_count(rse_delta_clusters(scope.delta)) : -1;
    compare_with_everything(world, plan, held);
    world->job++;
    if (world->build.changed)
        world_commit(world, objects);

    struct rse_plan_inputs *inputs = scope_take_inputs(&scope);
    scope_release(&scope);
    target_state_forget(&series->state);
    held_merge(series->state.held, held);
    series->state.built = (struct built){ .inputs = inputs, .epoch = series->epoch, .commit = world->head.commit };
    held_free(held);
    rse_plan_free(plan);
    objects_free(objects);
    tree_free(root);
    return looked_at;
}

static struct series *series_new(struct world *world)
{
    struct series *series = rse_new(struct series);
    struct step step = { .count = 0 };
    struct fleet_changes changes = { .ngone = 0 };

    series->world = world;
    series->epoch = 1;
    series->state.held = held_new();
    for (int i = 1; i <= GROUPS; i++) {
        char json[200];

        snprintf(json, sizeof(json), "{\"id\":%d,\"name\":\"%c\"%s}", i, "abcd"[i - 1],
                 i == GROUPS ? ",\"parent\":\"/a\",\"parentId\":1" : "");
        world_put(world, RSE_GROUP, json);
    }
    world_put(world, RSE_TARGET, "{\"id\":2,\"name\":\"core\",\"url\":\"/srv/y.git\",\"branch\":\"main\"}");
    world_namespace(world, 3, "pets", "/g/a");
    world_put(world, RSE_POLICY, "{\"id\":1,\"name\":\"net\",\"path\":\"policies/net\"}");
    world_push_application(world, "pets", "rea.cluster.zone");
    world_push(world, "policies/net/p.yaml", TREE_FILE, "kind: X\na: rea.cluster.region\n");
    apply(world, &step, &changes);
    assert_int_equal(work(series, NULL), -1);
    rse_bitmap_release(&changes.clusters);
    return series;
}

static void series_free(struct series *series)
{
    target_state_forget(&series->state);
    held_free(series->state.held);
    free(series);
}

static void work_from_changes__makes_the_same_tree_and_holds_the_same_as_work_from_nothing(void **state)
{
    struct series *series = series_new(*state);
    const char *seed = getenv("RESEDGE_SEED");
    int some = 0;

    random_state = seed != NULL ? strtoull(seed, NULL, 10) : 20251125;
    for (int round = 0; round < ROUNDS; round++) {
        struct step step = { .count = 0 };
        struct fleet_changes changes = { .ngone = 0 };

        for (uint32_t n = 1 + pick(2); n > 0; n--)
            change(series->world, &step);
        apply(series->world, &step, &changes);
        some += work(series, &changes) >= 0;
        rse_bitmap_release(&changes.clusters);
    }
    /* Else it would show nothing. */
    assert_true(some > ROUNDS / 2);
    series_free(series);
}

static int64_t after(struct series *series, enum rse_noun noun, const char *json)
{
    struct step step = { .count = 0 };
    struct fleet_changes changes = { .ngone = 0 };

    if (json != NULL)
        add_put(series->world, &step, noun, json);
    apply(series->world, &step, &changes);
    int64_t looked_at = work(series, &changes);
    rse_bitmap_release(&changes.clusters);
    return looked_at;
}

static void work_from_changes__looks_only_where_inputs_changed(void **state)
{
    struct series *series = series_new(*state);

    assert_int_equal(after(series, RSE_CLUSTER, NULL), 0);
    /* A cluster's value. */
    assert_int_equal(after(series, RSE_CLUSTER,
                           "{\"id\":1,\"name\":\"store-1\",\"target\":\"edge\",\"targetId\":1,\"state\":\"active\","
                           "\"metadata\":[{\"key\":\"region\",\"value\":\"north\"}]}"),
                     1);
    /* What no template sees of it. */
    assert_int_equal(after(series, RSE_CLUSTER,
                           "{\"id\":1,\"name\":\"store-1\",\"target\":\"edge\",\"targetId\":1,\"state\":\"active\","
                           "\"tags\":[\"red\"],\"metadata\":[{\"key\":\"region\",\"value\":\"north\"}]}"),
                     0);
    /* An expression that gains two of three. */
    assert_int_equal(after(series, RSE_NAMESPACE, "{\"id\":2,\"name\":\"shop\",\"expression\":\"/m/region/west\"}"), 2);
    /* And loses one of them. */
    assert_int_equal(after(series, RSE_NAMESPACE, "{\"id\":2,\"name\":\"shop\",\"expression\":\"/c/store-2\"}"), 1);
    /* A template that one cluster has. */
    world_push_application(series->world, "shop", "other");
    assert_int_equal(after(series, RSE_CLUSTER, NULL), 1);
    /* A template that nobody has. */
    world_push_application(series->world, "pets", "other");
    assert_int_equal(after(series, RSE_CLUSTER, NULL), 0);
    /* A group's value, which nobody inherits. */
    assert_int_equal(
        after(series, RSE_GROUP, "{\"id\":2,\"name\":\"b\",\"metadata\":[{\"key\":\"region\",\"value\":\"south\"}]}"),
        0);
    /* A name that only people see. */
    assert_int_equal(after(series, RSE_POLICY, "{\"id\":1,\"name\":\"network\",\"path\":\"policies/net\"}"), 0);
    series_free(series);
}

static void work_from_changes__follows_a_groups_value_to_where_it_counts(void **state)
{
    struct series *series = series_new(*state);
    static const char *const cluster = "{\"id\":%d,\"name\":\"store-%d\",\"target\":\"edge\",\"targetId\":1,"
                                       "\"state\":\"active\",\"groups\":[\"/b\"],\"groupIds\":[2],\"metadata\":[%s]}";
    char json[400];

    for (int id = 1; id <= 3; id++) {
        snprintf(json, sizeof(json), cluster, id, id, id == 1 ? "{\"key\":\"zone\",\"value\":\"own\"}" : "");
        after(series, RSE_CLUSTER, json);
    }
    assert_int_equal(
        after(series, RSE_GROUP, "{\"id\":2,\"name\":\"b\",\"metadata\":[{\"key\":\"zone\",\"value\":\"x\"}]}"), 2);
    assert_int_equal(
        after(series, RSE_GROUP,
              "{\"id\":2,\"name\":\"b\",\"description\":\"d\",\"metadata\":[{\"key\":\"zone\",\"value\":\"x\"}]}"),
        0);
    series_free(series);
}

static void work_from_changes__puts_right_what_was_edited_by_hand(void **state)
{
    struct series *series = series_new(*state);
    git_oid before = world_id(series->world, "clusters");

    world_push(series->world, "clusters/store-2/web/web/base/config.yaml", TREE_FILE, "by: hand\n");
    assert_int_equal(after(series, RSE_CLUSTER, NULL), 1);
    assert_same_id(world_id(series->world, "clusters"), before);
    series_free(series);
}

#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_up, world_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(work_from_changes__looks_only_where_inputs_changed),
        WORLD_TEST(work_from_changes__follows_a_groups_value_to_where_it_counts),
        WORLD_TEST(work_from_changes__puts_right_what_was_edited_by_hand),
        WORLD_TEST(work_from_changes__makes_the_same_tree_and_holds_the_same_as_work_from_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
