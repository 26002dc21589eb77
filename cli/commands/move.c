/* resedge move: another place for one object. */
#include "cli/commands.h"
#include "cli/moving.h"

bool command_move(struct cli *cli, struct rse_err *err)
{
    static const char *const members[RSE_NOUN_COUNT] = {
        [RSE_GROUP] = "parent", [RSE_APPLICATION] = "namespace", [RSE_CLUSTER] = "target"
    };
    const struct rse_noun_info *noun;
    cJSON *patch = cli_new_object(cli);
    const char *to = cli->args.words[2];
    struct reply before;

    if (!cli_noun(cli->args.words[0], &noun, err))
        return false;
    if (members[noun->noun] == NULL) {
        rse_err_hint(err,
                     "A group moves below another, an application to another namespace, a cluster to another target.");
        return rse_fail(err, RSE_INVALID, "a %s is nowhere that it could be moved from", noun->name);
    }
    if (!cli_find_object(cli, &noun, &before, err))
        return false;
    if (noun->noun == RSE_GROUP && strcmp(to, "/") == 0)
        cJSON_AddNullToObject(patch, "parent");
    else
        cJSON_AddStringToObject(patch, members[noun->noun], to);
    return cli_patch_moved(cli, noun, &before, patch, "moved", err);
}
