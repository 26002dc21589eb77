/*
 * files.h - files that come with the program, in a checkout or installed.
 */
#ifndef API_FILES_H
#define API_FILES_H

#include <resedge/resedge.h>

/* The first of these that is a folder, seen from the folder of the program; in the arena. NULL when none is. */
const char *beside_program(const char *const *folders, size_t count, struct rse_arena *arena);

/* The whole file, of at most max bytes, in the arena. what names it in an error: "a migration". */
bool file_read(const char *path, const char *what, size_t max, struct rse_arena *arena, struct rse_str *out,
               struct rse_err *err) RSE_MUST;

#endif
