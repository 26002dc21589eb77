/*
 * bench_expr.c - what expressions cost over 60,000 clusters with 6 metadata keys each in 2,000 groups.
 *
 * Prints the time to load the fleet, bytes per cluster, microseconds for an expression of five selectors warm and after
 * changes, and for an effective value.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "resedge/fleet.h"

enum { CLUSTERS = 60000, REGIONS = 10, STATES = 10, CITIES = 18, FRANCHISES = 89, ROUNDS = 2000 };

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool ok, const struct rse_err *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_expr: %s\n", err->what);
    exit(1);
}

static void put(struct rse_fleet *fleet, const struct rse_object *object)
{
    struct rse_err err = RSE_ERR_INIT;

    must(rse_fleet_put(fleet, object, &err), &err);
}

static void put_target(struct rse_fleet *fleet, struct rse_arena *arena)
{
    struct rse_target *target = (struct rse_target *)rse_object_new(RSE_TARGET, arena);

    target->object.id = 1;
    target->object.name = RSE_STR("main");
    target->url = RSE_STR("https://git.example.com/fleet");
    put(fleet, &target->object);
}

/* Every other franchise has an expression and a flag for its clusters; one in 5 of the rest gives them a value. */
static int64_t put_group(struct rse_fleet *fleet, struct rse_arena *arena, const char *name, int64_t parent)
{
    struct rse_group *group = (struct rse_group *)rse_object_new(RSE_GROUP, arena);
    int64_t id = rse_fleet_last_id(fleet, RSE_GROUP) + 1;
    struct rse_pair pair = { parent == 0 ? RSE_STR("franchise") : RSE_STR("area"), rse_str(name) };

    group->object.id = id;
    group->object.name = rse_str(name);
    group->parent.id = parent;
    if (parent == 0 && id % 2 == 0) {
        pair.key = rse_str(rse_arena_printf(arena, "flag-%lld", (long long)id));
        group->expression = rse_str(rse_arena_printf(arena, "/m/size/%lld and /t/ring-1", (long long)id % 7));
    }
    if (id % 5 == 0 || group->expression.p != NULL)
        group->object.metadata = (struct rse_pairs){ &pair, 1 };
    put(fleet, &group->object);
    return id;
}

/* 1 + 10 + 100 + 1,800 groups of places, and 89 franchises. */
static void put_groups(struct rse_fleet *fleet, struct rse_arena *arena)
{
    int64_t root = put_group(fleet, arena, "stores", 0);

    for (int r = 0; r < REGIONS; r++) {
        int64_t region = put_group(fleet, arena, rse_arena_printf(arena, "region-%d", r), root);

        for (int s = 0; s < STATES; s++) {
            int64_t state = put_group(fleet, arena, rse_arena_printf(arena, "state-%d", s), region);

            for (int c = 0; c < CITIES; c++)
                (void)put_group(fleet, arena, rse_arena_printf(arena, "city-%d", c), state);
        }
    }
    for (int f = 0; f < FRANCHISES; f++)
        (void)put_group(fleet, arena, rse_arena_printf(arena, "franchise-%d", f), 0);
}

static struct rse_ref group_ref(struct rse_fleet *fleet, struct rse_arena *arena, const char *path)
{
    const struct rse_object *group = rse_fleet_find(fleet, RSE_GROUP, rse_str(path), NULL);

    return (struct rse_ref){ group->id, rse_arena_str(arena, rse_str(path)) };
}

static void put_cluster(struct rse_fleet *fleet, int64_t i)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_cluster *c = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, arena);
    int region = (int)(i % REGIONS), state = (int)(i / REGIONS % STATES), city = (int)(i / 100 % CITIES);
    char *place = rse_arena_printf(arena, "/stores/region-%d/state-%d/city-%d", region, state, city);
    char *franchise = rse_arena_printf(arena, "/franchise-%lld", (long long)i % FRANCHISES);
    struct rse_ref groups[] = { group_ref(fleet, arena, franchise), group_ref(fleet, arena, place) };
    struct rse_str tags[] = { rse_str(rse_arena_printf(arena, "ring-%lld", (long long)i % 4)),
                              rse_str(rse_arena_printf(arena, "wave-%lld", (long long)i % 100)) };
    struct rse_pair pairs[] = {
        { RSE_STR("address"), rse_str(rse_arena_printf(arena, "10.%d.%lld.1", region, (long long)i / 10)) },
        { RSE_STR("city"), rse_str(rse_arena_printf(arena, "city-%d", city)) },
        { RSE_STR("number"), rse_str(rse_arena_printf(arena, "%lld", (long long)i)) },
        { RSE_STR("region"), rse_str(rse_arena_printf(arena, "region-%d", region)) },
        { RSE_STR("size"), rse_str(rse_arena_printf(arena, "%lld", (long long)i % 7)) },
        { RSE_STR("state"), rse_str(rse_arena_printf(arena, "state-%d", state)) },
    };

    c->object.id = i;
    c->object.name = rse_str(rse_arena_printf(arena, "region-%d-state-%d-%lld", region, state, (long long)i));
    c->object.environment = RSE_STR("Prod");
    c->time_zone = RSE_STR("America/Chicago");
    c->object.tags = (struct rse_strs){ tags, RSE_COUNT(tags) };
    c->object.metadata = (struct rse_pairs){ pairs, RSE_COUNT(pairs) };
    c->groups = (struct rse_refs){ .at = groups, .count = RSE_COUNT(groups) };
    c->target.id = 1;
    c->object.created_at = c->object.updated_at = RSE_STR("2026-02-03T04:05:06.789Z");
    put(fleet, &c->object);
}

static double per_round(void (*fn)(struct rse_fleet *, const void *, int), struct rse_fleet *fleet, const void *arg)
{
    double start = now_us();

    for (int i = 0; i < ROUNDS; i++)
        fn(fleet, arg, i);
    return (now_us() - start) / ROUNDS;
}

static struct rse_bitmap result;

static void evaluate(struct rse_fleet *fleet, const void *arg, int round)
{
    (void)round;
    rse_expr_eval(arg, fleet, &result);
}

static void value(struct rse_fleet *fleet, const void *arg, int round)
{
    struct rse_str out;

    (void)arg;
    (void)rse_fleet_value(fleet, (uint32_t)round * 29 % CLUSTERS, RSE_STR("franchise"), &out, NULL);
}

/* A store's size changes, and then the expression is asked for. */
static void change_and_evaluate(struct rse_fleet *fleet, const void *arg, int round)
{
    struct rse_cluster cluster = *rse_fleet_cluster_at(fleet, (uint32_t)round * 29 % CLUSTERS);
    struct rse_pair pairs[6];

    memcpy(pairs, cluster.object.metadata.at, sizeof(pairs));
    pairs[4].value = round % 2 == 0 ? RSE_STR("x") : RSE_STR("y");
    cluster.object.metadata.at = pairs;
    put(fleet, &cluster.object);
    rse_expr_eval(arg, fleet, &result);
}

/* A store leaves its franchise. */
static void move_and_evaluate(struct rse_fleet *fleet, const void *arg, int round)
{
    struct rse_cluster cluster = *rse_fleet_cluster_at(fleet, (uint32_t)round * 31 % CLUSTERS);

    cluster.groups.count = cluster.groups.count == 2 ? 1 : 2;
    put(fleet, &cluster.object);
    rse_expr_eval(arg, fleet, &result);
}

/* As after an apply: everything was put, now everything is checked. */
static void check_all(struct rse_fleet *fleet)
{
    struct rse_err err = RSE_ERR_INIT;
    const struct rse_object *object;
    double start = now_us();

    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_GROUP, &it)) != NULL;)
        must(rse_fleet_check(fleet, RSE_GROUP, object->id, &err), &err);
    (void)printf("check 2,000 groups %.0f ms\n", (now_us() - start) / 1e3);
    start = now_us();
    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_CLUSTER, &it)) != NULL;)
        must(rse_fleet_check(fleet, RSE_CLUSTER, object->id, &err), &err);
    (void)printf("check 60,000 clusters %.0f ms\n", (now_us() - start) / 1e3);
    start = now_us();
    (void)rse_fleet_find(fleet, RSE_CLUSTER, RSE_STR("region-3-state-4-99999"), &err);
    (void)printf("look for a name that isn't there %.1f us\n", now_us() - start);
    start = now_us();
    rse_err_clear(&err);
    must(rse_fleet_check_values(fleet, &err), &err);
    (void)printf("check values, known %.1f ms\n", (now_us() - start) / 1e3);
}

int main(void)
{
    static const char TEXT[] = "(/g/stores or /m/region/region-3) and /t/ring-1 and not /m/size/3 or /s/some-store";
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    RSE_CLEANUP(rse_expr_freep) struct rse_expr *expr = NULL;
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_err err = RSE_ERR_INIT;
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    double start = now_us(), per_evaluation, per_value;

    put_target(fleet, arena);
    put_groups(fleet, arena);
    for (int64_t i = 1; i <= CLUSTERS; i++)
        put_cluster(fleet, i);
    (void)printf("load %.0f ms\n", (now_us() - start) / 1e3);
    (void)printf("bytes a cluster %zu\n", (mallinfo2().uordblks + mallinfo2().hblkhd - before) / CLUSTERS);

    must(rse_expr_parse(&expr, rse_str(TEXT), &err), &err);
    rse_bitmap_init(&result, 0);
    start = now_us();
    rse_fleet_warm(fleet);
    (void)printf("warm %.1f ms\n", (now_us() - start) / 1e3);
    (void)printf("bytes a cluster, warm %zu\n", (mallinfo2().uordblks + mallinfo2().hblkhd - before) / CLUSTERS);
    per_evaluation = per_round(evaluate, fleet, expr);
    (void)printf("selected %u\n", rse_bitmap_count(&result));
    per_value = per_round(value, fleet, NULL);
    (void)printf("evaluate 5 selectors %.2f us\neffective value %.2f us\n", per_evaluation, per_value);
    (void)printf("change a value and evaluate %.2f us\n", per_round(change_and_evaluate, fleet, expr));
    (void)printf("change a membership and evaluate %.2f us\n", per_round(move_and_evaluate, fleet, expr));
    check_all(fleet);
    /* The reference: what one value costs, looked up through the groups. */
    (void)printf("BENCH evaluate_in_library %.2f us <= 50 %.2f %d %s\n", per_evaluation, per_value, ROUNDS,
                 per_evaluation <= 50 ? "ok" : "short");
    rse_bitmap_release(&result);
    rse_fleet_free(fleet);
    return 0;
}
