/* resedge create: one object, from words or from a file. */
#include "cli/commands.h"
#include "cli/fields.h"

/* The members of a file's object, below what the words say. */
static bool read_body(struct cli *cli, cJSON *body, struct rse_err *err)
{
    const char *file = args_value(&cli->args, "file");
    struct rse_str text;
    cJSON *json;

    if (file == NULL)
        return true;
    if (!cli_read_file(cli, file, &text, err) || !cli_parse_file(cli, file, text, &json, err))
        return false;
    if (!cJSON_IsObject(json))
        return rse_fail(err, RSE_INVALID, "%s does not hold one object", file);
    while (json->child != NULL) {
        cJSON *member = cJSON_DetachItemViaPointer(json, json->child);

        cJSON_AddItemToObject(body, member->string, member);
    }
    return true;
}

/* A group is named by its path, an application by NAMESPACE/NAME: what stands in front says where it goes. */
static void put_name(struct cli *cli, const struct rse_noun_info *noun, const char *word, cJSON *body)
{
    const char *slash = noun->noun == RSE_GROUP || noun->noun == RSE_APPLICATION ? strrchr(word, '/') : NULL;
    const char *above = noun->noun == RSE_GROUP ? "parent" : "namespace";

    cJSON_DeleteItemFromObjectCaseSensitive(body, "name");
    cJSON_AddStringToObject(body, "name", slash != NULL ? slash + 1 : word);
    if (slash == NULL || slash == word)
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(body, above);
    cJSON_AddStringToObject(body, above, rse_arena_str(cli->arena, rse_str_n(word, (size_t)(slash - word))).p);
}

bool command_create(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    cJSON *body = cli_new_object(cli);
    struct reply reply;

    if (!cli_noun(cli->args.words[0], &noun, err) || !read_body(cli, body, err))
        return false;
    if (cli->args.nwords > 1)
        put_name(cli, noun, cli->args.words[1], body);
    for (int i = 2; i < cli->args.nwords; i++) {
        if (!fields_put(cli, noun, cli->args.words[i], body, err))
            return false;
    }
    if (json_text(body, "name")[0] == '\0')
        return rse_fail(err, RSE_INVALID, "the new %s has no name", noun->name);
    struct write write = { .method = "POST",
                           .path = rse_arena_printf(cli->arena, "/api/v1/%s", noun->plural),
                           .body = body };

    if (!cli_write(cli, &write, &reply, err)) {
        rse_err_object(err, "%s \"%s\"", noun->name, json_text(body, "name"));
        return false;
    }
    const char *name = reply.json != NULL ? cli_name_of(cli, noun, reply.json) : json_text(body, "name");

    return cli_written(cli, noun, name, "created", &reply, err);
}
