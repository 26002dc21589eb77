/* resedge pause: leaves a target or an application as it is. */
#include "cli/commands.h"
#include "cli/pausing.h"

bool command_pause(struct cli *cli, struct rse_err *err)
{
    if (args_value(&cli->args, "reason") == NULL) {
        rse_err_hint(err, "Who finds it paused wants to know why: --reason \"...\"");
        return rse_fail(err, RSE_INVALID, "no reason is given");
    }
    return cli_pausing(cli, "pause", "paused", err);
}
