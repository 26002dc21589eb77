/* resedge push and accept-history: what a target's remote repository needs a person for. */
#include <inttypes.h>

#include "../commands.h"

static bool post_to_target(struct cli *cli, const char *action, const cJSON *body, struct rse_err *err)
{
    struct reply target;
    char *path;

    if (!cli_get_object(cli, rse_noun_info(RSE_TARGET), cli->args.words[0], &target, err))
        return false;
    path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/%s", json_int(target.json, "id"), action);
    if (cli_request(cli, "POST", path, body, NULL, err))
        return true;
    rse_err_object(err, "target \"%s\"", cli->args.words[0]);
    return false;
}

bool command_push(struct cli *cli, struct rse_err *err)
{
    if (!post_to_target(cli, "push", NULL, err))
        return false;
    printf("target \"%s\": what waits is pushed now\n", cli->args.words[0]);
    return true;
}

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
    if (!post_to_target(cli, "accept-history", body, err))
        return false;
    printf("target \"%s\": %s is accepted; its job runs again\n", cli->args.words[0],
           commit != NULL ? commit : "that the branch is gone");
    return true;
}
