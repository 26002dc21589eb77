#include "automation-worker/git/loose.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FOLDERS = 256, SAMPLE = 0x17, MANY_IN_ONE = 4 };

static DIR *open_folder(const char *objects_folder, unsigned first)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof(path), "%s/%02x", objects_folder, first) < (int)sizeof(path) ? opendir(path) : NULL;
}

static bool read_id(unsigned first, const char *name, git_oid *id)
{
    char hex[GIT_OID_HEXSZ + 1];

    return strlen(name) == GIT_OID_HEXSZ - 2 && snprintf(hex, sizeof(hex), "%02x%s", first, name) == GIT_OID_HEXSZ &&
           git_oid_fromstr(id, hex) == 0;
}

static void list_folder(struct loose *loose, unsigned first)
{
    DIR *dir = open_folder(loose->folder, first);
    git_oid id;

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (!read_id(first, entry->d_name, &id))
            continue;
        RSE_GROW(loose->ids, loose->count, loose->cap);
        loose->ids[loose->count++] = id;
    }
    if (dir != NULL)
        closedir(dir);
}

bool loose_are_many(const char *objects_folder)
{
    struct loose sample = { .folder = rse_xstrdup(objects_folder) };

    list_folder(&sample, SAMPLE);
    bool many = sample.count >= MANY_IN_ONE;
    loose_release(&sample);
    return many;
}

void loose_list(struct loose *out, const char *objects_folder)
{
    *out = (struct loose){ .folder = rse_xstrdup(objects_folder) };
    for (unsigned first = 0; first < FOLDERS; first++)
        list_folder(out, first);
}

void loose_remove(const struct loose *loose, const git_oid *id)
{
    char path[PATH_MAX], hex[GIT_OID_HEXSZ + 1];

    git_oid_tostr(hex, sizeof(hex), id);
    if (snprintf(path, sizeof(path), "%s/%.2s/%s", loose->folder, hex, hex + 2) < (int)sizeof(path))
        unlink(path);
}

void loose_release(struct loose *loose)
{
    free(loose->folder);
    free(loose->ids);
    *loose = (struct loose){ .folder = NULL };
}
