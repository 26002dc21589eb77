/* resedge push: what waits for a target's interval goes out now. */
#include "cli/commands.h"
#include "cli/target_act.h"

bool command_push(struct cli *cli, struct rse_err *err)
{
    const char *name = cli->args.words[0];

    if (!cli_target_act(cli, "push", NULL, err))
        return false;
    cli_acted(cli, "target", name, "push",
              rse_arena_printf(cli->arena,
                               is_dry_run(cli) ? "dry run: target \"%s\": what waits would be pushed now"
                                               : "target \"%s\": what waits is pushed now",
                               name));
    return cli_wait_now(cli, err);
}
