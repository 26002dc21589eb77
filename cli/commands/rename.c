/* resedge rename: another name for one object. */
#include "cli/commands.h"
#include "cli/moving.h"

bool command_rename(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    cJSON *patch = cli_new_object(cli);
    struct reply before;

    if (!cli_find_object(cli, &noun, &before, err))
        return false;
    cJSON_AddStringToObject(patch, "name", cli->args.words[2]);
    return cli_patch_moved(cli, noun, &before, patch, "renamed", err);
}
