/* resedge get: objects as a table, or as the documents they are. */
#include "cli/commands.h"
#include "cli/nounview.h"

enum { FIRST_PAGE = 100 /* so that a table begins at once */, PAGE = 1000 };

static void add_parameter(struct rse_buf *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    rse_buf_addf(path, "&$%s=", name);
    rse_client_escape(path, rse_str(value));
}

/* "state:desc" -> "state desc" */
static const char *order_of(struct cli *cli)
{
    const char *by = args_value(&cli->args, "sort-by");
    char *order = by != NULL ? rse_arena_strdup(cli->arena, by) : NULL,
         *colon = order != NULL ? strchr(order, ':') : NULL;

    if (colon != NULL)
        *colon = ' ';
    return order;
}

static const char *first_page(struct cli *cli, const struct rse_noun_info *noun)
{
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 8192);
    rse_buf_addf(&path, "/api/v1/%s?$top=%d", noun->plural, is_table(cli) ? FIRST_PAGE : PAGE);
    add_parameter(&path, "filter", args_value(&cli->args, "filter"));
    add_parameter(&path, "search", args_value(&cli->args, "search"));
    add_parameter(&path, "orderby", order_of(cli));
    return rse_arena_strdup(cli->arena, path.p);
}

/* The link to the next page, of which what follows the first one may be longer. In the outer arena. */
static const char *next_page(struct rse_arena *arena, const cJSON *page)
{
    const char *link = json_text(page, "@odata.nextLink"), *top = strstr(link, "$top=100&");

    if (link[0] == '\0' || json_list(page, "value")->child == NULL)
        return NULL;
    if (top == NULL)
        return rse_arena_strdup(arena, link);
    return rse_arena_printf(arena, "%.*s$top=%d&%s", (int)(top - link), link, PAGE, top + strlen("$top=100&"));
}

/* A page at a time, whose memory goes with it. */
static bool print_page(struct cli *cli, struct rows *rows, const char **path, struct rse_err *err)
{
    struct rse_arena *outer = cli_begin_round(cli);
    cJSON *page;
    bool ok = cli_get_list(cli, *path, &page, err);

    if (ok) {
        *path = next_page(outer, page);
        ok = rows_add(rows, cJSON_GetObjectItemCaseSensitive(page, "value"), err);
    }
    cli_end_round(cli, outer);
    return ok;
}

static bool get_all(struct cli *cli, const struct rse_noun_info *noun, struct rse_err *err)
{
    const char *path = first_page(cli, noun);
    struct rows rows;
    bool ok = cli_client(cli, err);

    rows_begin(&rows, cli, noun_view(cli, noun), false);
    while (ok && path != NULL)
        ok = print_page(cli, &rows, &path, err);
    if (!ok) {
        rows_abandon(&rows);
        return false;
    }
    return rows_end(&rows, err);
}

/* All or none, so that what is printed is what was asked for. */
static bool get_named(struct cli *cli, const struct rse_noun_info *noun, struct rse_err *err)
{
    cJSON *answer = cli_new_object(cli), *all = cJSON_AddArrayToObject(answer, "value");

    for (int i = 1; i < cli->args.nwords; i++) {
        struct reply reply;

        if (!cli_get_object(cli, noun, cli->args.words[i], &reply, err))
            return false;
        cJSON_AddItemReferenceToArray(all, reply.json);
    }
    if (cli->args.nwords == 2)
        return output_row(cli, noun_view(cli, noun), all->child, err);
    return output_rows(cli, noun_view(cli, noun), answer, err);
}

bool command_get(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;

    if (!cli_noun(cli->args.words[0], &noun, err))
        return false;
    cli->expression = args_value(&cli->args, "filter");
    return cli->args.nwords > 1 ? get_named(cli, noun, err) : get_all(cli, noun, err);
}
