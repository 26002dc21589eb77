#include "automation-worker/git/tree.h"

#include <stdlib.h>
#include <strings.h>

#include <resedge/buf.h>

#include "automation-worker/git/tree_parse.h"

#define MAX_TREE_BYTES ((size_t)512 << 20)

struct slot {
    struct tree_entry entry;
    struct tree *child; /* of a folder that was looked at or made */
    bool own_name;      /* else the name stands in tree->raw */
};

struct tree {
    struct objects *objects;
    git_oid id;         /* what is stored, or was hashed */
    char *raw;          /* the tree as it was read */
    struct slot *slots; /* in Git's order */
    size_t count, cap;
    bool loaded;
    bool dirty; /* something in it or below is not as it was read */
};

struct tree *tree_new(struct objects *objects, const git_oid *id)
{
    struct tree *tree = rse_new(struct tree);

    tree->objects = objects;
    if (id != NULL)
        tree->id = *id;
    tree->loaded = id == NULL;
    tree->dirty = id == NULL;
    return tree;
}

static void slot_release(struct slot *slot)
{
    tree_free(slot->child);
    if (slot->own_name)
        free((char *)slot->entry.name.p);
}

void tree_free(struct tree *tree)
{
    if (tree == NULL)
        return;
    for (size_t i = 0; i < tree->count; i++)
        slot_release(&tree->slots[i]);
    free(tree->slots);
    free(tree->raw);
    free(tree);
}

void tree_freep(struct tree **tree)
{
    tree_free(*tree);
    *tree = NULL;
}

static bool add_read_entry(void *arg, const struct tree_entry *entry, struct rse_err *err)
{
    struct tree *tree = arg;

    if (tree->count > 0 && tree_entry_order(&tree->slots[tree->count - 1].entry, entry) >= 0)
        return rse_fail(err, RSE_INTERNAL, "a tree of the repository is not sorted");
    RSE_GROW(tree->slots, tree->count, tree->cap);
    tree->slots[tree->count++] = (struct slot){ .entry = *entry };
    return true;
}

static bool load(struct tree *tree, struct rse_err *err)
{
    if (tree->loaded)
        return true;
    size_t len;

    if (!objects_read_tree(tree->objects, &tree->id, &tree->raw, &len, err))
        return false;
    if (!tree_parse(rse_str_n(tree->raw, len), add_read_entry, tree, err)) {
        rse_err_object(err, "tree %.7s", git_oid_tostr_s(&tree->id));
        return false;
    }
    tree->loaded = true;
    return true;
}

/* The place of a name among folders or among files; where it would have to be when it is not there. */
static size_t place_of(const struct tree *tree, struct rse_str name, uint32_t mode, bool *found)
{
    struct tree_entry wanted = { .name = name, .mode = mode };
    size_t low = 0, high = tree->count;

    *found = false;
    /* Most new entries come in order: look at the end first. */
    if (high > 0 && tree_entry_order(&tree->slots[high - 1].entry, &wanted) < 0)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = tree_entry_order(&tree->slots[middle].entry, &wanted);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct slot *find_slot(struct tree *tree, struct rse_str name)
{
    bool found;
    size_t at = place_of(tree, name, TREE_FOLDER, &found);

    if (!found)
        at = place_of(tree, name, TREE_FILE, &found);
    return found ? &tree->slots[at] : NULL;
}

static void drop_slot(struct tree *tree, struct slot *slot)
{
    size_t at = (size_t)(slot - tree->slots);

    slot_release(slot);
    memmove(slot, slot + 1, (tree->count - at - 1) * sizeof(*slot));
    tree->count--;
}

static struct slot *insert_slot(struct tree *tree, struct rse_str name, uint32_t mode)
{
    bool found;
    size_t at = place_of(tree, name, mode, &found);

    RSE_GROW(tree->slots, tree->count, tree->cap);
    struct slot *slot = &tree->slots[at];
    memmove(slot + 1, slot, (tree->count - at) * sizeof(*slot));
    tree->count++;
    *slot = (struct slot){ .entry = { .mode = mode }, .own_name = true };
    slot->entry.name = rse_str_n(rse_xstrndup(name), name.len);
    return slot;
}

static struct tree *slot_child(struct tree *tree, struct slot *slot)
{
    if (slot->child == NULL)
        slot->child = tree_new(tree->objects, &slot->entry.id);
    return slot->child;
}

static bool segment_is_fine(struct rse_str name)
{
    return name.len > 0 && !rse_str_is(name, ".") && !rse_str_is(name, "..") &&
           !(name.len == 4 && strncasecmp(name.p, ".git", 4) == 0) && memchr(name.p, '\0', name.len) == NULL;
}

/* Takes the first segment off a path. *last: nothing comes after it. */
static bool next_segment(struct rse_str *path, struct rse_str *name, bool *last, struct rse_err *err)
{
    ptrdiff_t slash = rse_str_find(*path, '/');

    *last = slash < 0;
    *name = rse_str_n(path->p, *last ? path->len : (size_t)slash);
    if (!segment_is_fine(*name))
        return rse_fail(err, RSE_INVALID, "\"%.*s\" can't be part of a path in a repository", RSE_STR_ARG(*name));
    *path = rse_str_from(*path, name->len + 1);
    return true;
}

/* Follows a path to its last segment's slot: NULL when it is not there. */
static bool follow(struct tree *tree, struct rse_str path, struct slot **out, struct rse_err *err)
{
    struct rse_str name;
    bool last = false;

    *out = NULL;
    for (int depth = 0; !last; depth++) {
        if (depth >= TREE_MAX_DEPTH)
            return rse_fail(err, RSE_INVALID, "a path in the repository is deeper than %d folders", TREE_MAX_DEPTH);
        if (!next_segment(&path, &name, &last, err) || !load(tree, err))
            return false;
        struct slot *slot = find_slot(tree, name);
        if (slot == NULL || (!last && !tree_entry_is_folder(&slot->entry)))
            return true;
        if (last)
            *out = slot;
        else
            tree = slot_child(tree, slot);
    }
    return true;
}

bool tree_get(struct tree *tree, struct rse_str path, struct tree_entry *out, bool *found, struct rse_err *err)
{
    struct slot *slot;

    if (!follow(tree, path, &slot, err))
        return false;
    *found = slot != NULL;
    if (slot != NULL)
        *out = slot->entry;
    return true;
}

bool tree_open(struct tree *tree, struct rse_str path, struct tree **out, struct rse_err *err)
{
    struct slot *slot;

    *out = NULL;
    if (path.len == 0) {
        *out = tree;
        return true;
    }
    /* The folder that holds the slot is needed to make its child: every folder knows its objects, so any will do. */
    if (!follow(tree, path, &slot, err))
        return false;
    if (slot != NULL && tree_entry_is_folder(&slot->entry))
        *out = slot_child(tree, slot);
    return true;
}

static bool put_entry(struct tree *tree, struct rse_str name, uint32_t mode, const git_oid *id)
{
    struct slot *slot = find_slot(tree, name);

    if (slot != NULL && (slot->child == NULL || !slot->child->dirty) && slot->entry.mode == mode &&
        git_oid_equal(&slot->entry.id, id))
        return false;
    if (slot != NULL && (slot->entry.mode == TREE_FOLDER) != (mode == TREE_FOLDER)) {
        drop_slot(tree, slot);
        slot = NULL;
    }
    if (slot == NULL)
        slot = insert_slot(tree, name, mode);
    tree_free(slot->child);
    slot->child = NULL;
    slot->entry.mode = mode;
    slot->entry.id = *id;
    return true;
}

static bool put_at(struct tree *tree, struct rse_str path, uint32_t mode, const git_oid *id, int depth,
                   struct rse_err *err)
{
    struct rse_str name;
    bool last;

    if (depth >= TREE_MAX_DEPTH)
        return rse_fail(err, RSE_INVALID, "a path in the repository is deeper than %d folders", TREE_MAX_DEPTH);
    if (!next_segment(&path, &name, &last, err) || !load(tree, err))
        return false;
    if (last) {
        tree->dirty |= put_entry(tree, name, mode, id);
        return true;
    }
    struct slot *slot = find_slot(tree, name);
    if (slot != NULL && !tree_entry_is_folder(&slot->entry))
        return rse_fail(err, RSE_CONFLICT, "\"%.*s\" is a file where a folder has to be", RSE_STR_ARG(name));
    if (slot == NULL) {
        slot = insert_slot(tree, name, TREE_FOLDER);
        slot->child = tree_new(tree->objects, NULL);
    }
    struct tree *child = slot_child(tree, slot);
    if (!put_at(child, path, mode, id, depth + 1, err))
        return false;
    tree->dirty |= child->dirty;
    return true;
}

bool tree_put(struct tree *tree, struct rse_str path, uint32_t mode, const git_oid *id, struct rse_err *err)
{
    return put_at(tree, path, mode, id, 0, err);
}

static bool remove_at(struct tree *tree, struct rse_str path, struct rse_err *err)
{
    struct rse_str name;
    bool last;

    if (!next_segment(&path, &name, &last, err) || !load(tree, err))
        return false;
    struct slot *slot = find_slot(tree, name);
    if (slot == NULL)
        return true;
    if (last) {
        drop_slot(tree, slot);
        tree->dirty = true;
        return true;
    }
    if (!tree_entry_is_folder(&slot->entry))
        return true;
    struct tree *child = slot_child(tree, slot);
    if (!remove_at(child, path, err))
        return false;
    tree->dirty |= child->dirty;
    return true;
}

bool tree_remove(struct tree *tree, struct rse_str path, struct rse_err *err)
{
    struct tree_entry entry;
    bool found;

    /* Looking first keeps a miss from descending below the allowed depth. */
    if (!tree_get(tree, path, &entry, &found, err))
        return false;
    return !found || remove_at(tree, path, err);
}

bool tree_count(struct tree *tree, size_t *count, struct rse_err *err)
{
    if (!load(tree, err))
        return false;
    *count = tree->count;
    return true;
}

const struct tree_entry *tree_at(const struct tree *tree, size_t i)
{
    return &tree->slots[i].entry;
}

struct tree *tree_child_at(const struct tree *tree, size_t i)
{
    return tree->slots[i].child;
}

struct objects *tree_objects(const struct tree *tree)
{
    return tree->objects;
}

static bool serialize(const struct tree *tree, struct rse_buf *out, struct rse_err *err)
{
    for (size_t i = 0; i < tree->count; i++)
        tree_entry_write(&tree->slots[i].entry, out);
    return rse_buf_ok(out, err);
}

/* Brings the entries of edited folders up to date, and drops those that became empty. */
static bool hash_children(struct tree *tree, struct rse_err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < tree->count; i++) {
        struct slot *slot = &tree->slots[i];

        if (slot->child != NULL && slot->child->dirty) {
            if (!tree_hash(slot->child, &slot->entry.id, err))
                return false;
            if (slot->child->count == 0) {
                slot_release(slot);
                *slot = (struct slot){ .entry = { .name = RSE_STR_INIT("") } };
                continue;
            }
        }
        tree->slots[kept++] = *slot;
    }
    tree->count = kept;
    return true;
}

bool tree_hash(struct tree *tree, git_oid *id, struct rse_err *err)
{
    if (tree->dirty) {
        RSE_BUF_AUTO bytes = { 0 };

        rse_buf_init(&bytes, MAX_TREE_BYTES);
        if (!hash_children(tree, err) || !serialize(tree, &bytes, err) ||
            !object_hash(GIT_OBJECT_TREE, rse_buf_str(&bytes), &tree->id, err))
            return false;
    }
    *id = tree->id;
    return true;
}

static bool store_children(struct tree *tree, struct objects *into, struct rse_err *err)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->slots[i].child != NULL && !tree_store(tree->slots[i].child, into, err))
            return false;
    }
    return true;
}

bool tree_store(struct tree *tree, struct objects *into, struct rse_err *err)
{
    RSE_BUF_AUTO bytes = { 0 };

    rse_buf_init(&bytes, MAX_TREE_BYTES);
    if (!tree->dirty)
        return true;
    if (!store_children(tree, into, err) || !serialize(tree, &bytes, err) ||
        !objects_write(into, GIT_OBJECT_TREE, rse_buf_str(&bytes), &tree->id, err))
        return false;
    tree->dirty = false;
    return true;
}
