/* resedge what: what runs on a cluster, and why. */
#include "cli/commands.h"
#include "cli/output/output.h"

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

static void add_version(struct cli *cli RSE_UNUSED, const cJSON *row, const struct column *column RSE_UNUSED,
                        struct rse_buf *out)
{
    const char *version = json_text(row, "version");

    rse_buf_adds(out, version[0] != '\0' ? version : "base");
}

static const struct column columns[] = {
    { .header = "NAMESPACE", .member = "namespace" },
    { .header = "APPLICATION", .member = "application" },
    { .header = "VERSION", .member = "version", .add = add_version },
    { .header = "STATE", .member = "state", .cell = CELL_STATE },
    { .header = "BECAUSE OF", .member = "expression" },
    { .header = "GROUPS", .member = "groups", .wide = true },
    { .header = NULL },
};
static const struct view view = { .columns = columns, .name = "name", .nothing = "nothing runs there" };

bool command_what(struct cli *cli, struct rse_err *err)
{
    char *path = cli_object_path(cli, rse_noun_info(RSE_CLUSTER), cli->args.words[0], "/applications");
    const cJSON *row;
    cJSON *answer;

    if (!cli_get_pages(cli, path, &answer, err))
        return false;
    if (cli->format == FORMAT_NAME) {
        cJSON_ArrayForEach(row, json_list(answer, "value"))
        {
            printf("%s/%s\n", json_text(row, "namespace"), json_text(row, "application"));
        }
        return true;
    }
    if (!output_rows(cli, &view, answer, err))
        return false;
    if (is_table(cli))
        print_errors(answer);
    return true;
}
