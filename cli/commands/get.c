/* resedge get: objects as a table, or as the documents they are. */
#include <stdlib.h>

#include "../commands.h"
#include "../output.h"

static bool shows(const struct cli *cli, const struct rse_field *field)
{
    return (field->flags & RSE_FIELD_COLUMN) != 0 ||
           (cli->format == FORMAT_WIDE && (field->flags & RSE_FIELD_WIDE) != 0);
}

/* "namePath" -> "NAME PATH" */
static const char *header_of(struct cli *cli, const char *name)
{
    RSE_BUF_AUTO text;

    rse_buf_init(&text, 256);
    for (; *name != '\0'; name++) {
        if (*name >= 'A' && *name <= 'Z')
            rse_buf_addc(&text, ' ');
        rse_buf_addc(&text, (char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name));
    }
    return rse_arena_strdup(cli->arena, text.p);
}

static const char *const *headers_of(struct cli *cli, const struct rse_noun_info *noun)
{
    size_t count = 0, i = 0;
    const char **headers;

    for (const struct rse_field *field = noun->fields; field->name != NULL; field++)
        count += shows(cli, field);
    headers = rse_arena_calloc(cli->arena, count + 1, sizeof(*headers));
    for (const struct rse_field *field = noun->fields; field->name != NULL; field++) {
        if (shows(cli, field))
            headers[i++] = header_of(cli, field->name);
    }
    return headers;
}

static void add_field(struct cli *cli, struct table *table, const struct rse_object *object,
                      const struct rse_field *field)
{
    RSE_BUF_AUTO text;

    rse_buf_init(&text, 1 << 16);
    rse_object_field_text(object, field, &text);
    table_cell(table, rse_arena_str(cli->arena, rse_buf_str(&text)).p);
}

static bool add_row(struct cli *cli, struct table *table, const struct rse_noun_info *noun, const cJSON *document,
                    struct rse_err *err)
{
    struct rse_object *object;

    if (!rse_object_parse(&object, noun->noun, document, RSE_PARSE_DOC, cli->arena, err))
        return false;
    for (const struct rse_field *field = noun->fields; field->name != NULL; field++) {
        if (shows(cli, field))
            add_field(cli, table, object, field);
    }
    return true;
}

/* What names it on a command line: a group's path, an application within its namespace. */
static void print_name(const struct rse_noun_info *noun, const cJSON *document)
{
    const char *namespace_ = noun->noun == RSE_APPLICATION ? json_text(document, "namespace") : "";

    if (noun->noun == RSE_GROUP)
        printf("%s\n", json_text(document, "namePath"));
    else
        printf("%s%s%s\n", namespace_, namespace_[0] != '\0' ? "/" : "", json_text(document, "name"));
}

static bool print_list(struct cli *cli, const struct rse_noun_info *noun, const cJSON *list, struct rse_err *err)
{
    struct table table;
    const cJSON *document;

    if (cli->format == FORMAT_NAME) {
        cJSON_ArrayForEach(document, list)
        {
            print_name(noun, document);
        }
        return true;
    }
    table_begin(&table, cli->arena, headers_of(cli, noun));
    cJSON_ArrayForEach(document, list)
    {
        if (!add_row(cli, &table, noun, document, err))
            return false;
    }
    table_print(&table, rse_arena_printf(cli->arena, "no %s", noun->plural));
    return true;
}

/* All pages of a list into one array. */
static bool get_all(struct cli *cli, const struct rse_noun_info *noun, cJSON *all, struct rse_err *err)
{
    const char *path = rse_arena_printf(cli->arena, "/api/v1/%s?$top=1000", noun->plural);
    bool more = true;

    while (more) {
        cJSON *page, *value;

        if (!cli_get_list(cli, path, &page, err))
            return false;
        value = cJSON_GetObjectItemCaseSensitive(page, "value");
        path = json_text(page, "@odata.nextLink");
        more = value->child != NULL && path[0] != '\0';
        while (value->child != NULL)
            cJSON_AddItemToArray(all, cJSON_DetachItemViaPointer(value, value->child));
    }
    return true;
}

static bool get_named(struct cli *cli, const struct rse_noun_info *noun, cJSON *all, struct rse_err *err)
{
    for (int i = 1; i < cli->args.nwords; i++) {
        cJSON *document;

        if (!cli_request(cli, "GET", cli_object_path(cli, noun, cli->args.words[i]), NULL, &document, err))
            return false;
        cJSON_AddItemReferenceToArray(all, document);
    }
    return true;
}

bool command_get(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    cJSON *answer, *all;

    if (!cli_noun(cli->args.words[0], &noun, err))
        return false;
    answer = cli_new_object(cli);
    all = cJSON_AddArrayToObject(answer, "value");
    if (!(cli->args.nwords > 1 ? get_named(cli, noun, all, err) : get_all(cli, noun, all, err)))
        return false;
    if (output_document(cli, cli->args.nwords == 2 ? all->child : answer))
        return true;
    return print_list(cli, noun, all, err);
}
