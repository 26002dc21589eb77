/*
 * inventory_csv.c - see inventory_csv.h.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/csv.h"
#include "api-server/handlers/inventory_csv.h"
#include <resedge/parse.h>
#include <resedge/suggest.h>

enum { COLUMNS_MAX = 200 };

struct csv {
    const char *p, *end;
    size_t line, row; /* at hand; the one where the row at hand begins */
    struct rse_buf cell;
    bool row_ended;                   /* with the cell that was read last */
    const char *columns[COLUMNS_MAX]; /* NULL: it says nothing */
    size_t count;
    struct rse_arena *arena; /* has the columns */
    struct inventory_lines *lines;
};

/* Of the row at hand. */
static bool fail_row(const struct csv *csv, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)rse_fail(&err, RSE_UNPROCESSABLE, "%s", what);
    inventory_lines_add_fault(csv->lines, csv->row, &err);
    csv->lines->left_out = true;
    return false;
}

static bool read_quoted(struct csv *csv)
{
    csv->p++;
    for (;;) {
        if (csv->p == csv->end)
            return fail_row(csv, "a quoted cell has no end");
        if (*csv->p == '"' && (csv->p + 1 == csv->end || csv->p[1] != '"'))
            break;
        csv->p += *csv->p == '"';
        csv->line += *csv->p == '\n';
        rse_buf_addc(&csv->cell, *csv->p++);
    }
    csv->p++;
    return csv->p == csv->end || strchr(",\r\n", *csv->p) != NULL ||
           fail_row(csv, "a quoted cell is followed by other text");
}

/* The next cell, to csv->cell. */
static bool read_cell(struct csv *csv)
{
    rse_buf_reset(&csv->cell);
    if (csv->p < csv->end && *csv->p == '"') {
        if (!read_quoted(csv))
            return false;
    } else {
        while (csv->p < csv->end && *csv->p != ',' && *csv->p != '\n' && *csv->p != '\r')
            rse_buf_addc(&csv->cell, *csv->p++);
    }
    csv->row_ended = csv->p == csv->end || *csv->p != ',';
    if (!csv->row_ended) {
        csv->p++;
        return true;
    }
    if (csv->p < csv->end && *csv->p == '\r')
        csv->p++;
    if (csv->p < csv->end && *csv->p == '\n')
        csv->p++;
    return true;
}

/* The item in front of the first ';' that no '\' escapes, and *text what is behind it. To be freed. */
static char *take_item(struct rse_str *text)
{
    char *item = rse_xcalloc(text->len + 1, 1);
    size_t len = 0, i = 0;

    for (; i < text->len && text->p[i] != ';'; i++) {
        if (text->p[i] == '\\' && i + 1 < text->len && (text->p[i + 1] == ';' || text->p[i + 1] == '\\'))
            i++;
        item[len++] = text->p[i];
    }
    *text = i < text->len ? rse_str_from(*text, i + 1) : rse_str_n(NULL, 0);
    return item;
}

static void add_list(cJSON *object, const char *name, struct rse_str text)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);

    while (text.len > 0) {
        RSE_CLEANUP(rse_freep) char *item = take_item(&text);

        cJSON_AddItemToArray(list, cJSON_CreateString(item));
    }
}

/* "metadata.region", "location.latitude": the member of an object, which is made. */
static void add_member(cJSON *object, const char *column, const char *dot, struct rse_str text)
{
    RSE_CLEANUP(rse_freep) char *name = rse_xstrndup(rse_str_n(column, (size_t)(dot - column)));
    RSE_CLEANUP(rse_freep) char *value = rse_xstrndup(text);
    cJSON *into = cJSON_GetObjectItemCaseSensitive(object, name);
    double number;

    if (into == NULL)
        into = cJSON_AddObjectToObject(object, name);
    if (strcmp(name, "metadata") != 0 && rse_parse_double(text, &number))
        cJSON_AddNumberToObject(into, dot + 1, number);
    else
        cJSON_AddStringToObject(into, dot + 1, value);
}

static void add_cell(const struct csv *csv, cJSON *object, const char *column)
{
    struct rse_str text = csv_unescape(rse_buf_str(&csv->cell));
    const char *dot = strchr(column, '.');

    if (text.len == 0)
        return;
    if (strcmp(column, "groups") == 0 || strcmp(column, "tags") == 0)
        add_list(object, column, text);
    else if (dot != NULL)
        add_member(object, column, dot, text);
    else
        cJSON_AddStringToObject(object, column, text.p);
}

/* A line without anything in it is no row. */
static bool skip_empty_line(struct csv *csv)
{
    const char *start = csv->p;

    if (csv->p < csv->end && *csv->p == '\r')
        csv->p++;
    if (csv->p < csv->end && *csv->p == '\n')
        csv->p++;
    csv->line += csv->p > start;
    return csv->p > start;
}

/* ---- columns ---- */

/* Whether one is a member of the other: "location" and "location.latitude". */
static bool is_within(const char *column, const char *other)
{
    size_t len = strlen(other);

    return strncmp(column, other, len) == 0 && column[len] == '.';
}

/* How many of the first n columns have the name. */
static size_t count_named(const struct csv *csv, size_t n, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += strcmp(csv->columns[i], name) == 0;
    return count;
}

/* Told once for a name, where it is there for the second time. False: it is the first one. */
static bool check_repeated(const struct csv *csv, size_t i, struct rse_err *err)
{
    const char *column = csv->columns[i];
    size_t before = count_named(csv, i, column), count = count_named(csv, csv->count, column);

    if (before == 1 && count == 2)
        (void)rse_fail(err, RSE_UNPROCESSABLE, "the column \"%s\" is there twice", column);
    else if (before == 1)
        (void)rse_fail(err, RSE_UNPROCESSABLE, "the column \"%s\" is there %zu times", column, count);
    return before > 0;
}

/* Whether another one says all of it. */
static bool is_taken(const struct csv *csv, const bool *wrong, size_t i, struct rse_err *err)
{
    for (size_t j = 0; j < csv->count; j++) {
        const char *other = csv->columns[j];

        if (!wrong[j] && is_within(csv->columns[i], other))
            return !rse_fail(err, RSE_UNPROCESSABLE, "there is a column \"%s\" for all of it too, and both can't be",
                             other);
    }
    return false;
}

static bool is_known(const char *column, struct rse_suggestion *s)
{
    size_t len = strcspn(column, ".");

    rse_suggest_begin(s, rse_str(column));
    for (const struct rse_field *field = rse_noun_info(RSE_CLUSTER)->fields; field->name != NULL; field++) {
        rse_suggest_offer(s, rse_str(field->name));
        if (rse_str_is(rse_str_n(column, len), field->name) ||
            (field->id_name != NULL && strcmp(column, field->id_name) == 0))
            return true;
    }
    return false;
}

/* Whether it says something that can be taken; otherwise err may be set, or it is told already. */
static bool check_column(const struct csv *csv, const bool *wrong, size_t i, struct rse_err *err)
{
    const char *column = csv->columns[i];
    struct rse_suggestion s;

    if (check_repeated(csv, i, err) || is_taken(csv, wrong, i, err))
        return false;
    if (is_known(column, &s))
        return true;
    (void)rse_suggest_hint(&s, "\"", "\"", err);
    return rse_fail(err, RSE_UNPROCESSABLE, "unknown column \"%s\"", column);
}

/* Said once, and not of each row: without what is wrong with them the rows are read all the same. */
static void check_columns(struct csv *csv)
{
    bool wrong[COLUMNS_MAX] = { false };

    for (size_t i = 0; i < csv->count; i++) {
        struct rse_err err = RSE_ERR_INIT;

        wrong[i] = !check_column(csv, wrong, i, &err);
        if (err.code == RSE_OK)
            continue;
        rse_err_field_within_key(&err, csv->columns[i]);
        inventory_lines_add_fault(csv->lines, csv->row, &err);
    }
    for (size_t i = 0; i < csv->count; i++)
        csv->columns[i] = wrong[i] ? NULL : csv->columns[i];
}

static bool read_columns(struct csv *csv)
{
    do {
        if (!read_cell(csv))
            return false;
        if (csv->count == COLUMNS_MAX)
            return fail_row(csv, "too many columns");
        csv->columns[csv->count++] = rse_arena_str(csv->arena, rse_buf_str(&csv->cell)).p;
    } while (!csv->row_ended);
    check_columns(csv);
    csv->line++;
    return true;
}

/* ---- rows ---- */

static void skip_line(struct csv *csv)
{
    while (csv->p < csv->end && *csv->p != '\r' && *csv->p != '\n')
        csv->p++;
    (void)skip_empty_line(csv);
}

/* All of it, also where it is wrong: the next row has its own faults. */
static bool read_row(struct csv *csv, cJSON *object)
{
    size_t i = 0;

    do {
        if (!read_cell(csv)) {
            skip_line(csv);
            return false;
        }
        if (i < csv->count && csv->columns[i] != NULL)
            add_cell(csv, object, csv->columns[i]);
        i++;
    } while (!csv->row_ended);
    csv->line++;
    return i <= csv->count || fail_row(csv, "there are more cells than columns");
}

static void add_row(struct csv *csv, struct rse_buf *out)
{
    cJSON *object = cJSON_CreateObject();

    csv->row = csv->line;
    if (read_row(csv, object)) {
        rse_buf_adds(out, csv->lines->of[RSE_CLUSTER].count > 0 ? "," : "");
        rse_json_add(out, object);
        inventory_lines_add(csv->lines, RSE_CLUSTER, csv->row);
    }
    cJSON_Delete(object);
}

static void read_rows(struct csv *csv, struct rse_buf *out)
{
    rse_buf_adds(out, "{\"clusters\":[");
    while (csv->p < csv->end && !csv->lines->faults.more && !out->overflow) {
        if (!skip_empty_line(csv))
            add_row(csv, out);
    }
    rse_buf_adds(out, "]}");
}

/* Text with a NUL ends early for those who read it. */
static bool check_bytes(struct csv *csv, struct rse_str text)
{
    ptrdiff_t nul = rse_str_find(text, '\0');
    size_t bad = (size_t)nul;
    bool utf8 = rse_utf8_valid(text, &bad);

    if (utf8 && nul < 0)
        return true;
    for (size_t i = 0; i < bad; i++)
        csv->row += text.p[i] == '\n';
    return fail_row(csv, utf8 ? "there is a NUL byte" : "this is not valid UTF-8");
}

bool inventory_csv_read(struct rse_str text, struct rse_buf *out, struct inventory_lines *lines, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_str rest = rse_str_from(text, rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? 3 : 0);
    struct csv csv = { .p = rest.p, .end = rest.p + rest.len, .line = 1, .row = 1, .arena = arena, .lines = lines };

    lines->within = "";
    lines->table = true;
    rse_buf_init(&csv.cell, text.len + 1);
    if (check_bytes(&csv, rest) && read_columns(&csv))
        read_rows(&csv, out);
    rse_buf_release(&csv.cell);
    return rse_buf_ok(out, err);
}
