/* resedge diff: what inventories would change, or what changed in a cluster's folder. */
#include "cli/commands.h"
#include "cli/inventory.h"
#include "cli/output/output.h"

static const char *value_text(struct cli *cli, const cJSON *field, const char *member)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(field, member);
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 20);
    if (value == NULL || cJSON_IsNull(value))
        return "-";
    if (cJSON_IsString(value))
        return text_plain(cli->arena, value->valuestring);
    add_json(&text, value, 0);
    return text_plain(cli->arena, text.p);
}

static void print_change(struct cli *cli, const cJSON *change)
{
    const char *op = json_text(change, "op");
    char sign = strcmp(op, "create") == 0 ? '+' : strcmp(op, "delete") == 0 ? '-' : '~';
    const char *color = !cli->color ? "" : sign == '+' ? "\033[32m" : sign == '-' ? "\033[31m" : "\033[33m";
    const cJSON *field;

    printf("%s%c %s %s%s\n", color, sign, json_text(change, "noun"), json_text(change, "name"),
           color[0] != '\0' ? "\033[0m" : "");
    cJSON_ArrayForEach(field, json_list(change, "fields"))
    {
        printf("    %s: %s -> %s\n", json_text(field, "field"), value_text(cli, field, "before"),
               value_text(cli, field, "after"));
    }
}

static bool diff_inventory(struct cli *cli, struct rse_err *err)
{
    struct rse_request request = { .method = "POST", .path = "/api/v1/apply?dryRun=true" };
    struct inventory inventory;
    const cJSON *change;
    struct reply reply;

    if (!inventory_read(cli, &inventory, err))
        return false;
    request.body = inventory.text;
    request.content_type = inventory.content_type;
    if (!cli_send(cli, &request, &reply, err)) {
        inventory_locate(&inventory, err);
        return false;
    }
    cli->status = json_list(reply.json, "changes")->child != NULL;
    if (output_document(cli, reply.json))
        return true;
    if (cli->status != 0)
        pager_start(cli);
    cJSON_ArrayForEach(change, json_list(reply.json, "changes"))
    {
        if (!json_true(change, "derived"))
            print_change(cli, change);
    }
    return true;
}

static bool diff_cluster(struct cli *cli, struct rse_err *err)
{
    char *path = cli_object_path(cli, rse_noun_info(RSE_CLUSTER), cli->args.words[0], "/diff");
    const char *from = args_value(&cli->args, "from"), *to = args_value(&cli->args, "to");
    const cJSON *file;
    cJSON *answer;

    if (from != NULL || to != NULL)
        path =
            rse_arena_printf(cli->arena, "%s?%s%s%s%s%s", path, from != NULL ? "from=" : "", from != NULL ? from : "",
                             from != NULL && to != NULL ? "&" : "", to != NULL ? "to=" : "", to != NULL ? to : "");
    if (!cli_get_list(cli, path, &answer, err))
        return false;
    cli->status = json_list(answer, "value")->child != NULL;
    if (output_document(cli, answer))
        return true;
    if (cli->status != 0)
        pager_start(cli);
    cJSON_ArrayForEach(file, json_list(answer, "value"))
    {
        if (cli->format == FORMAT_NAME)
            printf("%s\n", json_text(file, "path"));
        else if (json_text(file, "patch")[0] != '\0')
            print_patch(cli, json_text(file, "patch"));
        else
            printf("%s %s\n", json_text(file, "op"), json_text(file, "path"));
    }
    return true;
}

bool command_diff(struct cli *cli, struct rse_err *err)
{
    if (args_has(&cli->args, "file") == (cli->args.nwords > 0)) {
        rse_err_hint(err, "Usage: resedge diff -f FILE, resedge diff CLUSTER [--from COMMIT] [--to COMMIT]");
        return rse_fail(err, RSE_INVALID, "either files or a cluster");
    }
    return cli->args.nwords > 0 ? diff_cluster(cli, err) : diff_inventory(cli, err);
}
