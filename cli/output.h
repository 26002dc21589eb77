/*
 * output.h - the same answer as a table, JSON, YAML or names.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli.h"

/* A table whose columns fit their widest cell; the header is upper case. Cells are borrowed until print. */
struct table {
    const char *const *headers; /* ends with NULL */
    size_t ncolumns;
    const char **cells; /* row by row */
    size_t ncells, cap;
    struct rse_arena *arena;
};

void table_begin(struct table *table, struct rse_arena *arena, const char *const *headers);
void table_cell(struct table *table, const char *text); /* NULL or "" shows as "-" */
void table_cellf(struct table *table, const char *fmt, ...) RSE_PRINTF(2, 3);
/* Prints it; without a header where there are no rows and `nothing` (if given) instead, to stderr. */
void table_print(const struct table *table, const char *nothing);

/* JSON with two spaces of indent, or YAML. */
void output_json(const cJSON *value);
void output_yaml(const cJSON *value);
/* As --output says where that is json or yaml, and true; else false. */
bool output_document(const struct cli *cli, const cJSON *value);
/* With -o name, the ids of a list, for what has no other name; and true. Else false. */
bool output_ids(const struct cli *cli, const cJSON *answer);

/* How many parts a job left as they were; only the first of many are listed. */
int64_t held_count(const cJSON *job);
/* "held: shop on store-1: <why>" for each part that a job left as it was, at most `most` of them. */
void print_held(FILE *to, const cJSON *job, int64_t most);
/* The line of a text with a mark below the byte at position. */
void print_pointing(FILE *to, const char *text, size_t position);

/* "3 clusters", "1 cluster" */
char *plural(struct rse_arena *arena, int64_t n, const char *noun);
/* "2m ago", for a time the API gave; the time itself where it can't be read. */
char *ago(struct rse_arena *arena, const char *time);
/* "85 ms", "2.4 s" */
char *span_ms(struct rse_arena *arena, int64_t ms);

#endif
