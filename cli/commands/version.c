/* resedge version: ours, and the server's where one is given. */
#include "cli/commands.h"
#include "cli/output/output.h"

bool command_version(struct cli *cli, struct rse_err *err)
{
    cJSON *answer = NULL, *out = cli_new_object(cli);
    bool ok = !cli_has_server(cli) || cli_request(cli, "GET", "/version", NULL, &answer, err);

    cJSON_AddStringToObject(out, "resedge", rse_version());
    if (answer != NULL)
        cJSON_AddStringToObject(out, "server", json_text(answer, "version"));
    if (output_document(cli, out))
        return ok;
    printf("resedge %s\n", rse_version());
    if (answer != NULL)
        printf("server %s\n", json_text(answer, "version"));
    return ok;
}
