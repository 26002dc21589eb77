/* resedge logout: forgets a context. */
#include "cli/commands.h"
#include "cli/context.h"

bool command_logout(struct cli *cli, struct rse_err *err)
{
    const char *name = cli->args.nwords > 0 ? cli->args.words[0] : args_value(&cli->args, "context");
    cJSON *all;

    if (!context_load(cli, &all, err))
        return false;
    if (name == NULL)
        name = json_text(all, "current");
    if (name[0] == '\0') {
        rse_err_hint(err, "`resedge context list` shows all; name one.");
        return rse_fail(err, RSE_NOT_FOUND, "no context is the current one");
    }
    name = rse_arena_strdup(cli->arena, name); /* not the text of what goes */
    if (!context_delete(cli, all, name, err))
        return false;
    printf("logged out of context \"%s\"\n", name);
    return true;
}
