/*
 * automation.c - a made-up fleet through the worker's own code, in process: from a plan to a branch that moved.
 *
 *     automation build REPOSITORY [--clusters N] [--applications N] [--pattern sharded|flat] [--threads N]
 *                              [--first-only]
 *         makes the repository, builds and commits the fleet, then a few changes; prints "name value" lines
 *     automation fleet [...]
 *         only makes the fleet in memory, so that a profiler's count of it can be taken off
 *     automation stream [...]
 *         the same files as a stream for git fast-import, rendered one by one and told to nobody
 *     automation inventory [--url PATH] [...]
 *         the fleet as people would write it, for `resedge apply -f`
 *     automation templates FOLDER [...]
 *         the templates, as a folder to be committed
 *     automation push REPOSITORY URL CREDENTIALS COMMIT
 *         see push.h
 *
 * Times are in seconds, memory in MB (10^6 bytes).
 */
#include <cjson/cJSON.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <resedge/fleet.h>
#include <resedge/parse.h>
#include <resedge/plan.h>

#include "automation-worker/clock.h"
#include "automation-worker/git/commit.h"
#include "automation-worker/git/repo.h"
#include "automation-worker/job/build.h"
#include "automation-worker/job/templates.h"

#include "tests/bench/automation/fleet_gen.h"
#include "tests/bench/automation/push.h"

enum { TARGET_ID = 1, CHANGES = 20, GAINED_WAVES = 5, PROMO = 4 };

static void must(bool ok, const struct rse_err *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "automation: %s %s %s\n", err->what, err->object, err->hint);
    exit(1);
}

static double seconds_since(int64_t start_us)
{
    return (double)(clock_us() - start_us) / 1e6;
}

static void report(const char *name, double value)
{
    (void)printf("%s %.6f\n", name, value);
    (void)fflush(stdout);
}

/* Of all threads, in the program and in the system for it. */
static double processor_seconds(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* "VmHWM" in MB: the most memory that was resident at once. */
static double peak_memory(void)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    double kib = 0;

    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtod(line + 6, NULL);
    }
    if (status != NULL)
        (void)fclose(status);
    return kib * 1024 / 1e6;
}

/* ---- the fleet in memory ---- */

static void put_object(void *arg, enum rse_noun noun, const char *json)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object;
    cJSON *doc = cJSON_Parse(json);

    must(doc != NULL && rse_object_parse(&object, noun, doc, RSE_PARSE_DOC, arena, &err) &&
             rse_fleet_put(arg, object, &err),
         &err);
    cJSON_Delete(doc);
}

static struct rse_fleet *make_fleet(const struct fleet_gen *gen)
{
    struct rse_fleet *fleet = rse_fleet_new();

    fleet_gen_objects(gen, put_object, fleet);
    rse_fleet_warm(fleet);
    return fleet;
}

/* ---- a repository with templates ---- */

struct world {
    const struct fleet_gen *gen;
    struct rse_fleet *fleet;
    struct repo *repo;
    struct repo_head head;
    struct templates *templates;
    struct rse_map *said, *foreign;
    int64_t job;
    unsigned threads;
};

struct pushing {
    struct objects *objects;
    struct tree *tree;
};

static void push_file(void *arg, const char *path, struct rse_str text)
{
    struct pushing *pushing = arg;
    struct rse_err err = RSE_ERR_INIT;
    git_oid id;

    must(object_hash(GIT_OBJECT_BLOB, text, &id, &err) &&
             objects_write(pushing->objects, GIT_OBJECT_BLOB, text, &id, &err) &&
             tree_put(pushing->tree, rse_str(path), TREE_FILE, &id, &err),
         &err);
}

static void move_branch(struct world *world, struct objects *objects, const struct commit_spec *spec)
{
    struct rse_err err = RSE_ERR_INIT;
    git_oid id;

    must(commit_write(objects, spec, &id, &err) && objects_finish(objects, &err) &&
             repo_move(world->repo, "main", &world->head, &id, &err) &&
             repo_head(world->repo, "main", &world->head, &err),
         &err);
}

static void push_templates(struct world *world)
{
    struct rse_err err = RSE_ERR_INIT;
    struct commit_spec spec = { .message = RSE_STR("Templates\n"), .time = 1 };
    struct pushing pushing;

    must(objects_new(&pushing.objects, repo_git(world->repo), OBJECTS_STORE, &err), &err);
    pushing.tree = tree_new(pushing.objects, NULL);
    fleet_gen_templates(world->gen, push_file, &pushing);
    must(tree_hash(pushing.tree, &spec.tree, &err) && tree_store(pushing.tree, pushing.objects, &err), &err);
    move_branch(world, pushing.objects, &spec);
    tree_free(pushing.tree);
    objects_free(pushing.objects);
}

static void world_open(struct world *world, const char *path)
{
    struct rse_err err = RSE_ERR_INIT;

    must(repo_open_or_create(&world->repo, path, "main", &err), &err);
    world->templates = templates_new();
    world->said = rse_map_new();
    world->foreign = rse_map_new();
    push_templates(world);
}

static void world_close(struct world *world)
{
    rse_map_free(world->said);
    rse_map_free(world->foreign);
    templates_free(world->templates);
    repo_free(world->repo);
    rse_fleet_free(world->fleet);
}

/* ---- builds ---- */

struct took {
    double templates, plan, build, commit, total; /* seconds */
    double files, clusters;
    double render, write;
};

static bool go_on(void *arg, int64_t files, int64_t clusters, int64_t of, struct rse_err *err)
{
    (void)arg, (void)files, (void)clusters, (void)of, (void)err;
    return true;
}

static void commit(struct world *world, struct build *build, struct objects *objects)
{
    struct trailers trailers = { .revision = world->job, .job = world->job, .change = "change" };
    struct commit_spec spec = { .tree = build->tree, .parent = &world->head.commit, .time = world->job };
    RSE_BUF_AUTO message = { 0 };

    rse_buf_init(&message, 1 << 20);
    summary_message(build->summary, world->job, build->held, NULL, &message);
    trailers_add(&message, &trailers);
    spec.message = rse_buf_str(&message);
    move_branch(world, objects, &spec);
}

static struct rse_plan *load_and_plan(struct world *world, struct objects *objects, struct took *took)
{
    RSE_CLEANUP(tree_freep) struct tree *root = tree_new(objects, &world->head.tree);
    struct rse_err err = RSE_ERR_INIT;
    int64_t start = clock_us();
    struct rse_plan *plan;

    must(templates_load(world->templates, root, RSE_STR(""), world->fleet, &err), &err);
    took->templates = seconds_since(start);
    start = clock_us();
    must(rse_plan_new(&plan, world->fleet, templates_catalogue(world->templates), TARGET_ID, &err), &err);
    took->plan = seconds_since(start);
    return plan;
}

static struct took world_build(struct world *world, const struct build_scope *scope)
{
    struct rse_err err = RSE_ERR_INIT;
    struct took took = { .files = 0 };
    struct objects *objects;
    struct build build;
    int64_t start = clock_us(), since;

    must(objects_new(&objects, repo_git(world->repo), OBJECTS_STORE, &err), &err);
    struct rse_plan *plan = load_and_plan(world, objects, &took);
    struct build_input input = {
        .fleet = world->fleet,
        .plan = plan,
        .target_id = TARGET_ID,
        .pattern = strcmp(world->gen->pattern, "flat") == 0 ? RSE_FOLDER_FLAT : RSE_FOLDER_SHARDED,
        .git = repo_git(world->repo),
        .objects = objects,
        .head = &world->head.commit,
        .head_tree = &world->head.tree,
        .scope = scope,
        .threads = world->threads,
        .said = world->said,
        .foreign = world->foreign,
        .go_on = go_on,
    };
    since = clock_us();
    must(build_run(&build, &input, &err), &err);
    took.build = seconds_since(since);
    world->job++;
    since = clock_us();
    if (build.changed)
        commit(world, &build, objects);
    took.commit = seconds_since(since);
    took.total = seconds_since(start);
    took.files = (double)build.files;
    took.clusters = (double)summary_clusters(build.summary);
    took.render = (double)build.render_us / 1e6;
    took.write = (double)build.write_us / 1e6;
    deployments_remember(build.deployments);
    build_release(&build);
    rse_plan_free(plan);
    objects_free(objects);
    return took;
}

static void report_first(struct took took)
{
    report("first_total", took.total);
    report("first_templates", took.templates);
    report("first_plan", took.plan);
    report("first_build", took.build);
    report("first_build_render", took.render);
    report("first_build_write", took.write);
    report("first_commit", took.commit);
    report("first_files", took.files);
    report("first_clusters", took.clusters);
    report("first_peak_mb", peak_memory());
}

/* ---- changes ---- */

static double change_one(struct world *world, uint32_t i)
{
    struct build_scope scope = { .clusters = NULL };
    RSE_BITMAP_AUTO clusters = { 0 };
    RSE_BUF_AUTO json = { 0 };
    char tax[16];

    rse_buf_init(&json, 1 << 16);
    (void)snprintf(tax, sizeof(tax), "9.%02u%%", i % 100);
    fleet_gen_cluster(world->gen, i, tax, &json);
    put_object(world->fleet, RSE_CLUSTER, json.p);
    rse_bitmap_init(&clusters, rse_fleet_nbits(world->fleet));
    rse_bitmap_set(&clusters, rse_fleet_cluster_index(world->fleet, i + 1));
    scope.clusters = &clusters;
    return world_build(world, &scope).total;
}

static void report_changes(struct world *world)
{
    for (uint32_t i = 0; i < CHANGES; i++)
        report("one_cluster", change_one(world, (i * 7919) % world->gen->clusters));
}

static bool is_not_promo(void *arg, uint32_t cluster_index, const struct rse_part *part)
{
    (void)arg, (void)cluster_index;
    return part->namespace_ == NULL || part->namespace_->object.id != PROMO;
}

/* promo comes to one cluster in twenty, 3,000 of 60,000: those of some waves, of which there are 100. */
static void report_gain(struct world *world)
{
    struct build_scope scope = { .unchanged = is_not_promo };
    uint32_t waves = GAINED_WAVES;
    RSE_BITMAP_AUTO clusters = { 0 };
    RSE_BUF_AUTO json = { 0 };

    rse_buf_init(&json, 1 << 16);
    rse_buf_addf(&json, "{\"id\":%d,\"name\":\"promo\",\"expression\":\"", PROMO);
    for (uint32_t w = 0; w < waves; w++)
        rse_buf_addf(&json, "%s/t/wave-%u", w > 0 ? " or " : "", w);
    rse_buf_adds(&json, "\"}");
    put_object(world->fleet, RSE_NAMESPACE, json.p);
    rse_bitmap_init(&clusters, rse_fleet_nbits(world->fleet));
    rse_fleet_namespace_clusters(world->fleet, PROMO, &clusters);
    scope.clusters = &clusters;
    struct took took = world_build(world, &scope);
    report("gain_total", took.total);
    report("gain_clusters", took.clusters);
}

/* first_only: for a profiler. */
static int command_build(struct fleet_gen *gen, const char *path, unsigned threads, bool first_only)
{
    struct world world = { .gen = gen, .threads = threads };
    int64_t start = clock_us();

    gen->documents = true;
    gen->url = path;
    world.fleet = make_fleet(gen);
    report("fleet", seconds_since(start));
    report("fleet_peak_mb", peak_memory());
    world_open(&world, path);
    double before = processor_seconds();
    report_first(world_build(&world, NULL));
    report("first_processor", processor_seconds() - before);
    if (!first_only) {
        report("again_total", world_build(&world, NULL).total);
        report_changes(&world);
        report_gain(&world);
    }
    world_close(&world);
    return 0;
}

/* ---- the same files, naively ---- */

struct stream {
    struct rse_str folder;
};

static bool stream_file(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    const struct stream *stream = arg;

    (void)err;
    (void)printf("M 100644 inline %.*s/%.*s\ndata %zu\n", RSE_STR_ARG(stream->folder), RSE_STR_ARG(file->path),
                 file->bytes.len);
    (void)fwrite(file->bytes.p, 1, file->bytes.len, stdout);
    (void)putchar('\n');
    return true;
}

static void stream_cluster(const struct rse_plan *plan, const struct rse_cluster *cluster, uint32_t index,
                           enum rse_folder_pattern pattern)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct rse_part *parts;
    struct stream stream;
    size_t count;
    RSE_BUF_AUTO folder = { 0 };

    rse_buf_init(&folder, 1024);
    rse_cluster_folder(pattern, cluster->object.name, &folder);
    stream.folder = rse_buf_str(&folder);
    rse_plan_parts(plan, index, arena, &parts, &count);
    bool *present = rse_arena_calloc(arena, count + 1, sizeof(*present));
    for (size_t i = 0; i < count; i++) {
        must(rse_plan_render(plan, index, &parts[i], stream_file, &stream, &err), &err);
        present[i] = true;
    }
    must(rse_plan_render_lists(plan, index, parts, present, count, stream_file, &stream, &err), &err);
}

static void add_to_catalogue(void *arg, const char *path, struct rse_str text)
{
    struct rse_err err = RSE_ERR_INIT;
    git_oid id;

    must(object_hash(GIT_OBJECT_BLOB, text, &id, &err), &err);
    rse_catalogue_add(arg, rse_str(path), id.id, text);
}

static int command_stream(struct fleet_gen *gen)
{
    enum rse_folder_pattern pattern = strcmp(gen->pattern, "flat") == 0 ? RSE_FOLDER_FLAT : RSE_FOLDER_SHARDED;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_plan *plan;

    gen->documents = true;
    struct rse_fleet *fleet = make_fleet(gen);
    struct rse_keys *keys = rse_plan_keys(fleet);
    struct rse_catalogue *catalogue = rse_catalogue_new(keys, NULL);
    fleet_gen_templates(gen, add_to_catalogue, catalogue);
    rse_catalogue_seal(catalogue);
    must(rse_plan_new(&plan, fleet, catalogue, TARGET_ID, &err), &err);
    (void)printf("commit refs/heads/main\ncommitter x <x@example.com> 1 +0000\ndata 0\n");
    for (uint32_t i = 0; i < rse_fleet_nbits(fleet); i++)
        stream_cluster(plan, rse_fleet_cluster_at(fleet, i), i, pattern);
    rse_plan_free(plan);
    rse_catalogue_free(catalogue);
    rse_keys_free(keys);
    rse_fleet_free(fleet);
    return fflush(stdout) == 0 ? 0 : 1;
}

/* ---- for the real programs ---- */

struct inventory {
    int noun; /* of the object before; -1: none */
};

static void print_object(void *arg, enum rse_noun noun, const char *json)
{
    struct inventory *inventory = arg;

    if (inventory->noun == (int)noun)
        (void)printf(",\n");
    else
        (void)printf("%s\"%s\":[\n", inventory->noun < 0 ? "{" : "],\n", rse_noun_info(noun)->plural);
    inventory->noun = (int)noun;
    (void)fputs(json, stdout);
}

/* The nouns come in turn; the generator gives applications after namespaces. */
static int command_inventory(struct fleet_gen *gen)
{
    struct inventory inventory = { .noun = -1 };

    gen->documents = false;
    fleet_gen_objects(gen, print_object, &inventory);
    (void)printf("]}\n");
    return fflush(stdout) == 0 ? 0 : 1;
}

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
}

static void write_file(void *arg, const char *path, struct rse_str text)
{
    char full[4096];

    (void)snprintf(full, sizeof(full), "%s/%s", (const char *)arg, path);
    make_folders(full);
    FILE *file = fopen(full, "w");
    if (file == NULL || fwrite(text.p, 1, text.len, file) != text.len || fclose(file) != 0) {
        perror(full);
        exit(1);
    }
}

/* ---- the command line ---- */

static uint32_t number(const char *text, int64_t min, int64_t max)
{
    int64_t n;

    if (!rse_parse_int64(rse_str(text), min, max, &n)) {
        (void)fprintf(stderr, "automation: \"%s\" is no number from %lld to %lld\n", text, (long long)min,
                      (long long)max);
        exit(2);
    }
    return (uint32_t)n;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "clusters", required_argument, NULL, 'c' },
        { "applications", required_argument, NULL, 'a' },
        { "pattern", required_argument, NULL, 'p' },
        { "threads", required_argument, NULL, 't' },
        { "url", required_argument, NULL, 'u' },
        { "first-only", no_argument, NULL, 'f' },
        { NULL, 0, NULL, 0 },
    };
    struct fleet_gen gen = {
        .clusters = 6000, .applications = FLEET_GEN_MIN, .url = "/srv/fleet.git", .pattern = "sharded"
    };
    unsigned threads = 0;

    if (argc == 6 && strcmp(argv[1], "push") == 0)
        return command_push(argv[2], argv[3], argv[4], argv[5]);
    bool first_only = false;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'c')
            gen.clusters = number(optarg, 1, 1000000);
        else if (option == 'a')
            gen.applications = number(optarg, FLEET_GEN_MIN, FLEET_GEN_MAX);
        else if (option == 'p')
            gen.pattern = optarg;
        else if (option == 't')
            threads = number(optarg, 0, 64);
        else if (option == 'u')
            gen.url = optarg;
        else if (option == 'f')
            first_only = true;
        else
            return 2;
    }
    const char *command = optind < argc ? argv[optind] : "", *operand = optind + 1 < argc ? argv[optind + 1] : NULL;
    repo_global_init();
    if (strcmp(command, "build") == 0 && operand != NULL)
        return command_build(&gen, operand, threads, first_only);
    if (strcmp(command, "fleet") == 0) {
        gen.documents = true;
        rse_fleet_free(make_fleet(&gen));
        return 0;
    }
    if (strcmp(command, "stream") == 0)
        return command_stream(&gen);
    if (strcmp(command, "inventory") == 0)
        return command_inventory(&gen);
    if (strcmp(command, "templates") == 0 && operand != NULL) {
        fleet_gen_templates(&gen, write_file, (void *)(uintptr_t)operand);
        return 0;
    }
    (void)fprintf(stderr,
                  "usage: automation build REPOSITORY | fleet | stream | inventory | templates FOLDER [options]\n");
    return 2;
}
