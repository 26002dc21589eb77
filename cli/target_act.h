/* target_act.h - what people do to a target, and which answers nothing. */
#ifndef CLI_TARGET_ACT_H
#define CLI_TARGET_ACT_H

#include "cli/cli.h"

/* POSTs to the target of the first word; with --dry-run it is only tried. body: NULL for none. */
bool cli_target_act(struct cli *cli, const char *action, const cJSON *body, struct rse_err *err) RSE_MUST;

#endif
