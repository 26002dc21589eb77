/* resedge label and tag, rename and move: small changes of one object. */
#include "../commands.h"

/* The noun and the object of the first two words. */
static bool find_object(struct cli *cli, const struct rse_noun_info **noun, struct reply *before, struct rse_err *err)
{
    return cli_noun(cli->args.words[0], noun, err) && cli_get_object(cli, *noun, cli->args.words[1], before, err);
}

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
    return find_object(cli, &noun, &before, err) &&
           cli_patch(cli, noun, before.json, before.etag, patch, "labelled", err);
}

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

    if (!find_object(cli, &noun, &before, err))
        return false;
    tags = cJSON_Duplicate(json_list(before.json, "tags"), true);
    cJSON_AddItemToObject(patch, "tags", tags);
    for (int i = 2; i < cli->args.nwords; i++)
        change_tags(tags, cli->args.words[i]);
    return cli_patch(cli, noun, before.json, before.etag, patch, "tagged", err);
}

/* What a rename or a move means for what runs: for Flux another name is another object. */
static bool confirm_move(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document, int64_t *count,
                         struct rse_err *err)
{
    cJSON *clusters;

    *count = 0;
    if (noun->noun != RSE_APPLICATION && noun->noun != RSE_NAMESPACE)
        return true;
    const char *path =
        rse_arena_printf(cli->arena, "/api/v1/%s/%lld/clusters", noun->plural, (long long)json_int(document, "id"));

    if (!cli_get_list(cli, path, &clusters, err))
        return false;
    *count = cJSON_GetArraySize(json_list(clusters, "value"));
    if (*count == 0 || is_dry_run(cli) || args_has(&cli->args, "confirm"))
        return true;
    fprintf(stderr, "%s \"%s\" runs on %lld cluster%s: there it is deleted, with its data, and made anew.\n",
            noun->name, cli_name_of(cli, noun, document), (long long)*count, *count == 1 ? "" : "s");
    if (args_has(&cli->args, "yes")) /* a yes given beforehand did not see the number */
        *count = 0;
    return cli_confirm(cli, "Go on?", err);
}

static bool patch_moved(struct cli *cli, const struct rse_noun_info *noun, const struct reply *before,
                        const cJSON *patch, const char *done, struct rse_err *err)
{
    struct write write = { .method = "PATCH", .body = patch, .content_type = "application/merge-patch+json" };
    struct reply reply;

    write.path = rse_arena_printf(cli->arena, "/api/v1/%s/%lld", noun->plural, (long long)json_int(before->json, "id"));
    write.if_match = before->etag;
    if (!confirm_move(cli, noun, before->json, &write.confirm, err))
        return false;
    if (!cli_write(cli, &write, &reply, err)) {
        rse_err_object(err, "%s \"%s\"", noun->name, cli_name_of(cli, noun, before->json));
        return false;
    }
    return cli_written(cli, noun, reply.json != NULL ? cli_name_of(cli, noun, reply.json) : "", done, &reply, err);
}

bool command_rename(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    cJSON *patch = cli_new_object(cli);
    struct reply before;

    if (!find_object(cli, &noun, &before, err))
        return false;
    cJSON_AddStringToObject(patch, "name", cli->args.words[2]);
    return patch_moved(cli, noun, &before, patch, "renamed", err);
}

bool command_move(struct cli *cli, struct rse_err *err)
{
    static const char *const members[RSE_NOUN_COUNT] = {
        [RSE_GROUP] = "parent", [RSE_APPLICATION] = "namespace", [RSE_CLUSTER] = "target"
    };
    const struct rse_noun_info *noun;
    cJSON *patch = cli_new_object(cli);
    const char *to = cli->args.words[2];
    struct reply before;

    if (!cli_noun(cli->args.words[0], &noun, err))
        return false;
    if (members[noun->noun] == NULL) {
        rse_err_hint(err,
                     "A group moves below another, an application to another namespace, a cluster to another target.");
        return rse_fail(err, RSE_INVALID, "a %s is nowhere that it could be moved from", noun->name);
    }
    if (!find_object(cli, &noun, &before, err))
        return false;
    if (noun->noun == RSE_GROUP && strcmp(to, "/") == 0)
        cJSON_AddNullToObject(patch, "parent");
    else
        cJSON_AddStringToObject(patch, members[noun->noun], to);
    return patch_moved(cli, noun, &before, patch, "moved", err);
}
