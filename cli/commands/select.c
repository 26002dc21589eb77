/* resedge select: the clusters of an expression. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { MOST_NAMED = 100000 };

static void print_parts(struct cli *cli, const cJSON *answer)
{
    static const char *const headers[] = { "CLUSTERS", "PART", NULL };
    struct table table;
    const cJSON *part;

    table_begin(&table, cli, headers);
    cJSON_ArrayForEach(part, json_list(answer, "parts"))
    {
        table_cellf(&table, "%" PRId64, json_int(part, "count"));
        table_cell(&table, json_text(part, "text"));
    }
    /* What all parts come to; a single part is the whole already. */
    if (cJSON_GetArraySize(json_list(answer, "parts")) != 1) {
        table_cellf(&table, "%" PRId64, json_int(answer, "count"));
        table_cell(&table, json_text(answer, "expression"));
    }
    table_print(&table, NULL);
}

bool command_select(struct cli *cli, struct rse_err *err)
{
    int64_t limit = args_has(&cli->args, "count") || args_has(&cli->args, "explain") ? 0 : MOST_NAMED;
    const cJSON *name;
    cJSON *answer;

    cli->expression = cli->args.words[0];
    if (!cli_evaluate(cli, cli->expression, NULL, is_table(cli) ? limit : MOST_NAMED, &answer, err))
        return false;
    if (output_document(cli, answer))
        return true;
    if (args_has(&cli->args, "explain")) {
        print_parts(cli, answer);
    } else if (args_has(&cli->args, "count")) {
        printf("%" PRId64 "\n", json_int(answer, "count"));
    } else {
        pager_start(cli);
        cJSON_ArrayForEach(name, json_list(answer, "clusters"))
        {
            printf("%s\n", cJSON_IsString(name) ? name->valuestring : "?");
        }
    }
    return true;
}
