#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "resedge/map.h"
#include "resedge/yaml.h"

#include "libresedge/src/template/yaml_core.h"
#include "libresedge/src/template/yaml_reader.h"

#define MAX_DEPTH 64

/* A collection that is being filled. */
struct level {
    cJSON *into;
    struct rse_map *keys; /* those seen, of a mapping */
    char *key;            /* the one that waits for its value */
};

struct tree {
    struct yaml_reader reader;
    struct level levels[MAX_DEPTH];
    unsigned depth;
    cJSON *root;
    unsigned documents;
};

static void level_release(struct level *level)
{
    rse_map_free(level->keys);
    free(level->key);
    *level = (struct level){ 0 };
}

static void tree_release(struct tree *tree)
{
    while (tree->depth > 0)
        level_release(&tree->levels[--tree->depth]);
    cJSON_Delete(tree->root);
    yaml_reader_release(&tree->reader);
}

static size_t event_line(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

/* Hangs a node where it belongs; the tree owns it from here on. */
static void tree_put(struct tree *tree, cJSON *node)
{
    struct level *level;

    if (tree->depth == 0) {
        cJSON_Delete(tree->root);
        tree->root = node;
        return;
    }
    level = &tree->levels[tree->depth - 1];
    if (level->key == NULL) {
        cJSON_AddItemToArray(level->into, node);
        return;
    }
    cJSON_AddItemToObject(level->into, level->key, node);
    free(level->key);
    level->key = NULL;
}

static bool wants_key(const struct tree *tree)
{
    const struct level *level = tree->depth > 0 ? &tree->levels[tree->depth - 1] : NULL;

    return level != NULL && level->keys != NULL && level->key == NULL;
}

/* Puts in front of the error's field what the collections below the innermost one were adding. */
static void err_within_levels(const struct tree *tree, struct rse_err *err)
{
    for (unsigned i = tree->depth; i-- > 1;) {
        const struct level *level = &tree->levels[i - 1];

        if (level->keys != NULL)
            rse_err_field_within_key(err, level->into->child->prev->string);
        else
            rse_err_field_within(err, "/%d", cJSON_GetArraySize(level->into) - 1);
    }
}

static bool fail_key(const struct tree *tree, const yaml_event_t *event, const char *key, struct rse_err *err)
{
    char message[120];

    snprintf(message, sizeof(message), "the key \"%.80s\" is there twice", key);
    (void)yaml_fail_value(err, tree->reader.path, event_line(event), message);
    rse_err_field_within_key(err, key);
    err_within_levels(tree, err);
    return false;
}

static bool take_key(struct tree *tree, const yaml_event_t *event, struct rse_err *err)
{
    struct level *level = &tree->levels[tree->depth - 1];
    struct rse_str text = yaml_event_text(event);

    if (rse_str_find(text, '\0') >= 0)
        return yaml_fail_value(err, tree->reader.path, event_line(event), "a key holds a NUL character");
    level->key = rse_xstrndup(text);
    return rse_map_put(level->keys, text, tree) == NULL || fail_key(tree, event, level->key, err);
}

static bool fail_scalar(const struct tree *tree, const yaml_event_t *event, const char *problem, struct rse_err *err)
{
    const struct level *level = tree->depth > 0 ? &tree->levels[tree->depth - 1] : NULL;

    (void)yaml_fail_value(err, tree->reader.path, event_line(event), problem);
    if (level != NULL && level->keys != NULL)
        rse_err_field_within_key(err, level->key);
    else if (level != NULL)
        rse_err_field_within(err, "/%d", cJSON_GetArraySize(level->into));
    err_within_levels(tree, err);
    return false;
}

static bool take_scalar(struct tree *tree, const yaml_event_t *event, struct rse_err *err)
{
    const char *problem = "out of memory";
    cJSON *node;

    if (wants_key(tree))
        return take_key(tree, event, err);
    node = yaml_core_scalar(event, &problem);
    if (node == NULL)
        return fail_scalar(tree, event, problem, err);
    tree_put(tree, node);
    return true;
}

static bool enter_collection(struct tree *tree, const yaml_event_t *event, struct rse_err *err)
{
    bool mapping = event->type == YAML_MAPPING_START_EVENT;
    cJSON *node;

    if (wants_key(tree))
        return yaml_fail(err, tree->reader.path, event_line(event), "a key has to be a scalar");
    node = mapping ? cJSON_CreateObject() : cJSON_CreateArray();
    if (node == NULL)
        return rse_fail(err, RSE_INTERNAL, "out of memory");
    tree_put(tree, node);
    tree->levels[tree->depth++] = (struct level){ .into = node, .keys = mapping ? rse_map_new() : NULL };
    return true;
}

static bool take_event(struct tree *tree, const yaml_event_t *event, struct rse_err *err)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++tree->documents > 1)
            return yaml_fail(err, tree->reader.path, event_line(event), "more than one document");
        return true;
    case YAML_ALIAS_EVENT:
        return yaml_fail(err, tree->reader.path, event_line(event), "aliases are not supported here");
    case YAML_SCALAR_EVENT:
        return take_scalar(tree, event, err);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return enter_collection(tree, event, err);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        level_release(&tree->levels[--tree->depth]);
        return true;
    default:
        return true;
    }
}

struct cJSON *rse_yaml_to_json(struct rse_str path, struct rse_str text, size_t max_nodes, struct rse_err *err)
{
    RSE_CLEANUP(tree_release) struct tree tree = { 0 };
    bool more = true;

    if (!yaml_reader_init(&tree.reader, path, text, err))
        return NULL;
    tree.reader.max_depth = MAX_DEPTH;
    tree.reader.max_nodes = max_nodes;
    while (more) {
        yaml_event_t event;
        bool taken;

        if (!yaml_reader_event(&tree.reader, &event, err))
            return NULL;
        taken = take_event(&tree, &event, err);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (!taken)
            return NULL;
    }
    return tree.root != NULL ? RSE_TAKE(tree.root) : cJSON_CreateNull();
}
