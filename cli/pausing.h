/* pausing.h - what `pause` and `resume` have in common. */
#ifndef CLI_PAUSING_H
#define CLI_PAUSING_H

#include "cli/cli.h"

/* The target or the application of the first word: action is "pause" or "resume", done what is told then. */
bool cli_pausing(struct cli *cli, const char *action, const char *done, struct rse_err *err) RSE_MUST;

#endif
