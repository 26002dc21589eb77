/*
 * fleet_test.h - objects and fleets for the tests of libresedge/src/fleet.
 */
#ifndef RESEDGE_TESTS_FLEET_TEST_H
#define RESEDGE_TESTS_FLEET_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "resedge/fleet.h"

/* Numbers that look random and are the same in every run. */
struct chance {
    uint64_t state;
};

static inline uint32_t chance_below(struct chance *chance, uint32_t bound)
{
    chance->state = chance->state * 6364136223846793005u + 1442695040888963407u;
    return bound == 0 ? 0 : (uint32_t)((chance->state >> 33) % bound);
}

static inline bool chance_one_in(struct chance *chance, uint32_t bound)
{
    return chance_below(chance, bound) == 0;
}

/* Puts a document, as the Data Service would send it. */
static inline void fleet_put_json(struct rse_fleet *fleet, enum rse_noun noun, const char *json)
{
    struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *doc = cJSON_Parse(json);

    assert_non_null(doc);
    if (!rse_object_parse(&object, noun, doc, RSE_PARSE_DOC, arena, &err) || !rse_fleet_put(fleet, object, &err))
        fail_msg("%s: %s", json, err.what);
    cJSON_Delete(doc);
    rse_arena_free(arena);
}

/* The names of a set's clusters, in the order of indexes, joined by spaces. To be freed. */
static inline char *set_names(const struct rse_fleet *fleet, const struct rse_bitmap *set)
{
    struct rse_buf buf;

    rse_buf_init(&buf, 1 << 20);
    RSE_BITMAP_EACH(set, bit)
    {
        if (buf.len > 0)
            rse_buf_addc(&buf, ' ');
        rse_buf_add_str(&buf, rse_fleet_cluster_at(fleet, bit)->object.name);
    }
    rse_buf_adds(&buf, "");
    return buf.p != NULL ? buf.p : rse_xstrdup("");
}

static inline char *selected_names(const struct rse_fleet *fleet, const char *text)
{
    RSE_CLEANUP(rse_expr_freep) struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, 0);
    if (!rse_expr_parse(&expr, rse_str(text), &err))
        fail_msg("%s: %s", text, err.what);
    rse_expr_eval(expr, fleet, &set);
    return set_names(fleet, &set);
}

#define assert_selects(fleet, text, names)                \
    do {                                                  \
        char *selected = selected_names((fleet), (text)); \
        assert_string_equal(selected, (names));           \
        free(selected);                                   \
    } while (0)

static inline int64_t id_of(const struct rse_fleet *fleet, enum rse_noun noun, const char *name)
{
    const struct rse_object *object = rse_fleet_find(fleet, noun, rse_str(name), NULL);

    if (object == NULL)
        fail_msg("no %s \"%s\"", rse_noun_info(noun)->name, name);
    return object->id;
}

#endif
