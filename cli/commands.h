/* commands.h - the functions behind the rows of commands.c, one file each in commands/. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli.h"

bool command_apply(struct cli *cli, struct rse_err *err);
bool command_explain(struct cli *cli, struct rse_err *err);
bool command_get(struct cli *cli, struct rse_err *err);
bool command_jobs(struct cli *cli, struct rse_err *err);
bool command_select(struct cli *cli, struct rse_err *err);
bool command_set(struct cli *cli, struct rse_err *err);
bool command_status(struct cli *cli, struct rse_err *err);
bool command_token(struct cli *cli, struct rse_err *err);
bool command_version(struct cli *cli, struct rse_err *err);
bool command_what(struct cli *cli, struct rse_err *err);

#endif
