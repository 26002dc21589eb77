/* The fleet against a naive one, on random objects, expressions and series of changes. */
#include "tests/unit/fleet/random_fleet.h"

enum { SERIES = 60, STEPS = 60 };

static void assert_set(struct rse_fleet *fleet, const struct rse_bitmap *set, struct naive *n, const char *what,
                       bool (*has)(struct naive *, const void *, const struct rse_cluster *), const void *arg)
{
    assert_int_equal(set->nbits, rse_fleet_nbits(fleet));
    for (size_t i = 0; i < n->count; i++) {
        const struct rse_cluster *cluster = (const struct rse_cluster *)n->at[i].object;
        uint32_t index = rse_fleet_cluster_index(fleet, cluster->object.id);

        if (cluster->object.noun != RSE_CLUSTER)
            continue;
        if (rse_bitmap_has(set, index) != has(n, arg, cluster))
            fail_msg("%s: cluster %s is%s in it", what, cluster->object.name.p,
                     rse_bitmap_has(set, index) ? "" : " not");
    }
    RSE_BITMAP_EACH(set, bit)
    assert_non_null(rse_fleet_cluster_at(fleet, bit));
}

static bool has_wish(struct naive *n, const void *wish, const struct rse_cluster *cluster)
{
    return naive_selects(n, wish, cluster);
}

static bool has_group(struct naive *n, const void *group, const struct rse_cluster *cluster)
{
    return cluster->state != RSE_CLUSTER_CLOSED && naive_in_group(n, group, cluster);
}

static bool has_namespace(struct naive *n, const void *ns, const struct rse_cluster *cluster)
{
    return naive_in_namespace(n, ns, cluster);
}

/* ---- what is compared ---- */

static void compare_scopes(struct world *w, struct rse_fleet *fleet)
{
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, 0);
    for (size_t i = 0; i < w->naive.count; i++) {
        const struct naive_object *o = &w->naive.at[i];
        char what[64];

        (void)snprintf(what, sizeof(what), "noun %d id %lld", o->object->noun, (long long)o->object->id);
        if (o->object->noun == RSE_GROUP) {
            rse_fleet_group_clusters(fleet, o->object->id, &set);
            assert_set(fleet, &set, &w->naive, what, has_group, o);
        } else if (o->object->noun == RSE_NAMESPACE) {
            rse_fleet_namespace_clusters(fleet, o->object->id, &set);
            assert_set(fleet, &set, &w->naive, what, has_namespace, o);
        }
    }
}

static void compare_expression(struct world *w, struct rse_fleet *fleet)
{
    struct wish *wish = random_wish(w, 4);
    struct rse_str text = wish_text(w, wish);
    struct rse_expr *expr = NULL, *again = NULL;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BITMAP_AUTO set = { 0 }, same = { 0 };
    RSE_BUF_AUTO canonical = { 0 };
    RSE_BUF_AUTO twice = { 0 };

    rse_bitmap_init(&set, 0);
    rse_bitmap_init(&same, 0);
    rse_buf_init(&canonical, 1 << 16);
    rse_buf_init(&twice, 1 << 16);
    if (!rse_expr_parse(&expr, text, &err))
        fail_msg("%s: %s", text.p, err.what);
    rse_expr_eval(expr, fleet, &set);
    assert_set(fleet, &set, &w->naive, text.p, has_wish, wish);
    rse_expr_print(expr, fleet, &canonical);
    if (!rse_expr_parse(&again, rse_buf_str(&canonical), &err))
        fail_msg("%s: %s", canonical.p, err.what);
    rse_expr_print(again, fleet, &twice);
    assert_string_equal(canonical.p, twice.p);
    rse_expr_eval(again, fleet, &same);
    assert_set(fleet, &same, &w->naive, canonical.p, has_wish, wish);
    rse_expr_free(expr);
    rse_expr_free(again);
}

static void compare_values(struct world *w, struct rse_fleet *fleet)
{
    static const char *const ASKED[] = { "region", "size", "zone", "nothing" };

    for (size_t i = 0; i < w->naive.count; i++) {
        const struct rse_cluster *cluster = (const struct rse_cluster *)w->naive.at[i].object;
        struct rse_str key = rse_str(PICK(&w->chance, ASKED)), value, wanted;
        struct rse_value_source source;
        const struct naive_object *giver;
        bool found;

        if (cluster->object.noun != RSE_CLUSTER)
            continue;
        found = rse_fleet_value(fleet, rse_fleet_cluster_index(fleet, cluster->object.id), key, &value, &source);
        giver = naive_giver(&w->naive, cluster, key);
        if (rse_object_metadata(&cluster->object, key, &wanted)) {
            assert_true(found && source.own && rse_str_eq(value, wanted));
        } else if (giver != NULL) {
            (void)rse_object_metadata(giver->object, key, &wanted);
            assert_true(found && !source.own && rse_str_eq(value, wanted));
            assert_int_equal(source.object->id, giver->object->id);
        } else {
            assert_false(found);
        }
    }
}

static void compare_conflicts(struct world *w, struct rse_fleet *fleet)
{
    struct rse_err err = RSE_ERR_INIT;
    bool conflict = false;

    for (size_t i = 0; i < w->naive.count; i++) {
        const struct rse_cluster *cluster = (const struct rse_cluster *)w->naive.at[i].object;

        for (size_t k = 0; cluster->object.noun == RSE_CLUSTER && k < 3; k++)
            conflict = conflict || naive_in_conflict(&w->naive, cluster, rse_str(KEYS[k]));
    }
    if (rse_fleet_check_values(fleet, &err) == conflict)
        fail_msg("conflict: %d, %s", conflict, err.what);
}

static void compare_look_ups(struct world *w, struct rse_fleet *fleet)
{
    size_t counts[RSE_NOUN_COUNT] = { 0 };

    for (size_t i = 0; i < w->naive.count; i++) {
        const struct rse_object *object = w->naive.at[i].object, *found;
        char path[512];
        struct rse_str name = object->name;

        counts[object->noun]++;
        assert_true(rse_object_spec_eq(rse_fleet_get(fleet, object->noun, object->id), object));
        if (object->noun == RSE_GROUP) {
            naive_path(&w->naive, &w->naive.at[i], path);
            name = rse_str(path);
        }
        found = rse_fleet_find(fleet, object->noun, name, NULL);
        assert_int_equal(found->id, naive_find(&w->naive, object->noun, name.p)->object->id);
    }
    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        int64_t last = 0;
        const struct rse_object *object;

        assert_int_equal(rse_fleet_count(fleet, noun), counts[noun]);
        for (size_t it = 0; (object = rse_fleet_next(fleet, noun, &it)) != NULL; last = object->id)
            assert_true(object->id > last);
    }
}

static void compare_group(struct naive *n, const struct naive_object *group, struct rse_fleet *fleet)
{
    RSE_BUF_AUTO path = { 0 };
    size_t count, wanted = 0;
    const int64_t *children;
    char naive[512];

    rse_buf_init(&path, 4096);
    rse_fleet_group_path(fleet, group->object->id, &path);
    naive_path(n, group, naive);
    assert_string_equal(path.p, naive);
    for (size_t i = 0; i < n->count; i++)
        wanted += n->at[i].object->noun == RSE_GROUP && naive_is_parent(n, group, &n->at[i]);
    children = rse_fleet_group_children(fleet, group->object->id, &count);
    assert_int_equal(count, wanted);
    for (size_t i = 0; i < count; i++)
        assert_true(naive_is_parent(n, group, naive_get(n, RSE_GROUP, children[i])));
}

static void compare_tree(struct world *w, struct rse_fleet *fleet)
{
    for (size_t i = 0; i < w->naive.count; i++) {
        if (w->naive.at[i].object->noun == RSE_GROUP)
            compare_group(&w->naive, &w->naive.at[i], fleet);
    }
}

static void compare_keys(struct world *w, struct rse_fleet *fleet)
{
    size_t count, wanted = 0;
    const struct rse_str *keys = rse_fleet_metadata_keys(fleet, RSE_CLUSTER, &count);

    for (size_t k = 0; k < 3; k++) {
        bool there = false;
        struct rse_str value;

        for (size_t i = 0; i < w->naive.count; i++)
            there = there || (w->naive.at[i].object->noun != RSE_NAMESPACE &&
                              rse_object_metadata(w->naive.at[i].object, rse_str(KEYS[k]), &value));
        wanted += there;
    }
    assert_int_equal(count, wanted);
    for (size_t i = 1; i < count; i++)
        assert_true(rse_str_cmp(keys[i - 1], keys[i]) < 0);
}

static void compare_derived(struct world *w, struct rse_fleet *fleet)
{
    compare_tree(w, fleet);
    compare_scopes(w, fleet);
    compare_expression(w, fleet);
    compare_expression(w, fleet);
    compare_values(w, fleet);
    compare_conflicts(w, fleet);
    compare_keys(w, fleet);
}

static void compare(struct world *w, struct rse_fleet *fleet)
{
    compare_derived(w, fleet);
    compare_look_ups(w, fleet);
}

/* ---- series ---- */

static void change(struct world *w, struct rse_fleet *fleet)
{
    if (chance_one_in(&w->chance, 5))
        random_remove(w, fleet);
    else
        random_put(w, fleet);
}

static void begin(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->chance.state = seed * 0x9E3779B97F4A7C15u + 12345;
    w->arena = rse_arena_new();
}

static void end(struct world *w)
{
    naive_clear(&w->naive);
    rse_arena_free(w->arena);
}

static void fleet__answers_as_a_naive_one_after_every_change(void **state)
{
    for (uint64_t seed = 0; seed < SERIES; seed++) {
        struct rse_fleet *fleet = rse_fleet_new();
        struct world w;

        begin(&w, seed);
        for (int step = 0; step < STEPS; step++) {
            change(&w, fleet);
            if (chance_one_in(&w.chance, 2))
                compare(&w, fleet);
        }
        compare(&w, fleet);
        rse_fleet_free(fleet);
        end(&w);
    }
    (void)state;
}

static void fleet__forgets_everything_at_a_rollback(void **state)
{
    for (uint64_t seed = 1000; seed < 1000 + SERIES; seed++) {
        struct rse_fleet *fleet = rse_fleet_new();
        struct world w;
        struct naive before = { .count = 0 };

        begin(&w, seed);
        for (int step = 0; step < STEPS / 2; step++)
            change(&w, fleet);
        naive_copy(&before, &w.naive);
        uint32_t nbits = rse_fleet_nbits(fleet);
        int64_t last_id = rse_fleet_last_id(fleet, RSE_CLUSTER);

        rse_fleet_mark(fleet);
        for (int step = 0; step < STEPS / 2; step++) {
            change(&w, fleet);
            if (chance_one_in(&w.chance, 8))
                compare(&w, fleet);
        }
        if (chance_one_in(&w.chance, 3)) {
            rse_fleet_release(fleet);
        } else {
            rse_fleet_rollback(fleet);
            naive_copy(&w.naive, &before);
            assert_int_equal(rse_fleet_nbits(fleet), nbits);
            assert_int_equal(rse_fleet_last_id(fleet, RSE_CLUSTER), last_id);
        }
        compare(&w, fleet);
        change(&w, fleet);
        compare(&w, fleet);
        rse_fleet_free(fleet);
        naive_clear(&before);
        end(&w);
    }
    (void)state;
}

static void assert_same_groups(struct rse_fleet *fleet, struct world *w)
{
    struct rse_fleet *fresh = rse_fleet_new();
    struct rse_err err = RSE_ERR_INIT;
    const struct rse_object *object;
    RSE_BUF_AUTO path = { 0 }, wanted = { 0 };

    rse_buf_init(&path, 4096);
    rse_buf_init(&wanted, 4096);
    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_GROUP, &it)) != NULL;)
        assert_true(rse_fleet_put(fresh, object, &err));
    for (size_t it = 0; (object = rse_fleet_next(fresh, RSE_GROUP, &it)) != NULL;) {
        rse_buf_reset(&path);
        rse_buf_reset(&wanted);
        rse_fleet_group_path(fleet, object->id, &path);
        rse_fleet_group_path(fresh, object->id, &wanted);
        assert_string_equal(path.p, wanted.p);
        assert_int_equal(rse_fleet_find(fleet, RSE_GROUP, rse_buf_str(&path), NULL)->id,
                         rse_fleet_find(fresh, RSE_GROUP, rse_buf_str(&path), NULL)->id);
    }
    if (chance_one_in(&w->chance, 2))
        rse_fleet_warm(fleet);
    rse_fleet_free(fresh);
}

/* New groups are placed alone where that is right: below ones that are there; not where somebody waited for them, or has their path. */
static void fleet__places_new_groups_as_if_they_had_always_been_there(void **state)
{
    for (uint64_t seed = 3000; seed < 3000 + SERIES; seed++) {
        struct rse_fleet *fleet = rse_fleet_new();
        struct rse_err err = RSE_ERR_INIT;
        struct world w;
        size_t beyond = seed % 3 == 0 ? 4 : 0; /* in every third series parents may come later, or never */

        begin(&w, seed);
        for (int64_t id = 1; id <= STEPS; id++) {
            struct rse_group *group = (struct rse_group *)rse_object_new(RSE_GROUP, w.arena);

            group->object.id = id;
            group->object.name = rse_str(PICK(&w.chance, GROUP_NAMES));
            if (seed % 3 != 1)
                group->object.name = rse_str(rse_arena_printf(w.arena, "g%lld", (long long)id));
            group->parent.id = (int64_t)chance_below(&w.chance, (uint32_t)(id + (int64_t)beyond));
            assert_true(rse_fleet_put(fleet, &group->object, &err));
            if (chance_one_in(&w.chance, 3))
                assert_same_groups(fleet, &w);
        }
        assert_same_groups(fleet, &w);
        rse_fleet_free(fleet);
        end(&w);
    }
    (void)state;
}

/* Objects come in any order: what one names may come later. */
static void fleet__does_not_care_in_which_order_objects_came(void **state)
{
    for (uint64_t seed = 2000; seed < 2000 + SERIES; seed++) {
        struct rse_fleet *fleet = rse_fleet_new(), *fresh = rse_fleet_new();
        struct rse_err err = RSE_ERR_INIT;
        struct world w;

        begin(&w, seed);
        for (int step = 0; step < STEPS; step++)
            change(&w, fleet);
        for (size_t i = w.naive.count; i > 1; i--) {
            size_t j = chance_below(&w.chance, (uint32_t)i);
            struct naive_object other = w.naive.at[j];

            w.naive.at[j] = w.naive.at[i - 1];
            w.naive.at[i - 1] = other;
        }
        for (size_t i = 0; i < w.naive.count; i++) {
            assert_true(rse_fleet_put(fresh, w.naive.at[i].object, &err));
            if (chance_one_in(&w.chance, 4))
                rse_fleet_warm(fresh);
        }
        compare(&w, fresh);
        rse_fleet_warm(fresh);
        compare(&w, fresh);
        rse_fleet_free(fleet);
        rse_fleet_free(fresh);
        end(&w);
    }
    (void)state;
}

static void check_all(struct world *w, struct rse_fleet *fleet)
{
    for (size_t i = 0; i < w->naive.count; i++) {
        struct rse_err err = RSE_ERR_INIT;
        const struct rse_object *object = w->naive.at[i].object;

        if (!rse_fleet_check(fleet, object->noun, object->id, &err)) {
            assert_int_not_equal(err.code, RSE_OK);
            assert_int_not_equal(err.object[0], '\0');
        }
    }
}

/* A check fills in references, which says the same in another way. */
static void check__changes_no_answer(void **state)
{
    for (uint64_t seed = 3000; seed < 3000 + SERIES; seed++) {
        struct rse_fleet *fleet = rse_fleet_new();
        struct world w;

        begin(&w, seed);
        for (int step = 0; step < STEPS; step++)
            change(&w, fleet);
        if (chance_one_in(&w.chance, 2))
            compare(&w, fleet);
        rse_fleet_mark(fleet);
        check_all(&w, fleet);
        compare_derived(&w, fleet);
        rse_fleet_rollback(fleet);
        compare(&w, fleet);
        check_all(&w, fleet);
        compare_derived(&w, fleet);
        rse_fleet_free(fleet);
        end(&w);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fleet__answers_as_a_naive_one_after_every_change),
        cmocka_unit_test(fleet__forgets_everything_at_a_rollback),
        cmocka_unit_test(check__changes_no_answer),
        cmocka_unit_test(fleet__places_new_groups_as_if_they_had_always_been_there),
        cmocka_unit_test(fleet__does_not_care_in_which_order_objects_came),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
