/* resedge version: ours, and the server's where one is given. */
#include <stdlib.h>

#include "../commands.h"
#include "../output.h"

static bool has_server(const struct cli *cli)
{
    const char *url = getenv("RESEDGE_URL");

    return args_has(&cli->args, "url") || (url != NULL && url[0] != '\0');
}

bool command_version(struct cli *cli, struct rse_err *err)
{
    cJSON *answer = NULL, *out = cli_new_object(cli);
    bool ok = !has_server(cli) || cli_request(cli, "GET", "/version", NULL, &answer, err);

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
