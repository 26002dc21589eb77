/* See pausing.h. */
#include <inttypes.h>

#include "cli/pausing.h"

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

bool cli_pausing(struct cli *cli, const char *action, const char *done, struct rse_err *err)
{
    const char *reason = args_value(&cli->args, "reason");
    cJSON *body = cli_new_object(cli);
    const struct rse_noun_info *noun;
    struct write write = { .method = "POST", .body = body };
    struct reply found, reply;

    /* The API wants a reason for both; going on as usual explains itself. */
    cJSON_AddStringToObject(body, "reason", reason != NULL ? reason : action);
    if (!find_pausable(cli, cli->args.words[0], &noun, &found, err))
        return false;
    write.path =
        rse_arena_printf(cli->arena, "/api/v1/%s/%" PRId64 "/%s", noun->plural, json_int(found.json, "id"), action);
    return cli_write(cli, &write, &reply, err) &&
           cli_written(cli, noun, cli_name_of(cli, noun, found.json), done, &reply, err);
}
