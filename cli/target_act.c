/* See target_act.h. */
#include <inttypes.h>

#include "cli/target_act.h"

bool cli_target_act(struct cli *cli, const char *action, const cJSON *body, struct rse_err *err)
{
    struct reply target;
    char *path;

    if (!cli_get_object(cli, rse_noun_info(RSE_TARGET), cli->args.words[0], &target, err))
        return false;
    path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/%s%s", json_int(target.json, "id"), action,
                            is_dry_run(cli) ? "?dryRun=true" : "");
    if (cli_request(cli, "POST", path, body, NULL, err))
        return true;
    rse_err_object(err, "target \"%s\"", cli->args.words[0]);
    return false;
}
