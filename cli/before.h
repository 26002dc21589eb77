/* before.h - the files of a cluster's folder as they are in a checkout, to be compared with those to come. */
#ifndef CLI_BEFORE_H
#define CLI_BEFORE_H

#include <resedge/resedge.h>

/* A file that was there. */
struct before_file {
    struct rse_str bytes;
    bool stays; /* it is not rendered, and left as it is */
};

/* Puts a file into files, which maps paths from the cluster's folder to struct before_file. Copies into the arena. */
void before_add(struct rse_map *files, struct rse_arena *arena, struct rse_str path, struct rse_str bytes);
/* Reads all regular files below a folder; one that is not there has none. */
bool before_read(struct rse_map *files, struct rse_arena *arena, const char *folder, struct rse_err *err) RSE_MUST;
/* Marks the files of a part as staying. Whether there are any. */
bool before_keep(struct rse_map *files, const struct rse_part *part);

#endif
