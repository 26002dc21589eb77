/* resedge resume: goes on with what was paused. */
#include "cli/commands.h"
#include "cli/pausing.h"

bool command_resume(struct cli *cli, struct rse_err *err)
{
    return cli_pausing(cli, "resume", "resumed", err);
}
