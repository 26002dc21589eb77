/*
 * loose.h - objects that are files of their own, as people's small pushes leave them.
 */
#ifndef WORKER_GIT_LOOSE_H
#define WORKER_GIT_LOOSE_H

#include <git2.h>
#include <resedge/base.h>

struct loose {
    char *folder; /* objects/ */
    git_oid *ids;
    size_t count, cap;
};

/* Whether there are about a thousand: one of the 256 folders is looked into, as git gc --auto does. */
bool loose_are_many(const char *objects_folder);
/* Lists them all; what can't be read is not listed. */
void loose_list(struct loose *out, const char *objects_folder);
void loose_remove(const struct loose *loose, const git_oid *id);
void loose_release(struct loose *loose);

#endif
