/* moving.h - what renaming and moving an object have in common: what it does to clusters is shown first. */
#ifndef CLI_MOVING_H
#define CLI_MOVING_H

#include "cli/cli.h"

/* A PATCH of what was read before, told as `done`. Asks where an application or a namespace runs on clusters: for Flux it is another
 * one then. */
bool cli_patch_moved(struct cli *cli, const struct rse_noun_info *noun, const struct reply *before, const cJSON *patch,
                     const char *done, struct rse_err *err) RSE_MUST;

#endif
