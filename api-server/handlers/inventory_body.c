/*
 * inventory_body.c - see inventory_body.h.
 */
#include <strings.h>

#include <cjson/cJSON.h>

#include "api-server/handlers/csv.h"
#include "api-server/handlers/inventory_body.h"
#include <resedge/parse.h>

enum { COLUMNS_MAX = 200 };

static void delete_json(void *json)
{
    cJSON_Delete(json);
}

static bool has_type(const struct call *call, const char *name)
{
    size_t len = strlen(name);

    return call->content_type.len >= len && strncasecmp(call->content_type.p, name, len) == 0 &&
           (call->content_type.len == len || strchr("; ", call->content_type.p[len]) != NULL);
}

/* ---- NDJSON ---- */

static bool fail_line(struct call *call, size_t line, const char *what)
{
    rse_err_object(&call->err, "line %zu", line);
    return rse_fail(&call->err, RSE_UNPROCESSABLE, "%s", what);
}

static cJSON *list_of(cJSON *inventory, const char *plural)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(inventory, plural);

    return list != NULL ? list : cJSON_AddArrayToObject(inventory, plural);
}

static bool add_line(struct call *call, cJSON *inventory, struct rse_str text, size_t line)
{
    const struct rse_noun_info *info = NULL;
    const cJSON *noun;
    cJSON *json, *doc;

    if (!rse_json_parse(&json, text, &call->err)) {
        rse_err_object(&call->err, "line %zu", line);
        return false;
    }
    noun = cJSON_GetObjectItemCaseSensitive(json, "noun");
    if (cJSON_IsString(noun))
        info = rse_noun_find(rse_str(noun->valuestring));
    doc = cJSON_DetachItemFromObjectCaseSensitive(json, "doc");
    if (info != NULL && cJSON_IsObject(doc)) {
        cJSON_Delete(json);
        return cJSON_AddItemToArray(list_of(inventory, info->plural), doc);
    }
    cJSON_Delete(doc);
    cJSON_Delete(json);
    return fail_line(call, line, "expected {\"noun\": ..., \"doc\": {...}}");
}

static bool read_ndjson(struct call *call, cJSON *inventory)
{
    struct rse_str rest = call->body;

    for (size_t line = 1; rest.len > 0; line++) {
        ptrdiff_t end = rse_str_find(rest, '\n');
        struct rse_str text = end < 0 ? rest : rse_str_n(rest.p, (size_t)end);

        rest = end < 0 ? rse_str_n(NULL, 0) : rse_str_from(rest, (size_t)end + 1);
        if (text.len > 0 && text.p[text.len - 1] == '\r')
            text.len--;
        if (text.len > 0 && !add_line(call, inventory, text, line))
            return false;
    }
    return true;
}

/* ---- CSV ---- */

struct csv {
    struct call *call;
    const char *p, *end;
    size_t line;
    struct rse_buf cell;
    bool row_ended; /* with the cell that was read last */
};

static bool read_quoted(struct csv *csv)
{
    csv->p++;
    for (;;) {
        if (csv->p == csv->end)
            return fail_line(csv->call, csv->line, "a quoted cell has no end");
        if (*csv->p == '"' && (csv->p + 1 == csv->end || csv->p[1] != '"'))
            break;
        csv->p += *csv->p == '"';
        csv->line += *csv->p == '\n';
        rse_buf_addc(&csv->cell, *csv->p++);
    }
    csv->p++;
    return csv->p == csv->end || strchr(",\r\n", *csv->p) != NULL ||
           fail_line(csv->call, csv->line, "a quoted cell is followed by other text");
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

static bool read_columns(struct csv *csv, const char **columns, size_t *count)
{
    *count = 0;
    do {
        if (!read_cell(csv))
            return false;
        if (*count == COLUMNS_MAX)
            return fail_line(csv->call, 1, "too many columns");
        columns[(*count)++] = rse_arena_str(csv->call->arena, rse_buf_str(&csv->cell)).p;
    } while (!csv->row_ended);
    csv->line++;
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

static void add_cell(struct csv *csv, cJSON *object, const char *column)
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

static bool read_row(struct csv *csv, cJSON *list, const char *const *columns, size_t count)
{
    cJSON *object = cJSON_CreateObject();
    size_t i = 0;

    cJSON_AddItemToArray(list, object);
    do {
        if (!read_cell(csv))
            return false;
        if (i == count)
            return fail_line(csv->call, csv->line, "there are more cells than columns");
        add_cell(csv, object, columns[i++]);
    } while (!csv->row_ended);
    csv->line++;
    return true;
}

static bool check_columns(struct call *call, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(columns[i], columns[j]) != 0)
                continue;
            rse_err_object(&call->err, "column \"%s\"", columns[i]);
            return fail_line(call, 1, "the column is there twice");
        }
    }
    return true;
}

static bool read_csv(struct call *call, cJSON *inventory)
{
    struct csv csv = { .call = call, .p = call->body.p, .end = call->body.p + call->body.len, .line = 1 };
    cJSON *list = cJSON_AddArrayToObject(inventory, "clusters");
    const char *columns[COLUMNS_MAX];
    size_t count;
    bool ok;

    if (rse_str_starts(call->body, RSE_STR("\xef\xbb\xbf")))
        csv.p += 3;
    rse_buf_init(&csv.cell, call->body.len + 1);
    ok = read_columns(&csv, columns, &count) && check_columns(call, columns, count);
    while (ok && csv.p < csv.end)
        ok = read_row(&csv, list, columns, count);
    rse_buf_release(&csv.cell);
    return ok;
}

bool inventory_body(struct call *call, cJSON **out)
{
    bool ndjson = has_type(call, "application/x-ndjson"), csv = has_type(call, "text/csv");
    cJSON *inventory;

    *out = NULL;
    if (call->body.len == 0)
        return rse_fail(&call->err, RSE_INVALID, "a body is needed");
    if (!ndjson && !csv)
        return call_is_json(call) || call_json(call, out);
    inventory = cJSON_CreateObject();
    rse_arena_defer(call->arena, delete_json, inventory);
    *out = inventory;
    return ndjson ? read_ndjson(call, inventory) : read_csv(call, inventory);
}
