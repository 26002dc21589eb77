#include "cli/nounview.h"

/* "namePath" -> "NAME PATH" */
static const char *header_of(struct cli *cli, const char *name)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 256);
    for (; *name != '\0'; name++) {
        if (*name >= 'A' && *name <= 'Z')
            rse_buf_addc(&text, ' ');
        rse_buf_addc(&text, (char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name));
    }
    return rse_arena_strdup(cli->arena, text.p);
}

static const struct column *columns_of(struct cli *cli, const struct rse_noun_info *noun)
{
    struct column *columns;
    size_t n = 0;

    for (const struct rse_field *field = noun->fields; field->name != NULL; field++)
        n += (field->flags & (RSE_FIELD_COLUMN | RSE_FIELD_WIDE)) != 0;
    columns = rse_arena_calloc(cli->arena, n + 1, sizeof(*columns));
    n = 0;
    for (const struct rse_field *field = noun->fields; field->name != NULL; field++) {
        if ((field->flags & (RSE_FIELD_COLUMN | RSE_FIELD_WIDE)) == 0)
            continue;
        columns[n++] = (struct column){
            .header = header_of(cli, field->name),
            .member = field->name,
            .cell = strcmp(field->name, "state") == 0 ? CELL_STATE : CELL_TEXT,
            .wide = (field->flags & RSE_FIELD_COLUMN) == 0,
            .field = field,
        };
    }
    return columns;
}

const struct view *noun_view(struct cli *cli, const struct rse_noun_info *noun)
{
    struct view *view = rse_arena_new_of(cli->arena, struct view);

    *view = (struct view){
        .columns = columns_of(cli, noun),
        .nothing = rse_arena_printf(cli->arena, "no %s", noun->plural),
        .noun = noun,
    };
    return view;
}
