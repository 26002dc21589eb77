/* resedge login, logout and context: which servers one works with, and as whom. */
#include <stdlib.h>

#include "../commands.h"
#include "../context.h"
#include "../output/output.h"

/* "https://edge.example:8443/" -> "edge.example:8443" */
static const char *name_of_url(struct cli *cli, const char *url)
{
    const char *host = strstr(url, "://");

    host = host != NULL ? host + 3 : url;
    return rse_arena_str(cli->arena, rse_str_n(host, strcspn(host, "/"))).p;
}

static cJSON *contexts_of(cJSON *all)
{
    cJSON *contexts = cJSON_GetObjectItemCaseSensitive(all, "contexts");

    return cJSON_IsObject(contexts) ? contexts : cJSON_AddObjectToObject(all, "contexts");
}

static void make_current(cJSON *all, const char *name)
{
    cJSON_DeleteItemFromObjectCaseSensitive(all, "current");
    cJSON_AddStringToObject(all, "current", name);
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
    cJSON_DeleteItemFromObjectCaseSensitive(contexts_of(all), name);
    context = cJSON_AddObjectToObject(contexts_of(all), name);
    cJSON_AddStringToObject(context, "url", url);
    cJSON_AddStringToObject(context, "token", token);
    if (cacert != NULL)
        cJSON_AddStringToObject(context, "cacert", cacert);
    make_current(all, name);
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

static bool list_contexts(struct cli *cli, const cJSON *all, struct rse_err *err)
{
    static const struct column columns[] = { { "CURRENT", "current", CELL_TEXT, false, NULL, NULL },
                                             { "NAME", "name", CELL_TEXT, false, NULL, NULL },
                                             { "URL", "url", CELL_TEXT, false, NULL, NULL },
                                             { "CACERT", "cacert", CELL_TEXT, true, NULL, NULL },
                                             { .header = NULL } };
    static const struct view view = { .columns = columns,
                                      .name = "name",
                                      .nothing = "no contexts yet: `resedge login URL` makes one" };
    cJSON *answer = cli_new_object(cli), *list = cJSON_AddArrayToObject(answer, "value");
    const cJSON *context;

    cJSON_ArrayForEach(context, cJSON_GetObjectItemCaseSensitive(all, "contexts"))
    {
        cJSON *row = cJSON_CreateObject(); /* without the token */

        cJSON_AddStringToObject(row, "current", strcmp(json_text(all, "current"), context->string) == 0 ? "*" : "");
        cJSON_AddStringToObject(row, "name", context->string);
        cJSON_AddStringToObject(row, "url", json_text(context, "url"));
        if (json_text(context, "cacert")[0] != '\0')
            cJSON_AddStringToObject(row, "cacert", json_text(context, "cacert"));
        cJSON_AddItemToArray(list, row);
    }
    return output_rows(cli, &view, answer, err);
}

static bool delete_context(struct cli *cli, cJSON *all, const char *name, struct rse_err *err)
{
    cJSON *found;

    if (!context_find(all, name, &found, err))
        return false;
    cJSON_DeleteItemFromObjectCaseSensitive(contexts_of(all), name);
    if (strcmp(json_text(all, "current"), name) == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(all, "current");
    return context_save(cli, all, err);
}

static bool use_context(struct cli *cli, cJSON *all, const char *name, struct rse_err *err)
{
    cJSON *found;

    if (!context_find(all, name, &found, err))
        return false;
    make_current(all, name);
    if (!context_save(cli, all, err))
        return false;
    printf("context \"%s\" is the current one (%s)\n", name, json_text(found, "url"));
    return true;
}

const char *const context_verbs[] = { "list", "use", "delete", NULL };

bool command_context(struct cli *cli, struct rse_err *err)
{
    const char *verb = cli->args.nwords > 0 ? cli->args.words[0] : "list";
    const char *name = cli->args.nwords > 1 ? cli->args.words[1] : NULL;
    cJSON *all;

    if (!cli_verb(verb, context_verbs, err) || !context_load(cli, &all, err))
        return false;
    if ((name == NULL) != (strcmp(verb, "list") == 0)) {
        rse_err_hint(err, "Usage: resedge context list, resedge context use NAME, resedge context delete NAME");
        return rse_fail(err, RSE_INVALID, name == NULL ? "%s which context?" : "%s takes nothing more", verb);
    }
    if (name == NULL)
        return list_contexts(cli, all, err);
    return strcmp(verb, "use") == 0 ? use_context(cli, all, name, err) : delete_context(cli, all, name, err);
}

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
    if (!delete_context(cli, all, name, err))
        return false;
    printf("logged out of context \"%s\"\n", name);
    return true;
}
