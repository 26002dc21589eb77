/*
 * plan_disk.h - a fleet and templates from a folder on disk.
 */
#ifndef RESEDGE_TESTS_PLAN_DISK_H
#define RESEDGE_TESTS_PLAN_DISK_H

#include <dirent.h>
#include <sys/stat.h>

#include "tests/unit/plan/plan_test.h"

static inline bool read_file(const char *path, struct rse_buf *out)
{
    FILE *file = fopen(path, "rb");
    char chunk[4096];
    size_t n;

    rse_buf_reset(out);
    if (file == NULL)
        return false;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        rse_buf_addn(out, chunk, n);
    (void)fclose(file);
    return true;
}

/* Adds the files below root/folder, if it is there. */
static inline void load_templates(struct world *world, const char *root, const char *folder)
{
    DIR *dir = opendir(rse_arena_printf(world->arena, "%s/%s", root, folder));
    struct dirent *entry;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 8 << 20);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char *path = rse_arena_printf(world->arena, "%s/%s", folder, entry->d_name);
        char *disk = rse_arena_printf(world->arena, "%s/%s", root, path);
        struct stat info;

        if (entry->d_name[0] == '.' || stat(disk, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            load_templates(world, root, path);
        } else {
            assert_true(read_file(disk, &text));
            world_bytes(world, path, rse_buf_str(&text));
        }
    }
    if (dir != NULL)
        closedir(dir);
}

/* Ids are given in the order of the inventory; every cluster belongs to the target. */
static inline void load_inventory(struct world *world, const char *path, struct rse_str text)
{
    struct rse_inventory inventory;
    struct rse_err err = RSE_ERR_INIT;

    if (!rse_inventory_read(&inventory, rse_str(path), text, world->arena, &err))
        fail_msg("%s", err.what);
    for (size_t i = 0; i < inventory.count; i++) {
        struct rse_object *object = inventory.at[i];

        object->id = (int64_t)i + 100;
        if (object->noun == RSE_CLUSTER)
            ((struct rse_cluster *)object)->target = (struct rse_ref){ .id = TARGET_ID };
        if (!rse_fleet_put(world->fleet, object, &err))
            fail_msg("%s", err.what);
    }
}

/* NULL when there is no such inventory. */
static inline struct world *world_load(const char *root, const char *inventory)
{
    struct world *world = world_new_empty();
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 8 << 20);
    if (!read_file(rse_arena_printf(world->arena, "%s/%s", root, inventory), &text)) {
        world_free(world);
        return NULL;
    }
    load_inventory(world, inventory, rse_buf_str(&text));
    load_templates(world, root, "apps");
    load_templates(world, root, "policies");
    world_plan(world);
    return world;
}

static inline void assert_all_render(const struct folder *folder, const char *cluster)
{
    for (size_t i = 0; i < folder->nparts; i++) {
        if (folder->errors[i].code != RSE_OK)
            fail_msg("%s: %s", cluster, folder->errors[i].what);
    }
}

#endif
