/* Tables: cells, widths, and what happens when a terminal is too narrow. */
#include <assert.h>
#include <stdarg.h>

#include "cli/output/output.h"

enum { GAP = 3, NARROWEST = 8 };

int text_width(const char *text, size_t len)
{
    int width = 0;

    for (size_t i = 0; i < len && text[i] != '\0'; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80; /* code points: near enough for what stands in tables */
    return width;
}

/* A description may hold line breaks, and who wrote it may mean the terminal no good. */
const char *text_plain(struct rse_arena *arena, const char *text)
{
    char *copy = rse_arena_strdup(arena, text);

    for (char *c = copy; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    return copy;
}

/* What a state means, by colour. */
static const char *state_color(const char *state)
{
    static const struct {
        const char *state, *color;
    } colors[] = {
        { "active", "32" },    { "current", "32" },  { "committed", "32" }, { "pushed", "32" },  { "ok", "32" },
        { "running", "36" },   { "pending", "36" },  { "failed", "31" },    { "parked", "31" },  { "broken", "31" },
        { "suspended", "33" }, { "held", "33" },     { "paused", "33" },    { "warning", "33" }, { "closing", "33" },
        { "canceled", "2" },   { "unchanged", "2" }, { "closed", "2" },     { "planned", "2" },  { "revoked", "2" },
    };

    for (size_t i = 0; i < RSE_COUNT(colors); i++) {
        if (strcmp(colors[i].state, state) == 0)
            return colors[i].color;
    }
    return NULL;
}

/* The bytes of text that fit into so many columns. */
static size_t bytes_within(const char *text, int width)
{
    size_t i = 0;

    for (; text[i] != '\0'; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80 && width-- == 0)
            break;
    }
    return i;
}

static void print_cell(const char *text, int width, bool last, bool cut, const char *color)
{
    int taken = text_width(text, SIZE_MAX);

    if (color != NULL)
        printf("\033[%sm", color);
    if (cut && taken > width) {
        printf("%.*s…", (int)bytes_within(text, width - 1), text);
        taken = width;
    } else {
        fputs(text, stdout);
    }
    if (color != NULL)
        fputs("\033[0m", stdout);
    if (last)
        putchar('\n');
    else
        printf("%*s", (width > taken ? width - taken : 0) + GAP, "");
}

void print_cells(const struct cli *cli, const char *const *cells, const int *widths, size_t count, const bool *states,
                 bool cut)
{
    for (size_t i = 0; i < count; i++) {
        const char *color = cli->color && states != NULL && states[i] ? state_color(cells[i]) : NULL;

        print_cell(cells[i], widths[i], i + 1 == count, cut, color);
    }
}

void fit_widths(const struct cli *cli, int *widths, size_t count)
{
    int total = 0;

    if (cli->columns == 0 || cli->format == FORMAT_WIDE)
        return;
    for (size_t i = 0; i < count; i++)
        total += widths[i] + (i + 1 < count ? GAP : 0);
    while (total > cli->columns) {
        size_t widest = 0;

        for (size_t i = 1; i < count; i++) {
            if (widths[i] >= widths[widest])
                widest = i;
        }
        if (widths[widest] <= NARROWEST)
            return;
        widths[widest]--;
        total--;
    }
}

/* ---- a table that is filled cell by cell ---- */

void table_begin(struct table *table, struct cli *cli, const char *const *headers)
{
    *table = (struct table){ .headers = headers, .cli = cli, .arena = cli->arena };
    while (headers[table->ncolumns] != NULL)
        table->ncolumns++;
}

void table_cell(struct table *table, const char *text)
{
    if (table->ncells == table->cap) {
        size_t cap = table->cap == 0 ? 256 : table->cap * 2;
        const char **cells = rse_arena_calloc(table->arena, cap, sizeof(*cells));

        if (table->ncells > 0)
            memcpy(cells, table->cells, table->ncells * sizeof(*cells));
        table->cells = cells;
        table->cap = cap;
    }
    table->cells[table->ncells++] = text == NULL || text[0] == '\0' ? "-" : text_plain(table->arena, text);
}

void table_cellf(struct table *table, const char *fmt, ...)
{
    RSE_BUF_AUTO text = { 0 };
    va_list ap;

    rse_buf_init(&text, 4096);
    va_start(ap, fmt);
    rse_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    table_cell(table, text.p);
}

static int *table_widths(const struct table *table)
{
    int *widths = rse_arena_calloc(table->arena, table->ncolumns, sizeof(*widths));

    for (size_t i = 0; i < table->ncolumns; i++)
        widths[i] = text_width(table->headers[i], SIZE_MAX);
    for (size_t i = 0; i < table->ncells; i++) {
        int width = text_width(table->cells[i], SIZE_MAX);

        if (width > widths[i % table->ncolumns])
            widths[i % table->ncolumns] = width;
    }
    fit_widths(table->cli, widths, table->ncolumns);
    return widths;
}

void table_print(const struct table *table, const char *nothing)
{
    bool cut = table->cli->columns > 0 && table->cli->format != FORMAT_WIDE;
    int *widths;

    assert(table->ncolumns > 0);
    if (table->ncells == 0) {
        if (nothing != NULL)
            fprintf(stderr, "%s\n", nothing);
        return;
    }
    widths = table_widths(table);
    if (!args_has(&table->cli->args, "no-headers"))
        print_cells(table->cli, table->headers, widths, table->ncolumns, NULL, cut);
    for (size_t i = 0; i + table->ncolumns <= table->ncells; i += table->ncolumns)
        print_cells(table->cli, table->cells + i, widths, table->ncolumns, NULL, cut);
}
