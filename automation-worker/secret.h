/*
 * secret.h - what the Data Service proves itself with when it asks this worker: made once, kept in the data folder.
 */
#ifndef WORKER_SECRET_H
#define WORKER_SECRET_H

#include <resedge/arena.h>
#include <resedge/err.h>

/* Makes the folder (0700) where there is none, and in it the file (0600). The text lives in the arena. */
bool secret_load(const char *data_dir, struct rse_arena *arena, const char **out, struct rse_err *err) RSE_MUST;

#endif
