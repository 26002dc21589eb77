/* Lists: rows from documents, page by page, in every format. */
#include <assert.h>
#include <inttypes.h>

#include "cli/output/output.h"

const cJSON *json_at(const cJSON *object, const char *path)
{
    char member[64];

    while (object != NULL) {
        size_t len = strcspn(path, ".");

        if (len >= sizeof(member))
            return NULL;
        memcpy(member, path, len);
        member[len] = '\0';
        object = cJSON_GetObjectItemCaseSensitive(object, member);
        if (path[len] == '\0')
            return object;
        path += len + 1;
    }
    return NULL;
}

/* ---- cells ---- */

static void add_value(const cJSON *value, struct rse_buf *out)
{
    const cJSON *item;

    if (cJSON_IsString(value)) {
        rse_buf_adds(out, value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        rse_json_add_double(out, value->valuedouble);
    } else if (cJSON_IsBool(value)) {
        rse_buf_adds(out, cJSON_IsTrue(value) ? "true" : "false");
    } else if (cJSON_IsArray(value)) {
        cJSON_ArrayForEach(item, value)
        {
            if (item != value->child)
                rse_buf_addc(out, ',');
            add_value(item, out);
        }
    } else if (cJSON_IsObject(value)) {
        add_json(out, value, 0);
    }
}

static void add_cell(struct cli *cli, const struct column *column, const cJSON *row, const struct rse_object *object,
                     struct rse_buf *out)
{
    const cJSON *value = column->member != NULL ? json_at(row, column->member) : NULL;
    bool raw = cli->format == FORMAT_CSV;

    if (column->field != NULL)
        rse_object_field_text(object, column->field, out);
    else if (column->add != NULL)
        column->add(cli, row, column, out);
    else if (column->cell == CELL_AGE && !raw && cJSON_IsString(value))
        rse_buf_adds(out, ago(cli->arena, value->valuestring));
    else if (column->cell == CELL_SPAN && !raw && cJSON_IsNumber(value))
        rse_buf_adds(out, span_ms(cli->arena, (int64_t)value->valuedouble));
    else if (column->cell == CELL_COMMIT && !raw && cJSON_IsString(value))
        rse_buf_addf(out, "%.12s", value->valuestring);
    else
        add_value(value, out);
}

/* The cells of one row, in the arena. */
static bool fill_cells(struct rows *rows, const cJSON *row, const char **cells, struct rse_err *err)
{
    struct cli *cli = rows->cli;
    struct rse_object *object = NULL;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 20);
    if (rows->view->noun != NULL &&
        !rse_object_parse(&object, rows->view->noun->noun, row, RSE_PARSE_DOC, cli->arena, err))
        return false;
    for (size_t i = 0; i < rows->nshown; i++) {
        rse_buf_reset(&text);
        add_cell(cli, rows->shown[i], row, object, &text);
        if (cli->format == FORMAT_CSV)
            cells[i] = rse_arena_strdup(cli->arena, text.p);
        else
            cells[i] = text.len > 0 ? text_plain(cli->arena, text.p) : "-";
    }
    return true;
}

/* ---- tables and CSV ---- */

static void measure(struct rows *rows, const char *const *cells, size_t nrows)
{
    rows->widths = rse_xcalloc(rows->nshown, sizeof(*rows->widths));
    for (size_t i = 0; i < rows->nshown; i++)
        rows->widths[i] = text_width(rows->shown[i]->header, SIZE_MAX);
    for (size_t i = 0; i < nrows * rows->nshown; i++) {
        int width = text_width(cells[i], SIZE_MAX);

        if (width > rows->widths[i % rows->nshown])
            rows->widths[i % rows->nshown] = width;
    }
    fit_widths(rows->cli, rows->widths, rows->nshown);
}

static void print_headers(struct rows *rows)
{
    const char **headers = rse_arena_calloc(rows->cli->arena, rows->nshown, sizeof(*headers));
    bool csv = rows->cli->format == FORMAT_CSV;

    if (args_has(&rows->cli->args, "no-headers"))
        return;
    for (size_t i = 0; i < rows->nshown; i++)
        headers[i] = csv ? rows->shown[i]->member : rows->shown[i]->header;
    if (!csv) {
        print_cells(rows->cli, headers, rows->widths, rows->nshown, NULL, rows->cli->columns > 0);
        return;
    }
    for (size_t i = 0; i < rows->nshown; i++)
        print_csv_field(headers[i], i == 0);
    putchar('\n');
}

static void print_row(struct rows *rows, const char *const *cells, const bool *states)
{
    bool cut = rows->cli->columns > 0 && rows->cli->format != FORMAT_WIDE;

    if (rows->cli->format != FORMAT_CSV) {
        print_cells(rows->cli, cells, rows->widths, rows->nshown, states, cut);
        return;
    }
    for (size_t i = 0; i < rows->nshown; i++)
        print_csv_field(cells[i], i == 0);
    putchar('\n');
}

static bool print_page(struct rows *rows, const cJSON *array, struct rse_err *err)
{
    size_t nrows = (size_t)cJSON_GetArraySize(array), i = 0;
    const char **cells = rse_arena_calloc(rows->cli->arena, nrows * rows->nshown + 1, sizeof(*cells));
    bool *states = rse_arena_calloc(rows->cli->arena, rows->nshown, sizeof(*states));
    const cJSON *row;

    cJSON_ArrayForEach(row, array)
    {
        if (!fill_cells(rows, row, cells + rows->nshown * i++, err))
            return false;
    }
    if (nrows == 0 && rows->cli->format != FORMAT_CSV)
        return true;
    for (i = 0; i < rows->nshown; i++)
        states[i] = rows->shown[i]->cell == CELL_STATE;
    if (rows->widths == NULL) {
        pager_start(rows->cli);
        measure(rows, cells, nrows);
        print_headers(rows);
    }
    for (i = 0; i < nrows; i++)
        print_row(rows, cells + i * rows->nshown, states);
    return true;
}

/* ---- documents, names ---- */

static void print_documents(struct rows *rows, const cJSON *array)
{
    bool json = rows->cli->format == FORMAT_JSON;
    size_t n = rows->count;
    const cJSON *row;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, SIZE_MAX / 2);
    if (n == 0)
        pager_start(rows->cli);
    cJSON_ArrayForEach(row, array)
    {
        rse_buf_reset(&out);
        if (json) {
            rse_buf_adds(&out, n == 0 ? "{\n  \"value\": [\n    " : ",\n    ");
            add_json(&out, row, 2);
        } else { /* as it stands in {"value": [row]}, whose first line is the same for all rows */
            cJSON *list = cJSON_CreateObject();

            cJSON_AddItemReferenceToArray(cJSON_AddArrayToObject(list, "value"), (cJSON *)row);
            rse_yaml_from_json(&out, list);
            cJSON_Delete(list);
        }
        size_t skip = !json && n > 0 ? strlen("value:\n") : 0;

        fwrite(out.p + skip, 1, out.len - skip, stdout);
        n++;
    }
}

static void end_documents(const struct rows *rows)
{
    if (rows->cli->format == FORMAT_JSON)
        fputs(rows->count == 0 ? "{\n  \"value\": []\n}\n" : "\n  ]\n}\n", stdout);
    else if (rows->count == 0)
        fputs("value: []\n", stdout);
}

static void print_all_names(struct rows *rows, const cJSON *array)
{
    const struct column name = { .member = rows->view->name };
    const cJSON *row;

    cJSON_ArrayForEach(row, array)
    {
        RSE_BUF_AUTO text = { 0 };

        rse_buf_init(&text, 1 << 16);
        if (rows->view->noun != NULL)
            rse_buf_adds(&text, cli_name_of(rows->cli, rows->view->noun, row));
        else
            add_cell(rows->cli, &name, row, NULL, &text);
        printf("%s\n", text.p);
    }
}

/* ---- a list ---- */

static bool is_shown(const struct cli *cli, const struct column *column)
{
    return !column->wide || cli->format == FORMAT_WIDE || cli->format == FORMAT_CSV;
}

void rows_begin(struct rows *rows, struct cli *cli, const struct view *view, bool keep)
{
    size_t n = 0;

    *rows = (struct rows){ .cli = cli, .view = view };
    while (view->columns[n].header != NULL)
        n++;
    rows->shown = rse_arena_calloc(cli->arena, n, sizeof(*rows->shown));
    for (size_t i = 0; i < n; i++) {
        if (is_shown(cli, &view->columns[i]))
            rows->shown[rows->nshown++] = &view->columns[i];
    }
    if (keep || cli->format == FORMAT_JSONPATH)
        rows->kept = cJSON_CreateArray();
}

static bool print_array(struct rows *rows, const cJSON *array, struct rse_err *err)
{
    bool ok = true;

    switch (rows->cli->format) {
    case FORMAT_TABLE:
    case FORMAT_WIDE:
    case FORMAT_CSV:
        ok = print_page(rows, array, err);
        break;
    case FORMAT_JSON:
    case FORMAT_YAML:
        print_documents(rows, array);
        break;
    case FORMAT_NAME:
        if (rows->count == 0)
            pager_start(rows->cli);
        print_all_names(rows, array);
        break;
    case FORMAT_JSONPATH:
        break;
    }
    rows->count += (size_t)cJSON_GetArraySize(array);
    return ok;
}

bool rows_add(struct rows *rows, cJSON *array, struct rse_err *err)
{
    if (rows->kept == NULL)
        return print_array(rows, array, err);
    while (array->child != NULL)
        cJSON_AddItemToArray(rows->kept, cJSON_DetachItemViaPointer(array, array->child));
    return true;
}

static bool end_kept(struct rows *rows, struct rse_err *err)
{
    const char *by = args_value(&rows->cli->args, "sort-by");
    cJSON *answer;

    if (by != NULL)
        sort_rows(rows->kept, by);
    if (rows->cli->format != FORMAT_JSONPATH)
        return print_array(rows, rows->kept, err);
    answer = cJSON_CreateObject();
    cJSON_AddItemReferenceToObject(answer, "value", rows->kept);
    output_document(rows->cli, answer);
    cJSON_Delete(answer);
    return true;
}

bool rows_end(struct rows *rows, struct rse_err *err)
{
    bool ok = rows->kept == NULL || end_kept(rows, err);

    if (ok && (rows->cli->format == FORMAT_JSON || rows->cli->format == FORMAT_YAML))
        end_documents(rows);
    if (ok && rows->count == 0 && is_table(rows->cli) && rows->view->nothing != NULL)
        fprintf(stderr, "%s\n", rows->view->nothing);
    rows_abandon(rows);
    return ok;
}

void rows_abandon(struct rows *rows)
{
    cJSON_Delete(rows->kept);
    rows->kept = NULL;
    rse_freep(&rows->widths);
}

bool output_rows(struct cli *cli, const struct view *view, cJSON *answer, struct rse_err *err)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "value");
    const char *by = args_value(&cli->args, "sort-by");
    struct rows rows;

    assert(cJSON_IsArray(list));
    if (by != NULL)
        sort_rows(list, by);
    if (output_document(cli, answer)) /* what else the answer says is wanted too */
        return true;
    rows_begin(&rows, cli, view, false);
    bool ok = rows_add(&rows, list, err);

    return rows_end(&rows, err) && ok;
}

bool output_row(struct cli *cli, const struct view *view, cJSON *row, struct rse_err *err)
{
    cJSON *list;
    struct rows rows;

    if (output_document(cli, row))
        return true;
    list = cJSON_CreateArray();
    cJSON_AddItemReferenceToArray(list, row);
    rows_begin(&rows, cli, view, false);
    bool ok = rows_add(&rows, list, err);

    cJSON_Delete(list);
    return rows_end(&rows, err) && ok;
}
