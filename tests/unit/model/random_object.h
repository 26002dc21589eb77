/*
 * random_object.h - a random object of a noun, valid by what can be checked without a fleet.
 */
#ifndef RESEDGE_TESTS_RANDOM_OBJECT_H
#define RESEDGE_TESTS_RANDOM_OBJECT_H

#include "tests/unit/model/model_test.h"

struct chance {
    uint64_t state;
    struct rse_arena *arena;
};

static inline uint64_t chance_next(struct chance *c)
{
    c->state ^= c->state << 13;
    c->state ^= c->state >> 7;
    c->state ^= c->state << 17;
    return c->state;
}

static inline size_t chance_below(struct chance *c, size_t n)
{
    return (size_t)(chance_next(c) >> 11) % n;
}

static inline struct rse_str chance_of(struct chance *c, const char *const *words, size_t count)
{
    return rse_arena_str(c->arena, rse_str(words[chance_below(c, count)]));
}

#define CHANCE_OF(c, ...) \
    chance_of((c), (const char *const[]){ __VA_ARGS__ }, RSE_COUNT(((const char *const[]){ __VA_ARGS__ })))

static inline struct rse_str chance_number(struct chance *c, const char *format)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return rse_str(rse_arena_printf(c->arena, format, (int)chance_below(c, 1000)));
#pragma GCC diagnostic pop
}

static inline struct rse_str chance_text(struct chance *c, const struct rse_field *f)
{
    switch (f->format) {
    case RSE_FORMAT_LABEL:
    case RSE_FORMAT_CREDENTIAL:
        return chance_number(c, "label-%d");
    case RSE_FORMAT_GROUP_NAME:
        return CHANCE_OF(c, "stores",
                         "Region S\xc3\xbc"
                         "d",
                         "a.b:c", "'q\"");
    case RSE_FORMAT_KEY:
        return chance_number(c, "Key_%d");
    case RSE_FORMAT_TAG:
        return chance_number(c, "tag %d");
    case RSE_FORMAT_PATH:
        return CHANCE_OF(c, "apps/imdb", "policies/a b", "x/\xe2\x82\xac/z");
    case RSE_FORMAT_URL:
        return CHANCE_OF(c, "https://git.example.com/a/b.git", "ssh://git@example.com:2222/x", "git@example.com:a/b",
                         "file:///srv/x.git", "/srv/git/x.git");
    case RSE_FORMAT_BRANCH:
        return CHANCE_OF(c, "main", "env/prod", "r-1.2");
    case RSE_FORMAT_TIME_ZONE:
        return CHANCE_OF(c, "UTC", "Europe/Berlin");
    case RSE_FORMAT_REGEX:
        return CHANCE_OF(c, "[0-9]{4}", "(a|b)+");
    case RSE_FORMAT_VISIBLE:
    case RSE_FORMAT_ANY:
        break;
    }
    if (f->type == RSE_FIELD_TIME)
        return RSE_STR("2026-02-03T04:05:06.789Z");
    if ((f->flags & RSE_FIELD_EXPRESSION) != 0)
        return CHANCE_OF(c, "/g/stores and not /m/a/'b c'", "all", "");
    return f->type == RSE_FIELD_TEXT ? CHANCE_OF(c, "two\nlines\t\"x\" \\ \xf0\x9f\x98\x80", "plain", "")
                                     : CHANCE_OF(c, "a: b # c", "plain", "\xc3\xa9", "");
}

static inline void chance_strs(struct chance *c, const struct rse_field *f, struct rse_strs *to)
{
    struct rse_field item = { .format = f->format, .type = RSE_FIELD_STRING };

    to->count = chance_below(c, 4);
    to->at = rse_arena_calloc(c->arena, to->count, sizeof(to->at[0]));
    for (size_t i = 0; i < to->count; i++)
        to->at[i] = rse_str(rse_arena_printf(c->arena, "%zu-%.*s", i, RSE_STR_ARG(chance_text(c, &item))));
}

static inline void chance_pairs(struct chance *c, struct rse_pairs *to)
{
    to->count = chance_below(c, 5);
    to->at = rse_arena_calloc(c->arena, to->count, sizeof(to->at[0]));
    for (size_t i = 0; i < to->count; i++) {
        to->at[i].key = rse_str(rse_arena_printf(c->arena, "key%zu", i));
        to->at[i].value = CHANCE_OF(c, "", "true", "1.10", "a: b # c", "'\"");
    }
}

/* A reference as a stored document has it: both forms. */
static inline struct rse_ref chance_ref(struct chance *c, const struct rse_field *f, size_t i)
{
    const char *format = f->noun == RSE_GROUP ? "/stores/%zu a/%d" : "name%zu-%d";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return (struct rse_ref){ .id = (int64_t)chance_below(c, 1000) + 1,
                             .name = rse_str(rse_arena_printf(c->arena, format, i, (int)chance_below(c, 9))) };
#pragma GCC diagnostic pop
}

static inline void chance_refs(struct chance *c, const struct rse_field *f, struct rse_refs *to)
{
    to->count = chance_below(c, 4);
    to->at = rse_arena_calloc(c->arena, to->count, sizeof(to->at[0]));
    for (size_t i = 0; i < to->count; i++)
        to->at[i] = chance_ref(c, f, i);
}

static inline void chance_releases(struct chance *c, struct rse_releases *to)
{
    to->count = chance_below(c, 4);
    to->at = rse_arena_calloc(c->arena, to->count, sizeof(to->at[0]));
    for (size_t i = 0; i < to->count; i++) {
        to->at[i].version = rse_str(rse_arena_printf(c->arena, "%zu.2.0-rc.1", to->count - i));
        if (chance_below(c, 3) > 0)
            to->at[i].expression = RSE_STR("/g/beta");
    }
}

static inline void chance_field(struct chance *c, const struct rse_field *f, char *object)
{
    void *to = object + f->offset;

    switch (f->type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        *(struct rse_str *)to = chance_text(c, f);
        if ((f->flags & RSE_FIELD_REQUIRED) != 0 && ((struct rse_str *)to)->len == 0)
            *(struct rse_str *)to = RSE_STR("x");
        break;
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
        *(int64_t *)to = (int64_t)chance_below(c, f->max > 0 && f->max < 80000 ? (size_t)f->max : 80000) + 1;
        if (f->type == RSE_FIELD_OPT_INT)
            *(bool *)(object + f->flag_offset) = true;
        break;
    case RSE_FIELD_BOOL:
        *(bool *)to = chance_below(c, 2) == 1;
        break;
    case RSE_FIELD_ENUM: {
        size_t count = 0;

        while (f->names[count] != NULL)
            count++;
        *(int *)to = (int)chance_below(c, count);
        break;
    }
    case RSE_FIELD_STRINGS:
        chance_strs(c, f, to);
        break;
    case RSE_FIELD_METADATA:
        chance_pairs(c, to);
        break;
    case RSE_FIELD_REF:
        *(struct rse_ref *)to = chance_ref(c, f, 0);
        break;
    case RSE_FIELD_REFS:
        chance_refs(c, f, to);
        break;
    case RSE_FIELD_CAPACITY:
        *(struct rse_capacity *)to =
            (struct rse_capacity){ (int64_t)chance_below(c, 3) * 512, (double)chance_below(c, 4) / 10 };
        break;
    case RSE_FIELD_LOCATION:
        *(struct rse_location *)to = (struct rse_location){ true, (double)chance_below(c, 900000) / 1e4, -90.0715 };
        break;
    case RSE_FIELD_RELEASES:
        chance_releases(c, to);
        break;
    case RSE_FIELD_GUARD:
        *(struct rse_guard *)to = (struct rse_guard){ (double)chance_below(c, 1000) / 10, 10, chance_below(c, 9) };
        break;
    }
}

/* Fields that only go together. */
static inline void chance_agree_capacity(struct rse_namespace *ns)
{
    if (ns->capacity.memory_limit == 0 && ns->capacity.cpu_limit <= 0)
        ns->enforce_capacity = false;
}

static inline void chance_agree(struct rse_metadata_key *key)
{
    if (key->type != RSE_KEY_ENUM)
        key->values = (struct rse_strs){ 0 };
    else if (key->values.count == 0)
        key->type = RSE_KEY_STRING;
    if (key->type == RSE_KEY_PATTERN && key->pattern.p == NULL)
        key->type = RSE_KEY_STRING;
    if (key->type != RSE_KEY_PATTERN)
        key->pattern = (struct rse_str){ 0 };
    if (key->type != RSE_KEY_STRING)
        key->default_value = (struct rse_str){ 0 };
}

static inline struct rse_object *random_object(struct chance *c, enum rse_noun noun)
{
    struct rse_object *object = rse_object_new(noun, c->arena);

    for (const struct rse_field *f = rse_noun_info(noun)->fields; f->name != NULL; f++) {
        if ((f->flags & RSE_FIELD_REQUIRED) != 0 || chance_below(c, 4) > 0)
            chance_field(c, f, (char *)object);
    }
    if (noun == RSE_METADATA_KEY)
        chance_agree((struct rse_metadata_key *)object);
    if (noun == RSE_NAMESPACE)
        chance_agree_capacity((struct rse_namespace *)object);
    return object;
}

#endif
