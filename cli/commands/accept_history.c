/* resedge accept-history: a branch was rewritten or deleted on purpose. */
#include "cli/commands.h"
#include "cli/target_act.h"

bool command_accept_history(struct cli *cli, struct rse_err *err)
{
    const char *commit = cli->args.nwords > 1 ? cli->args.words[1] : NULL;
    cJSON *body = cli_new_object(cli);

    if ((commit != NULL) == args_has(&cli->args, "deleted")) {
        rse_err_hint(err, "Usage: resedge accept-history TARGET COMMIT, resedge accept-history TARGET --deleted");
        return rse_fail(err, RSE_INVALID, "give the commit that the branch is at now, or --deleted");
    }
    if (commit != NULL)
        cJSON_AddStringToObject(body, "commit", commit);
    else
        cJSON_AddNullToObject(body, "commit");
    if (!cli_target_act(cli, "accept-history", body, err))
        return false;
    cli_acted(cli, "target", cli->args.words[0], "acceptHistory",
              rse_arena_printf(cli->arena,
                               is_dry_run(cli) ? "dry run: target \"%s\": %s would be accepted, and its job run again"
                                               : "target \"%s\": %s is accepted; its job runs again",
                               cli->args.words[0], commit != NULL ? commit : "that the branch is gone"));
    return cli_wait_now(cli, err);
}
