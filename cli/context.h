/*
 * context.h - the servers that a person works with, and the token for each: a file that nobody else can read.
 *
 * RESEDGE_CONFIG, else $XDG_CONFIG_HOME/resedge/contexts.json, else ~/.config/resedge/contexts.json, with mode 0600:
 *   {"current": "prod", "contexts": {"prod": {"url": "https://...", "token": "rse_...", "cacert": "/..."}}}
 */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include "cli/cli.h"

/* The file as JSON, belonging to the arena; an empty one where there is no file. Refused where others can read it. */
bool context_load(struct cli *cli, cJSON **out, struct rse_err *err) RSE_MUST;
/* Writes it anew: all or nothing. */
bool context_save(struct cli *cli, const cJSON *all, struct rse_err *err) RSE_MUST;
/* Where it is. */
bool context_path(struct cli *cli, const char **out, struct rse_err *err) RSE_MUST;
/* The context of --context or RESEDGE_CONTEXT, else the current one; *out is NULL when there is none. */
bool context_current(struct cli *cli, const cJSON **out, struct rse_err *err) RSE_MUST;
/* One by name, or an error with a near one. */
bool context_find(const cJSON *all, const char *name, cJSON **out, struct rse_err *err) RSE_MUST;
/* The contexts of the file; made where there are none. */
cJSON *context_all(cJSON *file);
void context_make_current(cJSON *file, const char *name);
/* Takes it out and writes the file. */
bool context_delete(struct cli *cli, cJSON *file, const char *name, struct rse_err *err) RSE_MUST;

#endif
