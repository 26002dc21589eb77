/* commands.h - the functions behind the rows of commands.c, in files of their own in commands/. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

bool command_accept_history(struct cli *cli, struct rse_err *err);
bool command_adopt(struct cli *cli, struct rse_err *err);
bool command_apply(struct cli *cli, struct rse_err *err);
bool command_audit(struct cli *cli, struct rse_err *err);
bool command_changes(struct cli *cli, struct rse_err *err);
bool command_completion(struct cli *cli, struct rse_err *err);
bool command_context(struct cli *cli, struct rse_err *err);
bool command_create(struct cli *cli, struct rse_err *err);
bool command_delete(struct cli *cli, struct rse_err *err);
bool command_describe(struct cli *cli, struct rse_err *err);
bool command_diff(struct cli *cli, struct rse_err *err);
bool command_doctor(struct cli *cli, struct rse_err *err);
bool command_edit(struct cli *cli, struct rse_err *err);
bool command_explain(struct cli *cli, struct rse_err *err);
bool command_export(struct cli *cli, struct rse_err *err);
bool command_get(struct cli *cli, struct rse_err *err);
bool command_jobs(struct cli *cli, struct rse_err *err);
bool command_label(struct cli *cli, struct rse_err *err);
bool command_login(struct cli *cli, struct rse_err *err);
bool command_logout(struct cli *cli, struct rse_err *err);
bool command_manual(struct cli *cli, struct rse_err *err);
bool command_move(struct cli *cli, struct rse_err *err);
bool command_new(struct cli *cli, struct rse_err *err);
bool command_overlay(struct cli *cli, struct rse_err *err);
bool command_pause(struct cli *cli, struct rse_err *err);
bool command_plan(struct cli *cli, struct rse_err *err);
bool command_push(struct cli *cli, struct rse_err *err);
bool command_release(struct cli *cli, struct rse_err *err);
bool command_rename(struct cli *cli, struct rse_err *err);
bool command_render(struct cli *cli, struct rse_err *err);
bool command_resume(struct cli *cli, struct rse_err *err);
bool command_select(struct cli *cli, struct rse_err *err);
bool command_set(struct cli *cli, struct rse_err *err);
bool command_status(struct cli *cli, struct rse_err *err);
bool command_tag(struct cli *cli, struct rse_err *err);
bool command_target(struct cli *cli, struct rse_err *err);
bool command_token(struct cli *cli, struct rse_err *err);
bool command_values(struct cli *cli, struct rse_err *err);
bool command_version(struct cli *cli, struct rse_err *err);
bool command_what(struct cli *cli, struct rse_err *err);
bool command_where(struct cli *cli, struct rse_err *err);

/* What their first words may be; each ends with NULL. */
extern const char *const context_verbs[];
extern const char *const jobs_verbs[];
extern const char *const release_verbs[];
extern const char *const target_verbs[];
extern const char *const token_verbs[];

#endif
