/* resedge login: a server and a token, kept as a context. */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/context.h"

/* "https://edge.example:8443/" -> "edge.example:8443" */
static const char *name_of_url(struct cli *cli, const char *url)
{
    const char *host = strstr(url, "://");

    host = host != NULL ? host + 3 : url;
    return rse_arena_str(cli->arena, rse_str_n(host, strcspn(host, "/"))).p;
}

/* Whether the server lets the token in. */
static bool try_token(struct cli *cli, const char *url, const char *token, struct rse_err *err)
{
    struct rse_client_config config = {
        .url = url, .token = token, .retries = -1, .timeout_ms = 20000, .ca_file = args_value(&cli->args, "cacert")
    };
    struct rse_client *client;
    bool ok;

    config.user_agent = rse_arena_printf(cli->arena, "resedge/%s", rse_version());
    rse_client_global_init();
    if (!rse_client_new(&client, &config, err))
        return false;
    ok = rse_client_json(client, "GET", "/api/v1/targets?$top=1", NULL, NULL, err);
    rse_client_free(client);
    return ok;
}

static bool store_context(struct cli *cli, const char *name, const char *url, const char *token, struct rse_err *err)
{
    const char *cacert = args_value(&cli->args, "cacert");
    cJSON *all, *context;

    if (!context_load(cli, &all, err))
        return false;
    cJSON_DeleteItemFromObjectCaseSensitive(context_all(all), name);
    context = cJSON_AddObjectToObject(context_all(all), name);
    cJSON_AddStringToObject(context, "url", url);
    cJSON_AddStringToObject(context, "token", token);
    if (cacert != NULL)
        cJSON_AddStringToObject(context, "cacert", cacert);
    context_make_current(all, name);
    return context_save(cli, all, err);
}

bool command_login(struct cli *cli, struct rse_err *err)
{
    const char *url = cli->args.nwords > 0 ? cli->args.words[0] : args_value(&cli->args, "url");
    const char *file = args_value(&cli->args, "token-file"), *name = args_value(&cli->args, "name"), *token;

    if (url == NULL)
        url = getenv("RESEDGE_URL");
    if (url == NULL || url[0] == '\0') {
        rse_err_hint(err, "Usage: resedge login https://HOST [--name NAME] [--token-file FILE]");
        return rse_fail(err, RSE_INVALID, "no server is given");
    }
    if (name == NULL)
        name = name_of_url(cli, url);
    if (!(file != NULL ? cli_read_token(cli, file, &token, err)
                       : cli_ask_secret(cli, rse_arena_printf(cli->arena, "Token for %s:", url), &token, err)))
        return false;
    if (!try_token(cli, url, token, err) || !store_context(cli, name, url, token, err))
        return false;
    printf("logged in to %s; context \"%s\" is the current one\n", url, name);
    return true;
}
