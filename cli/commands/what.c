/* resedge what: what runs on a cluster, and why. */
#include "../commands.h"
#include "../output.h"

/* Why a part is not as it should be. */
static void print_errors(const cJSON *answer)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, json_list(answer, "value"))
    {
        const cJSON *problem = cJSON_GetObjectItemCaseSensitive(row, "error");

        if (cJSON_IsObject(problem))
            printf("%s: %s: %s\n", json_text(row, "state"), json_text(row, "application"),
                   json_text(problem, "detail"));
    }
}

bool command_what(struct cli *cli, struct rse_err *err)
{
    static const char *const headers[] = { "NAMESPACE", "APPLICATION", "VERSION", "STATE", "BECAUSE OF", NULL };
    char *path = cli_object_path(cli, rse_noun_info(RSE_CLUSTER), cli->args.words[0]);
    struct table table;
    cJSON *answer;
    const cJSON *row;

    if (!cli_get_list(cli, rse_arena_printf(cli->arena, "%s/applications", path), &answer, err))
        return false;
    if (output_document(cli, answer))
        return true;
    if (cli->format == FORMAT_NAME) {
        cJSON_ArrayForEach(row, json_list(answer, "value"))
        {
            printf("%s/%s\n", json_text(row, "namespace"), json_text(row, "application"));
        }
        return true;
    }
    table_begin(&table, cli->arena, headers);
    cJSON_ArrayForEach(row, json_list(answer, "value"))
    {
        const char *version = json_text(row, "version");

        table_cell(&table, json_text(row, "namespace"));
        table_cell(&table, json_text(row, "application"));
        table_cell(&table, version[0] != '\0' ? version : "base");
        table_cell(&table, json_text(row, "state"));
        table_cell(&table, json_text(row, "expression"));
    }
    table_print(&table, "nothing runs there");
    print_errors(answer);
    return true;
}
