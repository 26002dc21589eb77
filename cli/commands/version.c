/* resedge version: ours, and the server's where one is given. */
#include <stdlib.h>

#include "../commands.h"
#include "../output.h"

bool command_version(struct cli *cli, struct rse_err *err)
{
    cJSON *answer;

    printf("resedge %s\n", rse_version());
    if (args_value(&cli->args, "url") == NULL && getenv("RESEDGE_URL") == NULL)
        return true;
    if (!cli_request(cli, "GET", "/version", NULL, &answer, err))
        return false;
    printf("server %s\n", json_text(answer, "version"));
    return true;
}
