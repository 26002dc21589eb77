/* resedge explain: the fields of a noun, as an inventory or a request has them. */
#include "cli/commands.h"
#include "cli/output/output.h"

static const char *enum_of(struct cli *cli, const struct rse_field *field)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 256);
    for (const char *const *name = field->names; *name != NULL; name++)
        rse_buf_addf(&text, "%s%s", name == field->names ? "" : ", ", *name);
    return rse_arena_strdup(cli->arena, text.p);
}

static const char *type_of(struct cli *cli, const struct rse_field *field)
{
    switch (field->type) {
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
        return "number";
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
        return (field->flags & RSE_FIELD_EXPRESSION) != 0 ? "expression" : "text";
    case RSE_FIELD_TIME:
        return "time";
    case RSE_FIELD_BOOL:
        return "true, false";
    case RSE_FIELD_STRINGS:
        return "[text]";
    case RSE_FIELD_METADATA:
        return "{key: value}";
    case RSE_FIELD_REF:
        return rse_noun_info(field->noun)->name;
    case RSE_FIELD_REFS:
        return rse_arena_printf(cli->arena, "[%s]", rse_noun_info(field->noun)->name);
    case RSE_FIELD_CAPACITY:
        return "{memoryLimit, cpuLimit}";
    case RSE_FIELD_LOCATION:
        return "{latitude, longitude}";
    case RSE_FIELD_RELEASES:
        return "[{version, expression}]";
    case RSE_FIELD_GUARD:
        return "{clustersLosing, clustersChanged, files}";
    case RSE_FIELD_ENUM:
        return enum_of(cli, field);
    }
    return NULL;
}

/* What people write, and apart from it what they can only read. */
static void print_fields(struct cli *cli, const struct rse_noun_info *noun, bool server)
{
    static const char *const headers[2][4] = { { "FIELD", "TYPE", "WHAT IT IS", NULL },
                                               { "READ ONLY", "TYPE", "WHAT IT IS", NULL } };
    struct table table;

    table_begin(&table, cli, headers[server]);
    for (const struct rse_field *field = noun->fields; field->name != NULL; field++) {
        if (((field->flags & RSE_FIELD_SERVER) != 0) != server)
            continue;
        table_cellf(&table, "%s%s", field->name, (field->flags & RSE_FIELD_REQUIRED) != 0 ? " *" : "");
        table_cell(&table, type_of(cli, field));
        table_cell(&table, field->help);
    }
    table_print(&table, NULL);
}

bool command_explain(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;

    if (!cli_noun(cli->args.words[0], &noun, err))
        return false;
    if (!is_table(cli))
        return rse_fail(err, RSE_INVALID, "explain prints tables, and nothing else");
    print_fields(cli, noun, false);
    printf("\n* is required. memoryLimit is in MiB, cpuLimit in cores.\n\n");
    print_fields(cli, noun, true);
    return true;
}
