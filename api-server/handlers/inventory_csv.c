/*
 * inventory_csv.c - see inventory_csv.h.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/csv.h"
#include "api-server/handlers/inventory_csv.h"
#include <resedge/parse.h>

enum { COLUMNS_MAX = 200 };

struct csv {
    const char *p, *end;
    size_t line;
    struct rse_buf cell;
    bool row_ended; /* with the cell that was read last */
    const char *columns[COLUMNS_MAX];
    size_t count;
    struct rse_arena *arena; /* has the columns */
    struct rse_err *err;
};

static bool fail_line(const struct csv *csv, const char *what)
{
    rse_err_object(csv->err, "line %zu", csv->line);
    return rse_fail(csv->err, RSE_UNPROCESSABLE, "%s", what);
}

static bool read_quoted(struct csv *csv)
{
    csv->p++;
    for (;;) {
        if (csv->p == csv->end)
            return fail_line(csv, "a quoted cell has no end");
        if (*csv->p == '"' && (csv->p + 1 == csv->end || csv->p[1] != '"'))
            break;
        csv->p += *csv->p == '"';
        csv->line += *csv->p == '\n';
        rse_buf_addc(&csv->cell, *csv->p++);
    }
    csv->p++;
    return csv->p == csv->end || strchr(",\r\n", *csv->p) != NULL ||
           fail_line(csv, "a quoted cell is followed by other text");
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

static bool check_columns(const struct csv *csv)
{
    for (size_t i = 0; i < csv->count; i++) {
        for (size_t j = 0; j < csv->count; j++) {
            const char *one = csv->columns[i], *other = csv->columns[j];
            bool twice = j < i && strcmp(one, other) == 0;

            if (!twice && !is_within(one, other))
                continue;
            rse_err_object(csv->err, "column \"%s\"", one);
            return twice ? fail_line(csv, "the column is there twice")
                         : fail_line(csv, "there is a column for all of it too, and both can't be");
        }
    }
    return true;
}

static bool read_columns(struct csv *csv)
{
    do {
        if (!read_cell(csv))
            return false;
        if (csv->count == COLUMNS_MAX)
            return fail_line(csv, "too many columns");
        csv->columns[csv->count++] = rse_arena_str(csv->arena, rse_buf_str(&csv->cell)).p;
    } while (!csv->row_ended);
    if (!check_columns(csv))
        return false;
    csv->line++;
    return true;
}

/* ---- rows ---- */

static bool read_row(struct csv *csv, cJSON *object)
{
    size_t i = 0;

    do {
        if (!read_cell(csv))
            return false;
        if (i == csv->count)
            return fail_line(csv, "there are more cells than columns");
        add_cell(csv, object, csv->columns[i++]);
    } while (!csv->row_ended);
    csv->line++;
    return true;
}

static bool add_row(struct csv *csv, struct rse_buf *out)
{
    cJSON *object = cJSON_CreateObject();
    bool ok = read_row(csv, object);

    if (ok)
        rse_json_add(out, object);
    cJSON_Delete(object);
    return ok && rse_buf_ok(out, csv->err);
}

static bool read_rows(struct csv *csv, struct rse_buf *out)
{
    const char *comma = "";

    rse_buf_adds(out, "{\"clusters\":[");
    while (csv->p < csv->end) {
        if (skip_empty_line(csv))
            continue;
        rse_buf_adds(out, comma);
        if (!add_row(csv, out))
            return false;
        comma = ",";
    }
    rse_buf_adds(out, "]}");
    return rse_buf_ok(out, csv->err);
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
        csv->line += text.p[i] == '\n';
    return fail_line(csv, utf8 ? "there is a NUL byte" : "this is not valid UTF-8");
}

bool inventory_csv_read(struct rse_str text, struct rse_buf *out, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_str rest = rse_str_from(text, rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? 3 : 0);
    struct csv csv = { .p = rest.p, .end = rest.p + rest.len, .line = 1, .arena = arena, .err = err };
    bool ok;

    rse_buf_init(&csv.cell, text.len + 1);
    ok = check_bytes(&csv, rest) && read_columns(&csv) && read_rows(&csv, out);
    rse_buf_release(&csv.cell);
    return ok;
}
