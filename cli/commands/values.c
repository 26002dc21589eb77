/* resedge values: the metadata that templates see on a cluster, and where it is from. */
#include "cli/commands.h"
#include "cli/output/output.h"

static void add_source(struct cli *cli RSE_UNUSED, const cJSON *row, const struct column *column RSE_UNUSED,
                       struct rse_buf *out)
{
    const cJSON *source = cJSON_GetObjectItemCaseSensitive(row, "source");

    rse_buf_addf(out, "%s%s %s", json_true(row, "default") ? "default of " : "", json_text(source, "noun"),
                 json_text(source, "name"));
}

bool command_values(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "KEY", .member = "key" },
        { .header = "VALUE", .member = "value" },
        { .header = "FROM", .member = "source", .add = add_source },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "key", .nothing = "no values" };
    char *path = cli_object_path(cli, rse_noun_info(RSE_CLUSTER), cli->args.words[0], "/values");
    cJSON *answer;

    return cli_get_pages(cli, path, &answer, err) && output_rows(cli, &view, answer, err);
}
