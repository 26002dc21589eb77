/*
 * csv.c - see csv.h.
 */
#include "api-server/handlers/csv.h"

#include <cjson/cJSON.h>

#include <resedge/parse.h>

enum { CELL_MAX_BYTES = 1024 * 1024 };

struct row {
    struct rse_buf *out;
    bool begun;
};

/* ---- cells ---- */

/* What begins a formula, whatever number of ' stands before it. */
static bool is_formula(struct rse_str text)
{
    while (text.len > 0 && text.p[0] == '\'')
        text = rse_str_from(text, 1);
    return text.len > 0 && rse_str_find(RSE_STR("=+-@\t\r"), text.p[0]) >= 0;
}

static bool is_number(struct rse_str text)
{
    double number;

    return rse_parse_double(text, &number);
}

struct rse_str csv_unescape(struct rse_str cell)
{
    return cell.len > 0 && cell.p[0] == '\'' && is_formula(cell) ? rse_str_from(cell, 1) : cell;
}

static bool needs_quotes(struct rse_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(",;\"\r\n", text.p[i]) != NULL)
            return true;
    return text.len > 0 && (text.p[0] == ' ' || text.p[text.len - 1] == ' ');
}

static void add_cell(struct row *row, struct rse_str text)
{
    bool quotes = needs_quotes(text);

    if (row->begun)
        rse_buf_addc(row->out, ',');
    row->begun = true;
    if (quotes)
        rse_buf_addc(row->out, '"');
    if (is_formula(text) && !is_number(text))
        rse_buf_addc(row->out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '"')
            rse_buf_addc(row->out, '"');
        rse_buf_addc(row->out, text.p[i]);
    }
    if (quotes)
        rse_buf_addc(row->out, '"');
}

static void add_number(struct row *row, bool is_set, double number)
{
    char digits[64] = "";
    struct rse_buf text;

    if (!is_set)
        return add_cell(row, rse_str(digits));
    rse_buf_init(&text, sizeof(digits));
    rse_json_add_double(&text, number);
    add_cell(row, rse_buf_str(&text));
    rse_buf_release(&text);
}

/* ---- columns ---- */

/* The members that have a column each; NULL: the field has one. */
static const char *const *members_of(const struct rse_field *field)
{
    static const char *const CAPACITY[] = { "memoryLimit", "cpuLimit", NULL };
    static const char *const LOCATION[] = { "latitude", "longitude", NULL };
    static const char *const GUARD[] = { "clustersLosing", "clustersChanged", "files", NULL };

    switch (field->type) {
    case RSE_FIELD_CAPACITY:
        return CAPACITY;
    case RSE_FIELD_LOCATION:
        return LOCATION;
    case RSE_FIELD_GUARD:
        return GUARD;
    default:
        return NULL;
    }
}

static void add_dotted(struct row *row, const char *field, struct rse_str member)
{
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, CELL_MAX_BYTES);
    rse_buf_addf(&name, "%s.%.*s", field, RSE_STR_ARG(member));
    add_cell(row, rse_buf_str(&name));
}

static void add_names(const struct csv_columns *columns, const struct rse_field *field, struct row *row)
{
    const char *const *members = members_of(field);

    if (field->type == RSE_FIELD_METADATA) {
        for (size_t i = 0; i < columns->keys.count; i++)
            add_dotted(row, field->name, columns->keys.at[i]);
        return;
    }
    for (; members != NULL && *members != NULL; members++)
        add_dotted(row, field->name, rse_str(*members));
    if (members_of(field) == NULL)
        add_cell(row, rse_str(field->name));
}

static bool is_selected(const struct csv_columns *columns, const char *name)
{
    return odata_selects(columns->select, rse_str(name));
}

/* The id form of a reference only where it was asked for: whoever takes the table back knows names. */
static bool is_id_selected(const struct csv_columns *columns, const struct rse_field *field)
{
    return field->id_name != NULL && !columns->select->all && is_selected(columns, field->id_name);
}

void csv_add_header(const struct csv_columns *columns, struct rse_buf *out)
{
    struct row row = { out, false };

    for (const struct rse_field *f = columns->noun->fields; f->name != NULL; f++) {
        if (is_selected(columns, f->name))
            add_names(columns, f, &row);
        if (is_id_selected(columns, f))
            add_cell(&row, rse_str(f->id_name));
    }
    if (columns->select->clusters_tree)
        add_cell(&row, RSE_STR("clustersTree"));
    rse_buf_adds(out, "\r\n");
}

/* ---- values ---- */

static void add_item(struct rse_buf *text, size_t index, struct rse_str item)
{
    if (index > 0)
        rse_buf_addc(text, ';');
    for (size_t i = 0; i < item.len; i++) {
        if (item.p[i] == ';' || item.p[i] == '\\')
            rse_buf_addc(text, '\\');
        rse_buf_addc(text, item.p[i]);
    }
}

static void add_list(struct row *row, const struct rse_field *field, const void *from, bool by_id)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, CELL_MAX_BYTES);
    if (field->type == RSE_FIELD_STRINGS) {
        const struct rse_strs *strs = from;

        for (size_t i = 0; i < strs->count; i++)
            add_item(&text, i, strs->at[i]);
    } else if (field->type == RSE_FIELD_REFS) {
        const struct rse_refs *refs = from;

        for (size_t i = 0; i < refs->count && !by_id; i++)
            add_item(&text, i, refs->at[i].name);
        for (size_t i = 0; i < refs->count && by_id; i++)
            rse_buf_addf(&text, "%s%lld", i > 0 ? ";" : "", (long long)refs->at[i].id);
    } else {
        const struct rse_releases *releases = from;

        for (size_t i = 0; i < releases->count; i++)
            rse_buf_addf(&text, "%s%.*s=%.*s", i > 0 ? ";" : "", RSE_STR_ARG(releases->at[i].version),
                         RSE_STR_ARG(releases->at[i].expression));
    }
    add_cell(row, rse_buf_str(&text));
}

static void add_metadata(const struct csv_columns *columns, const struct rse_object *object, struct row *row)
{
    for (size_t i = 0; i < columns->keys.count; i++) {
        struct rse_str value = rse_str_n("", 0);

        (void)rse_object_metadata(object, columns->keys.at[i], &value);
        add_cell(row, value);
    }
}

static void add_text(struct row *row, const struct rse_object *object, const struct rse_field *field)
{
    const void *from = (const char *)object + field->offset;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, CELL_MAX_BYTES);
    /* As the document has it, not as a template would see it. */
    if ((field->flags & RSE_FIELD_OR_NAME) == 0 || ((const struct rse_str *)from)->p != NULL)
        (void)rse_object_field_text(object, field, &text);
    add_cell(row, rse_buf_str(&text));
}

static void add_values(const struct csv_columns *columns, const struct rse_object *object,
                       const struct rse_field *field, struct row *row)
{
    const void *from = (const char *)object + field->offset;

    switch (field->type) {
    case RSE_FIELD_METADATA:
        return add_metadata(columns, object, row);
    case RSE_FIELD_STRINGS:
    case RSE_FIELD_REFS:
    case RSE_FIELD_RELEASES:
        return add_list(row, field, from, false);
    case RSE_FIELD_CAPACITY:
        add_number(row, ((const struct rse_capacity *)from)->memory_limit != 0,
                   (double)((const struct rse_capacity *)from)->memory_limit);
        return add_number(row, ((const struct rse_capacity *)from)->cpu_limit != 0,
                          ((const struct rse_capacity *)from)->cpu_limit);
    case RSE_FIELD_LOCATION:
        add_number(row, ((const struct rse_location *)from)->set, ((const struct rse_location *)from)->latitude);
        return add_number(row, ((const struct rse_location *)from)->set,
                          ((const struct rse_location *)from)->longitude);
    case RSE_FIELD_GUARD:
        add_number(row, true, ((const struct rse_guard *)from)->clusters_losing);
        add_number(row, true, ((const struct rse_guard *)from)->clusters_changed);
        return add_number(row, true, (double)((const struct rse_guard *)from)->files);
    default:
        return add_text(row, object, field);
    }
}

static void add_id(struct row *row, const struct rse_object *object, const struct rse_field *field)
{
    const void *from = (const char *)object + field->offset;

    if (field->type == RSE_FIELD_REFS)
        add_list(row, field, from, true);
    else
        add_number(row, ((const struct rse_ref *)from)->id != 0, (double)((const struct rse_ref *)from)->id);
}

void csv_add_row(const struct csv_columns *columns, const struct rse_object *object, struct rse_str clusters_tree,
                 struct rse_buf *out)
{
    struct row row = { out, false };

    for (const struct rse_field *f = columns->noun->fields; f->name != NULL; f++) {
        if (is_selected(columns, f->name))
            add_values(columns, object, f, &row);
        if (is_id_selected(columns, f))
            add_id(&row, object, f);
    }
    if (columns->select->clusters_tree)
        add_cell(&row, clusters_tree);
    rse_buf_adds(out, "\r\n");
}

/* ---- rows that are JSON ---- */

static bool is_list_of_texts(const cJSON *value)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, value)
    {
        if (!cJSON_IsString(item))
            return false;
    }
    return cJSON_IsArray(value);
}

static void add_texts(struct row *row, const cJSON *list)
{
    const cJSON *item;
    size_t index = 0;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, CELL_MAX_BYTES);
    cJSON_ArrayForEach(item, list) add_item(&text, index++, rse_str(item->valuestring));
    add_cell(row, rse_buf_str(&text));
}

static void add_json(struct row *row, const cJSON *value)
{
    char *text;

    if (value == NULL || cJSON_IsNull(value))
        return add_cell(row, rse_str_n("", 0));
    if (cJSON_IsString(value))
        return add_cell(row, rse_str(value->valuestring));
    if (is_list_of_texts(value))
        return add_texts(row, value);
    text = cJSON_PrintUnformatted(value);
    add_cell(row, rse_str(text));
    cJSON_free(text);
}

void csv_add_json(const struct csv_columns *columns, const cJSON *json, struct rse_buf *out)
{
    struct row row = { out, false };

    for (const struct rse_field *f = columns->noun->fields; f->name != NULL; f++)
        if (is_selected(columns, f->name))
            add_json(&row, cJSON_GetObjectItemCaseSensitive(json, f->name));
    rse_buf_adds(out, "\r\n");
}
