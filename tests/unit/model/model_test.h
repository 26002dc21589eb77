/*
 * model_test.h - what the tests of the model share: objects from JSON text, and what an error has to say.
 */
#ifndef RESEDGE_TESTS_MODEL_TEST_H
#define RESEDGE_TESTS_MODEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "resedge/model.h"

/* An arena for one test, as its state. */
static inline int model_test_setup(void **state)
{
    *state = rse_arena_new();
    return 0;
}

static inline int model_test_teardown(void **state)
{
    rse_arena_free(*state);
    return 0;
}

#define MODEL_TEST(name) cmocka_unit_test_setup_teardown(name, model_test_setup, model_test_teardown)

static inline cJSON *json_of(const char *text)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL;

    if (!rse_json_parse(&json, rse_str(text), &err))
        fail_msg("%s: %s", err.what, text);
    return json;
}

/* A document that is read at once is the same object. */
static inline void check_read(const struct rse_object *object, const char *text, struct rse_arena *arena)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *other;
    RSE_BUF_AUTO a = { 0 }, b = { 0 };

    rse_buf_init(&a, 1 << 20);
    rse_buf_init(&b, 1 << 20);
    if (!rse_object_read(&other, object->noun, rse_str(text), arena, &err))
        fail_msg("%s %s: %s", err.field, err.what, text);
    rse_object_render(object, 0, &a);
    rse_object_render(other, 0, &b);
    assert_true(rse_str_eq(rse_buf_str(&a), rse_buf_str(&b)));
}

static inline struct rse_object *object_of(struct rse_arena *arena, enum rse_noun noun, enum rse_parse_mode mode,
                                           const char *text)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = json_of(text);

    if (!rse_object_parse(&object, noun, json, mode, arena, &err))
        fail_msg("%s %s: %s", err.field, err.what, text);
    cJSON_Delete(json);
    if (mode == RSE_PARSE_DOC)
        check_read(object, text, arena);
    return object;
}

/* The error has this field, and its text and hint together hold `says`. */
static inline void check_error(const struct rse_err *err, const char *field, const char *says)
{
    char all[1024];

    snprintf(all, sizeof(all), "%s. %s", err->what, err->hint);
    if (strstr(all, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", all, says);
    assert_string_equal(err->field, field);
}

static inline void check_refused(struct rse_arena *arena, enum rse_noun noun, const char *text, const char *field,
                                 const char *says)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = json_of(text);

    if (rse_object_parse(&object, noun, json, RSE_PARSE_WRITE, arena, &err))
        fail_msg("taken: %s", text);
    assert_int_equal(err.code, RSE_INVALID);
    check_error(&err, field, says);
    cJSON_Delete(json);
}

/* What the text makes of a stored object. */
static inline struct rse_object *over(const struct rse_object *stored, struct rse_arena *arena, const char *text)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = json_of(text);

    if (!rse_object_parse_over(&object, stored, json, RSE_PARSE_WRITE, arena, &err))
        fail_msg("%s %s: %s", err.field, err.what, text);
    cJSON_Delete(json);
    return object;
}

static inline void check_over_refused(const struct rse_object *stored, struct rse_arena *arena, const char *text,
                                      const char *field, const char *says)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = json_of(text);

    if (rse_object_parse_over(&object, stored, json, RSE_PARSE_WRITE, arena, &err))
        fail_msg("taken: %s", text);
    assert_int_equal(err.code, RSE_INVALID);
    check_error(&err, field, says);
    cJSON_Delete(json);
}

/* Borrowed until the next call. */
static inline const char *rendered(const struct rse_object *object, unsigned flags)
{
    static struct rse_buf out;

    rse_buf_release(&out);
    rse_buf_init(&out, 16 * 1024 * 1024);
    rse_object_render(object, flags, &out);
    return out.p;
}

#endif
