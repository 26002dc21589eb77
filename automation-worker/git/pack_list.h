/*
 * pack_list.h - the packs of a repository: names, sizes, and which were folded into another one.
 *
 * A pack that was folded stays for a while, for readers who know it already; a file pack-*.folded beside it, which Git
 * does not know, says so and since when.
 */
#ifndef WORKER_GIT_PACK_LIST_H
#define WORKER_GIT_PACK_LIST_H

#include <resedge/base.h>
#include <resedge/err.h>
#include <time.h>

struct listed_pack {
    char *name;    /* with the folder, without ending */
    uint64_t size; /* of the pack, in bytes */
    time_t made;
    bool kept;     /* somebody wants it to stay (pack-*.keep, pack-*.promisor) */
    time_t folded; /* since when it is superfluous; 0: it is not */
};

struct pack_list {
    struct listed_pack *at; /* by size, the smallest first; of one size the older first */
    size_t count, cap;
};

/* Those that have an index. */
bool pack_list_read(struct pack_list *out, const char *folder, struct rse_err *err) RSE_MUST;
void pack_list_release(struct pack_list *list);

/* Says that a pack is superfluous from now on. */
bool pack_mark_folded(const char *name, struct rse_err *err) RSE_MUST;
/* Takes a pack away, the index first: without it nobody looks for the pack. */
void pack_remove(const char *name);

#endif
