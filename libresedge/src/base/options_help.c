/*
 * options_help.c - the rows of settings as text for a terminal and as Markdown.
 */
#include "libresedge/src/base/options_internal.h"

static const char *suffix_of_flag(const struct rse_option *row)
{
    return row->type == RSE_OPT_SECRET ? "-file" : "";
}

/* What stands behind the flag; nothing for a bool. */
static const char *value_name(const struct rse_option *row)
{
    if (row->type == RSE_OPT_BOOL)
        return "";
    if (row->type == RSE_OPT_SECRET)
        return "FILE";
    return row->value_name != NULL ? row->value_name : "VALUE";
}

static bool has_row(const struct rse_option *table, const char *name)
{
    bool in_file = false;

    return options_row(table, rse_str(name), &in_file) != NULL;
}

static void help_row(const struct rse_option *row, struct rse_arena *arena, FILE *out)
{
    const char *name = value_name(row);
    const char *variable = options_variable(row, "", arena);
    bool counts = row->type == RSE_OPT_INT || row->type == RSE_OPT_DURATION || row->type == RSE_OPT_SIZE;
    char fits[OPTIONS_FITS_SIZE];

    fprintf(out, "  --%s%s%s%s\n      %s\n      [%s", row->name, suffix_of_flag(row), name[0] != '\0' ? " " : "", name,
            row->help, variable);
    if (row->type == RSE_OPT_SECRET)
        fprintf(out, "_FILE or %s", variable);
    if (counts && (row->min != 0 || row->max != 0)) {
        options_fits(row, fits);
        fprintf(out, "; %s", fits);
    }
    if (row->fallback != NULL && row->type != RSE_OPT_SECRET)
        fprintf(out, "; default: %s", row->fallback[0] != '\0' ? row->fallback : "empty");
    fprintf(out, "]\n");
}

void rse_options_help(const struct rse_option *table, FILE *out)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();

    for (const struct rse_option *row = table; row->name != NULL; row++)
        help_row(row, arena, out);
    if (!has_row(table, "config"))
        fprintf(out, "  --config FILE\n      A file of settings, one `name = value` a line\n      [RESEDGE_CONFIG]\n");
}

/* A '|' would end the cell. */
static void cell(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        fprintf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void markdown_row(const struct rse_option *row, struct rse_arena *arena, FILE *out)
{
    const char *name = value_name(row);
    const char *variable = options_variable(row, "", arena);
    char fits[OPTIONS_FITS_SIZE];

    fprintf(out, "| `--%s%s%s%s` | `%s`", row->name, suffix_of_flag(row), name[0] != '\0' ? " " : "", name, variable);
    if (row->type == RSE_OPT_SECRET)
        fprintf(out, ", `%s_FILE`", variable);
    fprintf(out, " | ");
    options_fits(row, fits);
    cell(fits, out);
    fprintf(out, " | ");
    if (row->fallback != NULL && row->fallback[0] != '\0' && row->type != RSE_OPT_SECRET) {
        fputc('`', out);
        cell(row->fallback, out);
        fputs("` ", out);
    }
    fputs("| ", out);
    cell(row->help, out);
    fputs(" |\n", out);
}

void rse_options_markdown(const struct rse_option *table, FILE *out)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();

    fputs("| Flag | Variable | Value | Default | Meaning |\n| --- | --- | --- | --- | --- |\n", out);
    for (const struct rse_option *row = table; row->name != NULL; row++)
        markdown_row(row, arena, out);
    if (!has_row(table, "config"))
        fputs("| `--config FILE` | `RESEDGE_CONFIG` | a text | | A file of settings, one `name = value` a line |\n",
              out);
}
