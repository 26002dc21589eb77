/* resedge label: metadata of one object. */
#include "cli/commands.h"

bool command_label(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    cJSON *patch = cli_new_object(cli), *metadata = cJSON_AddObjectToObject(patch, "metadata");
    struct reply before;

    for (int i = 2; i < cli->args.nwords; i++) {
        const char *word = cli->args.words[i], *equals = strchr(word, '=');
        size_t len = strlen(word);
        const char *key =
            rse_arena_str(cli->arena, rse_str_n(word, equals != NULL ? (size_t)(equals - word) : len - 1)).p;

        if (equals == NULL && (len < 2 || word[len - 1] != '-')) {
            rse_err_hint(err, "KEY=VALUE sets a key, KEY- takes it away.");
            return rse_fail(err, RSE_INVALID, "\"%s\" is not KEY=VALUE", word);
        }
        if (equals != NULL)
            cJSON_AddStringToObject(metadata, key, equals + 1);
        else
            cJSON_AddNullToObject(metadata, key);
    }
    return cli_find_object(cli, &noun, &before, err) &&
           cli_patch(cli, noun, before.json, before.etag, patch, "labelled", err);
}
