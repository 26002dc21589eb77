/*
 * random_fleet.h - small random objects and expressions, from few names, so that everything meets everything.
 */
#ifndef RESEDGE_TESTS_FLEET_RANDOM_FLEET_H
#define RESEDGE_TESTS_FLEET_RANDOM_FLEET_H

#include "tests/unit/fleet/naive.h"

static const char *const GROUP_NAMES[] = { "stores", "west", "east coast", "it's", "12", "a\\b" };
static const char *const KEYS[] = { "region", "size", "zone", "environment", "timeZone" };
static const char *const VALUES[] = { "a", "b c", "(x)", "", "1" };
static const char *const TAGS[] = { "red", "blue \"sky\"", "7", "not", "x'y" };
static const char *const STORES[] = { "s1", "s2", "c3" };

#define PICK(chance, words) ((words)[chance_below((chance), (uint32_t)RSE_COUNT(words))])

enum { MAX_CLUSTERS = 14, MAX_GROUPS = 9, MAX_NAMESPACES = 4 };

struct world {
    struct chance chance;
    struct naive naive;
    struct rse_arena *arena; /* wishes and objects */
};

static inline struct rse_str arena_text(struct world *w, const char *text)
{
    return rse_arena_str(w->arena, rse_str(text));
}

/* ---- expressions ---- */

static inline void wish_for_group(struct world *w, struct wish *wish)
{
    struct naive_object *group = naive_get(&w->naive, RSE_GROUP, 1 + chance_below(&w->chance, MAX_GROUPS));
    char path[512] = "/nowhere";

    if (chance_one_in(&w->chance, 4)) {
        wish->id = 1 + chance_below(&w->chance, MAX_GROUPS);
        return;
    }
    if (group != NULL)
        naive_path(&w->naive, group, path);
    if (strlen(path) > sizeof(wish->name))
        strcpy(path, "/stores");
    strcpy(wish->name, path + 1);
}

static inline void wish_for_object(struct world *w, struct wish *wish, char letter, uint32_t most)
{
    uint32_t id = 1 + chance_below(&w->chance, most);

    if (chance_one_in(&w->chance, 4))
        wish->id = id;
    else
        (void)snprintf(wish->name, sizeof(wish->name), "%c%u", letter, id);
}

static inline void wish_for_leaf(struct world *w, struct wish *wish)
{
    wish->kind = RSE_EXPR_GROUP + (int)chance_below(&w->chance, 6);
    switch (wish->kind) {
    case RSE_EXPR_GROUP:
        wish_for_group(w, wish);
        break;
    case RSE_EXPR_CLUSTER:
        wish_for_object(w, wish, 'c', MAX_CLUSTERS);
        break;
    case RSE_EXPR_NAMESPACE:
        wish_for_object(w, wish, 'n', MAX_NAMESPACES);
        break;
    case RSE_EXPR_METADATA:
        strcpy(wish->name, PICK(&w->chance, KEYS));
        wish->has_value = !chance_one_in(&w->chance, 3);
        strcpy(wish->value, wish->has_value ? PICK(&w->chance, VALUES) : "");
        break;
    case RSE_EXPR_TAG:
        strcpy(wish->name, PICK(&w->chance, TAGS));
        break;
    default:
        strcpy(wish->name, PICK(&w->chance, STORES));
        break;
    }
}

static inline struct wish *random_wish(struct world *w, unsigned depth)
{
    struct wish *wish = rse_arena_new_of(w->arena, struct wish);

    if (depth == 0 || chance_one_in(&w->chance, 3)) {
        if (chance_one_in(&w->chance, 8))
            wish->kind = chance_one_in(&w->chance, 3) ? RSE_EXPR_NONE : RSE_EXPR_ALL;
        else
            wish_for_leaf(w, wish);
        return wish;
    }
    wish->kind = RSE_EXPR_OR + (int)chance_below(&w->chance, 3);
    wish->left = random_wish(w, depth - 1);
    wish->right = wish->kind == RSE_EXPR_NOT ? NULL : random_wish(w, depth - 1);
    return wish;
}

/* Quoted always, sometimes, or with backslashes where none are needed. */
static inline void write_value(struct world *w, const char *value, bool takes_id, struct rse_buf *out)
{
    bool digits = value[0] != '\0' && strspn(value, "0123456789") == strlen(value);
    bool must = value[0] == '\0' || strpbrk(value, " ()'\"") != NULL || (takes_id && digits);
    char quote = chance_one_in(&w->chance, 2) ? '\'' : '"';

    if (!must && !chance_one_in(&w->chance, 4)) {
        rse_buf_adds(out, value);
        return;
    }
    rse_buf_addc(out, quote);
    for (; *value != '\0'; value++) {
        if (*value == quote || *value == '\\' || ((*value == '\'' || *value == '"') && chance_one_in(&w->chance, 2)))
            rse_buf_addc(out, '\\');
        rse_buf_addc(out, *value);
    }
    rse_buf_addc(out, quote);
}

static inline void write_space(struct world *w, struct rse_buf *out)
{
    do {
        rse_buf_addc(out, " \t\n"[chance_below(&w->chance, 3)]);
    } while (chance_one_in(&w->chance, 3));
}

static inline void write_leaf(struct world *w, const struct wish *wish, struct rse_buf *out)
{
    bool takes_id = wish->kind <= RSE_EXPR_NAMESPACE;

    if (wish->kind == RSE_EXPR_NONE || wish->kind == RSE_EXPR_ALL) {
        rse_buf_adds(out, wish->kind == RSE_EXPR_NONE ? "none" : "all");
        return;
    }
    rse_buf_addf(out, "/%c/", "gcnmts"[wish->kind - RSE_EXPR_GROUP]);
    if (wish->id > 0)
        rse_buf_add_int(out, wish->id);
    else
        write_value(w, wish->name, takes_id, out);
    if (wish->has_value) {
        rse_buf_addc(out, '/');
        write_value(w, wish->value, false, out);
    }
}

static inline int wish_rank(const struct wish *wish)
{
    return wish->kind == RSE_EXPR_OR ? 1 : wish->kind == RSE_EXPR_AND ? 2 : wish->kind == RSE_EXPR_NOT ? 3 : 4;
}

static inline void write_wish(struct world *w, const struct wish *wish, int least, struct rse_buf *out)
{
    bool parentheses = wish_rank(wish) < least || chance_one_in(&w->chance, 5);

    if (parentheses)
        rse_buf_addc(out, '(');
    if (wish->kind == RSE_EXPR_NOT) {
        rse_buf_adds(out, "not");
        write_space(w, out);
        write_wish(w, wish->left, 3, out);
    } else if (wish->kind == RSE_EXPR_OR || wish->kind == RSE_EXPR_AND) {
        write_wish(w, wish->left, wish_rank(wish), out);
        write_space(w, out);
        rse_buf_adds(out, wish->kind == RSE_EXPR_OR ? "or" : "and");
        write_space(w, out);
        write_wish(w, wish->right, wish_rank(wish), out);
    } else {
        write_leaf(w, wish, out);
    }
    if (parentheses)
        rse_buf_addc(out, ')');
}

static inline struct rse_str wish_text(struct world *w, const struct wish *wish)
{
    struct rse_buf out;
    struct rse_str text;

    if (wish == NULL)
        return (struct rse_str){ NULL, 0 };
    rse_buf_init(&out, 1 << 16);
    write_wish(w, wish, 0, &out);
    text = rse_arena_str(w->arena, rse_buf_str(&out));
    rse_buf_release(&out);
    return text;
}

static inline struct wish *maybe_wish(struct world *w, uint32_t one_in, unsigned depth)
{
    return chance_one_in(&w->chance, one_in) ? random_wish(w, depth) : NULL;
}

/* ---- objects ---- */

static inline int compare_strs(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

static inline void random_tags(struct world *w, struct rse_strs *tags)
{
    size_t count = 0;

    tags->at = rse_arena_calloc(w->arena, RSE_COUNT(TAGS), sizeof(tags->at[0]));
    for (size_t i = 0; i < RSE_COUNT(TAGS); i++) {
        if (chance_one_in(&w->chance, 3))
            tags->at[count++] = rse_str(TAGS[i]);
    }
    qsort(tags->at, count, sizeof(tags->at[0]), compare_strs);
    tags->count = count;
}

static inline void random_metadata(struct world *w, struct rse_pairs *pairs)
{
    static const char *const SORTED[] = { "region", "size", "zone" };

    pairs->at = rse_arena_calloc(w->arena, RSE_COUNT(SORTED), sizeof(pairs->at[0]));
    for (size_t i = 0; i < RSE_COUNT(SORTED); i++) {
        if (chance_one_in(&w->chance, 3))
            pairs->at[pairs->count++] = (struct rse_pair){ rse_str(SORTED[i]), rse_str(PICK(&w->chance, VALUES)) };
    }
}

/* To a group, by id, by path, or by both; it may not be there. */
static inline struct rse_ref random_group_ref(struct world *w, int64_t below)
{
    int64_t id = 1 + chance_below(&w->chance, (uint32_t)below);
    struct naive_object *group = naive_get(&w->naive, RSE_GROUP, id);
    char path[512] = "/gone";

    if (group != NULL)
        naive_path(&w->naive, group, path);
    if (strlen(path) > 200)
        strcpy(path, "/stores");
    switch (chance_below(&w->chance, 3)) {
    case 0:
        return (struct rse_ref){ .id = id };
    case 1:
        return (struct rse_ref){ .name = arena_text(w, path) };
    default:
        return (struct rse_ref){ .id = id, .name = arena_text(w, path) };
    }
}

static inline void random_common(struct world *w, struct rse_object *object, enum rse_noun noun, int64_t id)
{
    object->noun = noun;
    object->id = id;
    if (chance_one_in(&w->chance, 2))
        object->environment = rse_str(PICK(&w->chance, VALUES));
    random_tags(w, &object->tags);
    random_metadata(w, &object->metadata);
}

static inline struct rse_object *random_cluster(struct world *w, int64_t id)
{
    struct rse_cluster *c = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, w->arena);

    random_common(w, &c->object, RSE_CLUSTER, id);
    c->object.name = rse_str(rse_arena_printf(w->arena, "c%lld", (long long)id));
    c->state = chance_one_in(&w->chance, 5) ? RSE_CLUSTER_CLOSED : RSE_CLUSTER_ACTIVE;
    if (chance_one_in(&w->chance, 2))
        c->store = rse_str(PICK(&w->chance, STORES));
    if (chance_one_in(&w->chance, 2))
        c->time_zone = rse_str(PICK(&w->chance, VALUES));
    c->groups.count = chance_below(&w->chance, 4);
    c->groups.at = rse_arena_calloc(w->arena, c->groups.count, sizeof(c->groups.at[0]));
    for (size_t i = 0; i < c->groups.count; i++)
        c->groups.at[i] = random_group_ref(w, MAX_GROUPS);
    return &c->object;
}

/* A parent by id is always an older group: naive_path() would not come back from a cycle. */
static inline struct rse_object *random_group(struct world *w, int64_t id, struct wish **wish)
{
    struct rse_group *g = (struct rse_group *)rse_object_new(RSE_GROUP, w->arena);

    random_common(w, &g->object, RSE_GROUP, id);
    g->object.name = rse_str(PICK(&w->chance, GROUP_NAMES));
    if (id > 1 && !chance_one_in(&w->chance, 4))
        g->parent = random_group_ref(w, id - 1);
    g->has_priority = chance_one_in(&w->chance, 3);
    g->priority = g->has_priority ? (int64_t)chance_below(&w->chance, 3) - 1 : 0;
    *wish = maybe_wish(w, 3, 2);
    g->expression = wish_text(w, *wish);
    return &g->object;
}

static inline struct rse_object *random_namespace(struct world *w, int64_t id, struct wish *wishes[2])
{
    struct rse_namespace *n = (struct rse_namespace *)rse_object_new(RSE_NAMESPACE, w->arena);

    random_common(w, &n->object, RSE_NAMESPACE, id);
    n->object.name = rse_str(rse_arena_printf(w->arena, "n%u", 1 + chance_below(&w->chance, MAX_NAMESPACES)));
    wishes[0] = maybe_wish(w, 1, 3);
    wishes[1] = maybe_wish(w, 3, 2);
    n->expression = wish_text(w, wishes[0]);
    n->allowed = wish_text(w, wishes[1]);
    return &n->object;
}

/* A cluster that is there, with one thing changed, so that nothing else makes up for what that spoils. */
static inline struct rse_object *slightly_changed_cluster(struct world *w, int64_t id)
{
    struct naive_object *there = naive_get(&w->naive, RSE_CLUSTER, id);
    struct rse_cluster *other, *cluster;

    if (there == NULL)
        return random_cluster(w, id);
    cluster = rse_arena_memdup(w->arena, there->object, sizeof(*cluster));
    other = (struct rse_cluster *)random_cluster(w, id);
    switch (chance_below(&w->chance, 6)) {
    case 0:
        cluster->object.description = RSE_STR("other");
        break;
    case 1:
        cluster->object.tags = other->object.tags;
        break;
    case 2:
        cluster->object.metadata = other->object.metadata;
        break;
    case 3:
        cluster->groups = other->groups;
        break;
    default:
        cluster->state = other->state;
        break;
    }
    /* What it was borrowed from ends when it is put. */
    struct rse_object *clone = rse_object_clone(&cluster->object);

    rse_arena_defer(w->arena, free, clone);
    return clone;
}

/* Puts a random object into both. */
static inline void random_put(struct world *w, struct rse_fleet *fleet)
{
    struct wish *wishes[NAIVE_MAX_EXPRS] = { NULL };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object;
    size_t nwishes = 0;

    switch (chance_below(&w->chance, 6)) {
    case 0:
        object = random_namespace(w, 1 + chance_below(&w->chance, MAX_NAMESPACES), wishes);
        nwishes = 2;
        break;
    case 1:
    case 2:
        object = random_group(w, 1 + chance_below(&w->chance, MAX_GROUPS), wishes);
        nwishes = 1;
        break;
    case 3:
        object = random_cluster(w, 1 + chance_below(&w->chance, MAX_CLUSTERS));
        break;
    default:
        object = slightly_changed_cluster(w, 1 + chance_below(&w->chance, MAX_CLUSTERS));
        break;
    }
    if (!rse_fleet_put(fleet, object, &err))
        fail_msg("%s at %u", err.what, err.position);
    naive_put(&w->naive, object, wishes, nwishes);
}

static inline void random_remove(struct world *w, struct rse_fleet *fleet)
{
    static const enum rse_noun NOUNS[] = { RSE_CLUSTER, RSE_CLUSTER, RSE_GROUP, RSE_NAMESPACE };
    enum rse_noun noun = PICK(&w->chance, NOUNS);
    int64_t id = 1 + chance_below(&w->chance, MAX_CLUSTERS);
    bool there = naive_get(&w->naive, noun, id) != NULL;

    assert_int_equal(rse_fleet_remove(fleet, noun, id), there);
    naive_remove(&w->naive, noun, id);
}

#endif
