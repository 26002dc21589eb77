/*
 * output.h - an answer as a table, CSV, JSON, YAML, names or what a JSONPath picks out of it.
 *
 * A list is a row stream: begun, fed page by page, ended. Where the format allows, nothing is kept but the page: the widths
 * of a table's columns are those of its first page.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/cli.h"

/* ---- rows ---- */

enum cell {
    CELL_TEXT,   /* a string, or what else stands there, as JSON has it; a list is joined with ',' */
    CELL_STATE,  /* text, coloured by what it means */
    CELL_AGE,    /* an RFC 3339 time, as "2m ago" in a table, as it is in CSV */
    CELL_SPAN,   /* milliseconds, as "85 ms" */
    CELL_COMMIT, /* 12 of its digits */
};

struct column {
    const char *header; /* "LAST USED"; NULL ends the columns */
    const char *member; /* "lastUsedAt", "error.detail": also the column's name in CSV and for --sort-by */
    enum cell cell;
    bool wide; /* only with -o wide and csv */
    /* Appends what stands in the cell, where a member alone doesn't say it. */
    void (*add)(struct cli *cli, const cJSON *row, const struct column *column, struct rse_buf *out);
    const struct rse_field *field; /* of a noun's document; NULL for anything else */
};

struct view {
    const struct column *columns;
    const char *name;                 /* the member that -o name prints */
    const char *nothing;              /* what a table says on stderr when there are no rows: "no jobs yet" */
    const struct rse_noun_info *noun; /* its documents are the rows, its fields the columns; or NULL */
};

struct rows {
    struct cli *cli;
    const struct view *view;
    const struct column **shown; /* the columns of this format */
    size_t nshown;
    int *widths; /* NULL: not known yet */
    cJSON *kept; /* for formats that need the whole */
    size_t count;
};

/* Begins a list. keep: the whole is wanted before anything is printed (to be sorted). */
void rows_begin(struct rows *rows, struct cli *cli, const struct view *view, bool keep);
/* Prints (or takes) all rows of an array: what it held is gone, or no longer needed, afterwards. */
bool rows_add(struct rows *rows, cJSON *array, struct rse_err *err) RSE_MUST;
bool rows_end(struct rows *rows, struct rse_err *err) RSE_MUST;
/* Ends it where it failed. */
void rows_abandon(struct rows *rows);

/* A list that is there at once: {"value": [...], ...}. Obeys --sort-by. */
bool output_rows(struct cli *cli, const struct view *view, cJSON *answer, struct rse_err *err) RSE_MUST;
/* One row, as a table of its own; documents as they are. */
bool output_row(struct cli *cli, const struct view *view, cJSON *row, struct rse_err *err) RSE_MUST;

/* Sorts the array by a member: "name", "createdAt", "name:desc". Numbers as numbers. */
void sort_rows(cJSON *array, const char *by);
/* The member at "a.b.c", or NULL. */
const cJSON *json_at(const cJSON *object, const char *path);

/* ---- tables of any other kind ---- */

struct table {
    const char *const *headers; /* ends with NULL */
    size_t ncolumns;
    const char **cells; /* row by row */
    size_t ncells, cap;
    struct cli *cli;
    struct rse_arena *arena;
};

void table_begin(struct table *table, struct cli *cli, const char *const *headers);
void table_cell(struct table *table, const char *text); /* NULL or "" shows as "-" */
void table_cellf(struct table *table, const char *fmt, ...) RSE_PRINTF(2, 3);
/* Prints it; without a header where there are no rows and `nothing` (if given) instead, to stderr. */
void table_print(const struct table *table, const char *nothing);

/* ---- cells of a terminal ---- */

/* Columns on a terminal that the first len bytes take. */
int text_width(const char *text, size_t len);
/* A copy without what could move the cursor or break the line. */
const char *text_plain(struct rse_arena *arena, const char *text);
/* Prints a row of cells at these widths; what is wider is cut where `cut` says so. states: the cells to colour, or NULL. */
void print_cells(const struct cli *cli, const char *const *cells, const int *widths, size_t count, const bool *states,
                 bool cut);
/* Narrows the widths so that the row fits the terminal. */
void fit_widths(const struct cli *cli, int *widths, size_t count);

/* ---- documents ---- */

void output_json(const cJSON *value);
void output_yaml(const cJSON *value);
/* JSON with two spaces of indent, as if it stood `depth` levels deep. */
void add_json(struct rse_buf *out, const cJSON *value, int depth);
/* As --output says where that is json, yaml or jsonpath, and true; else false. */
bool output_document(struct cli *cli, const cJSON *value);
/* Whether the answer is for people: a table, and not a document, names or CSV. */
bool is_table(const struct cli *cli);
/* "a,\"b\"\"c\"" - one field of RFC 4180. */
void print_csv_field(const char *text, bool first);

/* Compiles nothing and keeps nothing: evaluates a JSONPath template ("{.value[*].name}") and appends what it gives. */
bool jsonpath_eval(const char *template, const cJSON *value, struct rse_buf *out, struct rse_err *err) RSE_MUST;

/* ---- words for people ---- */

/* How many parts a job left as they were; only the first of many are listed. */
int64_t held_count(const cJSON *job);
/* "held: shop on store-1: <why>" for each part that a job left as it was, at most `most` of them. */
void print_held(FILE *to, const cJSON *job, int64_t most);
/* The line of a text with a mark below the byte at position. */
void print_pointing(FILE *to, const char *text, size_t position);
/* A unified diff, coloured on a terminal. */
void print_patch(const struct cli *cli, const char *patch);
/* "+ a", "- b" for each name, at most ten and how many more. */
void print_names(const char *sign, const cJSON *names);

/* "3 clusters", "1 cluster" */
char *plural(struct rse_arena *arena, int64_t n, const char *noun);
/* "2m ago", for a time the API gave; the time itself where it can't be read. */
char *ago(struct rse_arena *arena, const char *time);
/* "85 ms", "2.4 s" */
char *span_ms(struct rse_arena *arena, int64_t ms);

/* ---- the pager ---- */

/* On a terminal, sends what follows on stdout through RESEDGE_PAGER, PAGER or less; once, and only for what may be long. */
void pager_start(struct cli *cli);
/* Waits for the reader to finish; the end of the program calls it. */
void pager_end(void);

#endif
