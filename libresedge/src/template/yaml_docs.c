#include "resedge/arena.h"
#include "resedge/yaml.h"

#include "libresedge/src/template/yaml_reader.h"

#define MAX_NODES 100000

/* What the key of a mapping, at the root or in /metadata, says about the value that follows. */
enum key { KEY_NONE, KEY_OTHER, KEY_API_VERSION, KEY_KIND, KEY_METADATA, KEY_SOPS, KEY_NAME, KEY_NAMESPACE };

/* Where in a document we are, as far as its four fields are concerned. Level 1 is the root mapping, 2 is /metadata. */
struct place {
    unsigned depth; /* of the collection we are in */
    bool in_mapping, in_metadata;
    enum key key[3]; /* per level: that of the value we are at, KEY_NONE when a key comes next */
};

struct docs {
    struct rse_arena *arena;
    struct rse_yaml_doc *at; /* in the arena too */
    size_t count, cap;
    struct rse_yaml_doc doc;
    bool empty;
    struct place place;
};

static void docs_push(struct docs *docs)
{
    if (docs->count == docs->cap) {
        size_t cap = docs->cap > 0 ? 2 * docs->cap : 4;
        struct rse_yaml_doc *at = rse_arena_calloc(docs->arena, cap, sizeof(*at));

        if (docs->count > 0)
            memcpy(at, docs->at, docs->count * sizeof(*at));
        docs->at = at;
        docs->cap = cap;
    }
    docs->at[docs->count++] = docs->doc;
}

static enum key key_of(unsigned level, struct rse_str text)
{
    static const struct {
        unsigned level;
        enum key key;
        const char *name;
    } keys[] = {
        { 1, KEY_API_VERSION, "apiVersion" },
        { 1, KEY_KIND, "kind" },
        { 1, KEY_METADATA, "metadata" },
        { 1, KEY_SOPS, "sops" },
        { 2, KEY_NAME, "name" },
        { 2, KEY_NAMESPACE, "namespace" },
    };

    for (size_t i = 0; i < RSE_COUNT(keys); i++) {
        if (keys[i].level == level && rse_str_is(text, keys[i].name))
            return keys[i].key;
    }
    return KEY_OTHER;
}

/* The level that a node met now belongs to; 0: one that doesn't matter. */
static unsigned level_of(const struct place *place)
{
    if (place->depth == 1 && place->in_mapping)
        return 1;
    return place->depth == 2 && place->in_metadata ? 2 : 0;
}

static void take_value(struct docs *docs, enum key key, struct rse_str text)
{
    struct rse_str *field = key == KEY_API_VERSION ? &docs->doc.api_version
                            : key == KEY_KIND      ? &docs->doc.kind
                            : key == KEY_NAME      ? &docs->doc.name
                            : key == KEY_NAMESPACE ? &docs->doc.namespace_
                                                   : NULL;

    if (field != NULL)
        *field = rse_arena_str(docs->arena, text);
}

/* A scalar, or an alias, which gives no text. */
static void take_leaf(struct docs *docs, struct rse_str text)
{
    unsigned level = level_of(&docs->place);
    enum key *key = &docs->place.key[level];

    if (level == 0)
        return;
    if (*key == KEY_NONE) {
        *key = key_of(level, text);
        return;
    }
    take_value(docs, *key, text);
    *key = KEY_NONE;
}

static void enter_collection(struct docs *docs, bool mapping)
{
    struct place *place = &docs->place;

    if (mapping && level_of(place) == 1 && place->key[1] == KEY_SOPS)
        docs->doc.sops = true;
    if (place->depth == 0)
        place->in_mapping = mapping;
    else if (place->depth == 1)
        place->in_metadata = mapping && level_of(place) == 1 && place->key[1] == KEY_METADATA;
    place->depth++;
    if (level_of(place) > 0)
        place->key[level_of(place)] = KEY_NONE;
}

static void leave_collection(struct place *place)
{
    unsigned level;

    place->depth--;
    level = level_of(place);
    if (level > 0) /* what has ended was a value, or a key that is no scalar */
        place->key[level] = place->key[level] == KEY_NONE ? KEY_OTHER : KEY_NONE;
}

static bool is_empty_root(const struct place *place, const yaml_event_t *event)
{
    return place->depth == 0 && event->data.scalar.length == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static void take_event(struct docs *docs, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        docs->doc = (struct rse_yaml_doc){ .line = (uint32_t)event->start_mark.line + 1 };
        docs->place = (struct place){ 0 };
        docs->empty = false;
        break;
    case YAML_DOCUMENT_END_EVENT:
        if (!docs->empty)
            docs_push(docs);
        break;
    case YAML_SCALAR_EVENT:
        docs->empty = is_empty_root(&docs->place, event);
        take_leaf(docs, yaml_event_text(event));
        break;
    case YAML_ALIAS_EVENT:
        take_leaf(docs, RSE_STR(""));
        break;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        enter_collection(docs, event->type == YAML_MAPPING_START_EVENT);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        leave_collection(&docs->place);
        break;
    default:
        break;
    }
}

bool yaml_docs_find(struct rse_arena *arena, struct rse_str path, struct rse_str text, size_t max_nodes,
                    struct rse_yaml_doc **docs, size_t *count, struct rse_err *err)
{
    RSE_CLEANUP(yaml_reader_release) struct yaml_reader reader = { 0 };
    struct docs found = { .arena = arena };
    bool more = true;

    if (!yaml_reader_init(&reader, path, text, err))
        return false;
    reader.max_nodes = max_nodes;
    while (more) {
        yaml_event_t event;

        if (!yaml_reader_event(&reader, &event, err))
            return false;
        take_event(&found, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    *docs = found.at;
    *count = found.count;
    return true;
}

bool rse_yaml_docs(struct rse_arena *arena, struct rse_str path, struct rse_str text, struct rse_yaml_doc **docs,
                   size_t *count, struct rse_err *err)
{
    return yaml_docs_find(arena, path, text, MAX_NODES, docs, count, err);
}
