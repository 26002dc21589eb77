/* resedge export: the fleet, or a noun of it, as an inventory that apply takes. */
#include "cli/commands.h"
#include "cli/output/output.h"

bool command_export(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun = NULL;
    cJSON *answer, *only;

    if (cli->args.nwords > 0 && !cli_noun(cli->args.words[0], &noun, err))
        return false;
    if (!is_table(cli) && cli->format != FORMAT_JSON && cli->format != FORMAT_YAML && cli->format != FORMAT_JSONPATH)
        return rse_fail(err, RSE_INVALID, "an inventory is JSON or YAML");
    if (!cli_request(cli, "GET", "/api/v1/export", NULL, &answer, err))
        return false;
    if (noun != NULL) {
        only = cli_new_object(cli);
        cJSON_AddItemReferenceToObject(only, noun->plural, (cJSON *)json_list(answer, noun->plural));
        answer = only;
    }
    if (is_table(cli))
        cli->format = FORMAT_YAML;
    output_document(cli, answer);
    return true;
}
