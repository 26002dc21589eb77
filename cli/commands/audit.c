/* resedge audit: who wrote what, when and why. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

static void add_audited(struct cli *cli, const cJSON *row, const struct column *column RSE_UNUSED, struct rse_buf *out)
{
    const struct rse_noun_info *noun = rse_noun_find(rse_str(json_text(row, "noun")));
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(row, "after");

    if (!cJSON_IsObject(doc))
        doc = cJSON_GetObjectItemCaseSensitive(row, "before");
    if (noun != NULL && cJSON_IsObject(doc))
        rse_buf_adds(out, cli_name_of(cli, noun, doc));
    else if (json_text(doc, "name")[0] != '\0')
        rse_buf_adds(out, json_text(doc, "name"));
    else if (json_text(row, "name")[0] != '\0') /* a document that is no longer kept */
        rse_buf_adds(out, json_text(row, "name"));
    else
        rse_buf_addf(out, "%" PRId64, json_int(row, "id"));
}

bool command_audit(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "REVISION", .member = "revision" },
        { .header = "WHEN", .member = "at", .cell = CELL_AGE },
        { .header = "WHO", .member = "actor" },
        { .header = "WHAT", .member = "op" },
        { .header = "NOUN", .member = "noun" },
        { .header = "NAME", .member = "name", .add = add_audited },
        { .header = "REASON", .member = "reason" },
        { .header = "CONFIRMED", .member = "confirm", .wide = true },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "revision", .nothing = "nothing was written" };
    static const char *const filters[] = { "actor", "noun", "object", "revision", "from", "to" };
    cJSON *answer;
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 8192);
    rse_buf_adds(&path, "/api/v1/audit?$top=100");
    for (size_t i = 0; i < RSE_COUNT(filters); i++) {
        const char *value = args_value(&cli->args, filters[i]);

        if (value == NULL)
            continue;
        rse_buf_addf(&path, "&%s=", filters[i]);
        rse_client_escape(&path, rse_str(value));
    }
    return cli_get_list(cli, path.p, &answer, err) && output_rows(cli, &view, answer, err);
}
