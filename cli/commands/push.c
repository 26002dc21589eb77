/* resedge push: what waits for a target's interval goes out now. */
#include "../commands.h"
#include "../target_act.h"

bool command_push(struct cli *cli, struct rse_err *err)
{
    if (!cli_target_act(cli, "push", NULL, err))
        return false;
    printf(is_dry_run(cli) ? "dry run: target \"%s\": what waits would be pushed now\n"
                           : "target \"%s\": what waits is pushed now\n",
           cli->args.words[0]);
    return true;
}
