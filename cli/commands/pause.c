/* resedge pause, resume and adopt: what Automation leaves alone. */
#include <inttypes.h>

#include "../commands.h"
#include "../output/output.h"

/* A target of that name, else an application. */
static bool find_pausable(struct cli *cli, const char *name, const struct rse_noun_info **noun, struct reply *out,
                          struct rse_err *err)
{
    *noun = rse_noun_info(RSE_TARGET);
    if (strchr(name, '/') == NULL && cli_get_object(cli, *noun, name, out, err))
        return true;
    if (err->code != RSE_OK && err->code != RSE_NOT_FOUND)
        return false;
    rse_err_clear(err);
    *noun = rse_noun_info(RSE_APPLICATION);
    if (cli_get_object(cli, *noun, name, out, err))
        return true;
    if (err->code == RSE_NOT_FOUND && strchr(name, '/') == NULL) {
        rse_err_clear(err);
        rse_err_hint(err, "`resedge get targets` and `resedge get applications` list them.");
        return rse_fail(err, RSE_NOT_FOUND, "there is no target and no application named \"%s\"", name);
    }
    return false;
}

static bool post_action(struct cli *cli, const struct rse_noun_info *noun, int64_t id, const char *action, cJSON *body,
                        struct reply *reply, struct rse_err *err)
{
    const char *reason = args_value(&cli->args, "reason");
    char *path = rse_arena_printf(cli->arena, "/api/v1/%s/%" PRId64 "/%s", noun->plural, id, action);
    char *text;
    struct rse_request request = { .method = "POST", .path = path };

    /* The API wants one for everything; going on as usual explains itself. */
    cJSON_AddStringToObject(body, "reason", reason != NULL ? reason : action);
    text = cJSON_PrintUnformatted(body);
    request.body = rse_str(text);
    bool ok = cli_send(cli, &request, reply, err);

    cJSON_free(text);
    return ok;
}

static bool act(struct cli *cli, const char *action, const char *done, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    struct reply found, reply;

    if (strcmp(action, "pause") == 0 && args_value(&cli->args, "reason") == NULL) {
        rse_err_hint(err, "Who finds it paused wants to know why: --reason \"...\"");
        return rse_fail(err, RSE_INVALID, "no reason is given");
    }
    return find_pausable(cli, cli->args.words[0], &noun, &found, err) &&
           post_action(cli, noun, json_int(found.json, "id"), action, cli_new_object(cli), &reply, err) &&
           cli_written(cli, noun, cli_name_of(cli, noun, found.json), done, &reply, err);
}

bool command_pause(struct cli *cli, struct rse_err *err)
{
    return act(cli, "pause", "paused", err);
}

bool command_resume(struct cli *cli, struct rse_err *err)
{
    return act(cli, "resume", "resumed", err);
}

bool command_adopt(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun = rse_noun_info(RSE_TARGET);
    cJSON *body = cli_new_object(cli), *names = cJSON_AddArrayToObject(body, "clusters");
    struct reply target, reply;

    for (int i = 1; i < cli->args.nwords; i++)
        cJSON_AddItemToArray(names, cJSON_CreateString(cli->args.words[i]));
    if (!cli_get_object(cli, noun, cli->args.words[0], &target, err) ||
        !post_action(cli, noun, json_int(target.json, "id"), "adopt", body, &reply, err))
        return false;
    if (!output_document(cli, reply.json))
        printf("adopted: the next job writes the folders of %s\n", plural(cli->arena, cli->args.nwords - 1, "cluster"));
    return true;
}
