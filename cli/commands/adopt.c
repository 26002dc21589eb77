/* resedge adopt: lets Automation write folders that it did not make. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

static const char *named(const struct cli *cli, const cJSON *resource)
{
    const char *kind = json_text(resource, "kind"), *namespace_ = json_text(resource, "namespace");

    if (kind[0] == '\0')
        return json_text(resource, "path");
    return rse_arena_printf(cli->arena, "%s %s%s%s (%s)", kind, namespace_, namespace_[0] != '\0' ? "/" : "",
                            json_text(resource, "name"), json_text(resource, "path"));
}

/* What adopting would change: a line for each resource, and how those that are there already differ. */
static void print_adoption(const struct cli *cli, const cJSON *adoption)
{
    static const char marks[][2] = { "+", "~", "-" };
    const cJSON *resource, *why;

    printf("%s: %s added, %" PRId64 " changed, %" PRId64 " removed, %" PRId64 " unchanged\n",
           json_text(adoption, "cluster"), plural(cli->arena, json_int(adoption, "added"), "resource"),
           json_int(adoption, "changed"), json_int(adoption, "removed"), json_int(adoption, "unchanged"));
    cJSON_ArrayForEach(resource, json_list(adoption, "resources"))
    {
        const char *op = json_text(resource, "op");
        bool changed = strcmp(op, "changed") == 0;

        printf("  %s %s\n", marks[changed ? 1 : strcmp(op, "removed") == 0 ? 2 : 0], named(cli, resource));
        if (changed)
            printf("%s", json_text(resource, "diff"));
    }
    cJSON_ArrayForEach(why, json_list(adoption, "failed")) printf("  failed: %s\n", json_text(why, "detail"));
}

static bool show_adoption(struct cli *cli, int64_t target, const cJSON *names, struct rse_err *err)
{
    char *path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/adopt?dryRun=true", target);
    cJSON *body = cli_new_object(cli), *answer;
    const cJSON *adoption;

    cJSON_AddItemToObject(body, "clusters", cJSON_Duplicate(names, true));
    if (!cli_request(cli, "POST", path, body, &answer, err))
        return false;
    if (is_dry_run(cli) && output_document(cli, answer))
        return true;
    cJSON_ArrayForEach(adoption, json_list(answer, "value")) print_adoption(cli, adoption);
    return true;
}

static bool adopt(struct cli *cli, int64_t target, cJSON *body, cJSON **answer, struct rse_err *err)
{
    const char *reason = args_value(&cli->args, "reason");

    /* The API wants one. */
    cJSON_AddStringToObject(body, "reason", reason != NULL ? reason : "adopt");
    return cli_request(cli, "POST", rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/adopt", target), body,
                       answer, err);
}

bool command_adopt(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun = rse_noun_info(RSE_TARGET);
    cJSON *body = cli_new_object(cli), *names = cJSON_AddArrayToObject(body, "clusters");
    struct reply target;
    cJSON *answer;
    int64_t id;

    for (int i = 1; i < cli->args.nwords; i++)
        cJSON_AddItemToArray(names, cJSON_CreateString(cli->args.words[i]));
    if (!cli_get_object(cli, noun, cli->args.words[0], &target, err))
        return false;
    id = json_int(target.json, "id");
    if (is_dry_run(cli))
        return show_adoption(cli, id, names, err);
    if (!args_has(&cli->args, "yes") &&
        (!show_adoption(cli, id, names, err) || !cli_confirm(cli, "Let Automation write these folders?", err)))
        return false;
    if (!adopt(cli, id, body, &answer, err))
        return false;
    if (!output_document(cli, answer))
        printf("adopted: the next job writes the folders of %s\n", plural(cli->arena, cli->args.nwords - 1, "cluster"));
    return cli_wait_now(cli, err);
}
