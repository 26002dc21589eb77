/* resedge context: the servers that one works with. */
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/output/output.h"

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

static bool use_context(struct cli *cli, cJSON *all, const char *name, struct rse_err *err)
{
    cJSON *found;

    if (!context_find(all, name, &found, err))
        return false;
    context_make_current(all, name);
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
    return strcmp(verb, "use") == 0 ? use_context(cli, all, name, err) : context_delete(cli, all, name, err);
}
