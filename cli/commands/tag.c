/* resedge tag: tags of one object. */
#include "cli/commands.h"

static bool is_named(const cJSON *tag, const char *name, size_t len)
{
    return cJSON_IsString(tag) && strlen(tag->valuestring) == len && strncmp(tag->valuestring, name, len) == 0;
}

static void change_tags(cJSON *tags, const char *word)
{
    size_t len = strlen(word);
    bool away = len > 1 && word[len - 1] == '-';
    int i = 0;

    len -= away;
    while (i < cJSON_GetArraySize(tags) && !is_named(cJSON_GetArrayItem(tags, i), word, len))
        i++;
    if (away)
        cJSON_DeleteItemFromArray(tags, i);
    else if (i == cJSON_GetArraySize(tags))
        cJSON_AddItemToArray(tags, cJSON_CreateString(word));
}

bool command_tag(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    cJSON *patch = cli_new_object(cli), *tags;
    struct reply before;

    if (!cli_find_object(cli, &noun, &before, err))
        return false;
    tags = cJSON_Duplicate(json_list(before.json, "tags"), true);
    cJSON_AddItemToObject(patch, "tags", tags);
    for (int i = 2; i < cli->args.nwords; i++)
        change_tags(tags, cli->args.words[i]);
    return cli_patch(cli, noun, before.json, before.etag, patch, "tagged", err);
}
