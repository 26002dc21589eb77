/*
 * commands.h - the subcommands of resedge-api. words: what is left of the command line, without the options.
 */
#ifndef API_COMMANDS_H
#define API_COMMANDS_H

#include <resedge/resedge.h>

struct config;

bool command_serve(const struct config *config, int nwords, char **words, struct rse_err *err) RSE_MUST;
bool command_migrate(const struct config *config, int nwords, char **words, struct rse_err *err) RSE_MUST;
bool command_forget_changes(const struct config *config, int nwords, char **words, struct rse_err *err) RSE_MUST;
bool command_routes(const struct config *config, int nwords, char **words, struct rse_err *err) RSE_MUST;
bool command_token(const struct config *config, int nwords, char **words, struct rse_err *err) RSE_MUST;

#endif
