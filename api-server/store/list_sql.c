/*
 * list_sql.c - see list_sql.h.
 *
 * In SQL a comparison with null is null. As a condition null counts as false, and "and" and "or" of such conditions keep to
 * that; so only "not" has to care, and says "is not true".
 */
#include "api-server/store/list_sql.h"

/* ---- comparisons ---- */

static const char *operator_of(enum odata_op op)
{
    switch (op) {
    case ODATA_GT:
        return " > ";
    case ODATA_GE:
        return " >= ";
    case ODATA_LT:
        return " < ";
    case ODATA_LE:
        return " <= ";
    case ODATA_NE:
        return " is distinct from ";
    default:
        return " = ";
    }
}

static bool is_name_of_reference(const struct odata_path *path)
{
    return path->kind == ODATA_FIELD && path->field->type == RSE_FIELD_REF && !path->by_id;
}

/* By the id that the name has: looked up once, and not for every row. */
static void add_reference(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node)
{
    struct odata_path by_id = node->path;
    enum rse_noun of = node->path.field->noun;

    by_id.by_id = true;
    by_id.type = ODATA_INT;
    list_sql_path(sql, noun, &by_id);
    rse_buf_addf(&sql->text, " in (select x.id from %s x where x.%s = ", list_sql_table(of),
                 of == RSE_GROUP ? "name_path" : "name");
    list_sql_value(sql, ODATA_TEXT, node->values[0].text);
    rse_buf_addc(&sql->text, ')');
}

/* {"key": "value"} */
static struct rse_str pair_document(struct list_sql *sql, struct rse_str key, struct rse_str value)
{
    RSE_BUF_AUTO doc = { 0 };

    rse_buf_init(&doc, LIST_SQL_MAX_TEXT);
    rse_buf_addc(&doc, '{');
    rse_json_add_string(&doc, key);
    rse_buf_addc(&doc, ':');
    rse_json_add_string(&doc, value);
    rse_buf_addc(&doc, '}');
    return rse_arena_str(sql->arena, rse_buf_str(&doc));
}

/* Containment has an index. */
static void add_pair(struct list_sql *sql, struct rse_str key, struct rse_str value)
{
    rse_buf_adds(&sql->text, "t.metadata @> ");
    list_sql_param(sql, pair_document(sql, key, value));
    rse_buf_adds(&sql->text, "::jsonb");
}

/* What is found by an index comes before what has to be computed of each row. */
static void add_narrow(struct list_sql *sql, const struct odata_path *path, struct rse_str value)
{
    const char *condition = sql->narrow != NULL && path->kind == ODATA_FIELD && path->member == NULL
                                ? sql->narrow(path->field->name, value)
                                : NULL;

    if (condition != NULL)
        rse_buf_addf(&sql->text, " and %s", condition);
}

static void add_comparison(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node)
{
    const struct odata_value *value = &node->values[0];

    if (node->op == ODATA_EQ && !value->is_null && node->path.kind == ODATA_METADATA)
        return add_pair(sql, node->path.key, value->text);
    if (node->op == ODATA_EQ && !value->is_null && is_name_of_reference(&node->path))
        return add_reference(sql, noun, node);
    list_sql_path(sql, noun, &node->path);
    if (value->is_null) {
        rse_buf_adds(&sql->text, node->op == ODATA_NE ? " is not null" : " is null");
        return;
    }
    rse_buf_adds(&sql->text, operator_of(node->op));
    list_sql_value(sql, node->path.type, value->text);
    if (node->op == ODATA_EQ)
        add_narrow(sql, &node->path, value->text);
}

/* An array's text: {"a","b"}. */
static void add_array_item(struct rse_buf *array, struct rse_str item)
{
    rse_buf_adds(array, array->len > 1 ? ",\"" : "\"");
    for (size_t i = 0; i < item.len; i++) {
        if (item.p[i] == '"' || item.p[i] == '\\')
            rse_buf_addc(array, '\\');
        rse_buf_addc(array, item.p[i]);
    }
    rse_buf_addc(array, '"');
}

static void add_in(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node)
{
    bool has_null = false;
    RSE_BUF_AUTO array = { 0 };

    rse_buf_init(&array, LIST_SQL_MAX_TEXT);
    rse_buf_addc(&array, '{');
    for (size_t i = 0; i < node->nvalues; i++) {
        has_null |= node->values[i].is_null;
        if (!node->values[i].is_null)
            add_array_item(&array, node->values[i].text);
    }
    rse_buf_addc(&array, '}');
    rse_buf_addc(&sql->text, '(');
    list_sql_path(sql, noun, &node->path);
    rse_buf_adds(&sql->text, " = any (");
    list_sql_param(sql, rse_buf_str(&array));
    rse_buf_addf(&sql->text, "%s[])", list_sql_cast(node->path.type));
    if (has_null) {
        rse_buf_adds(&sql->text, " or ");
        list_sql_path(sql, noun, &node->path);
        rse_buf_adds(&sql->text, " is null");
    }
    rse_buf_addc(&sql->text, ')');
}

static void add_function(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node)
{
    struct rse_str text = node->values[0].text;

    rse_buf_adds(&sql->text, node->op == ODATA_CONTAINS     ? "strpos("
                             : node->op == ODATA_STARTSWITH ? "starts_with("
                                                            : "right(");
    list_sql_path(sql, noun, &node->path);
    rse_buf_adds(&sql->text, ", ");
    if (node->op != ODATA_ENDSWITH) {
        list_sql_value(sql, ODATA_TEXT, text);
        rse_buf_adds(&sql->text, node->op == ODATA_CONTAINS ? ") > 0" : ")");
        return;
    }
    rse_buf_adds(&sql->text, "length(");
    list_sql_value(sql, ODATA_TEXT, text);
    rse_buf_adds(&sql->text, ")) = ");
    list_sql_value(sql, ODATA_TEXT, text);
}

/* ---- any and all ---- */

static bool is_item_eq(const struct odata_node *node, const char *member)
{
    const char *of = node != NULL ? node->path.member : NULL;

    return node != NULL && node->op == ODATA_EQ && node->path.kind == ODATA_ITEM && !node->values[0].is_null &&
           (member == NULL ? of == NULL : of != NULL && strcmp(of, member) == 0);
}

/* m/key eq 'a' and m/value eq 'b', either way round. */
static bool is_pair(const struct odata_node *node, struct rse_str *key, struct rse_str *value)
{
    const struct odata_node *left, *right;

    if (node == NULL || node->op != ODATA_AND)
        return false;
    left = is_item_eq(node->left, "key") ? node->left : node->right;
    right = left == node->left ? node->right : node->left;
    if (!is_item_eq(left, "key") || !is_item_eq(right, "value"))
        return false;
    *key = left->values[0].text;
    *value = right->values[0].text;
    return true;
}

/* What has an index is asked for in the way that uses it. */
static bool add_indexed_any(struct list_sql *sql, const struct odata_node *node)
{
    enum rse_field_type type = node->path.field->type;
    struct rse_str key, value;

    if (type == RSE_FIELD_METADATA && is_pair(node->left, &key, &value)) {
        add_pair(sql, key, value);
        return true;
    }
    if (type == RSE_FIELD_METADATA && is_item_eq(node->left, "key")) {
        rse_buf_adds(&sql->text, "t.metadata ? ");
        list_sql_value(sql, ODATA_TEXT, node->left->values[0].text);
        return true;
    }
    if (strcmp(node->path.field->name, "tags") != 0 || !is_item_eq(node->left, NULL))
        return false;
    /* The words hold the tags too, and have the index. */
    value = node->left->values[0].text;
    rse_buf_adds(&sql->text, "(t.words @> array[");
    list_sql_value(sql, ODATA_TEXT, value);
    rse_buf_adds(&sql->text, "] and t.tags @> array[");
    list_sql_value(sql, ODATA_TEXT, value);
    rse_buf_adds(&sql->text, "])");
    return true;
}

/* From a table of its own the objects that fit are gathered once; what an object holds itself is looked into for each. */
static void add_any(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node)
{
    bool all = node->op == ODATA_ALL;

    if (!all && add_indexed_any(sql, node))
        return;
    if (list_sql_is_table(&node->path))
        rse_buf_addf(&sql->text, "t.id %sin (select i.owner from ", all ? "not " : "");
    else
        rse_buf_addf(&sql->text, "%sexists (select from ", all ? "not " : "");
    list_sql_collection(sql, noun, &node->path);
    if (node->left != NULL) {
        rse_buf_adds(&sql->text, " where (");
        list_sql_filter(sql, noun, node->left);
        rse_buf_adds(&sql->text, all ? ") is not true" : ")");
    }
    rse_buf_addc(&sql->text, ')');
}

void list_sql_filter(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node)
{
    switch (node->op) {
    case ODATA_AND:
    case ODATA_OR:
        rse_buf_addc(&sql->text, '(');
        list_sql_filter(sql, noun, node->left);
        rse_buf_adds(&sql->text, node->op == ODATA_AND ? " and " : " or ");
        list_sql_filter(sql, noun, node->right);
        rse_buf_addc(&sql->text, ')');
        return;
    case ODATA_NOT:
        rse_buf_adds(&sql->text, "((");
        list_sql_filter(sql, noun, node->left);
        rse_buf_adds(&sql->text, ") is not true)");
        return;
    case ODATA_IN:
        return add_in(sql, noun, node);
    case ODATA_CONTAINS:
    case ODATA_STARTSWITH:
    case ODATA_ENDSWITH:
        return add_function(sql, noun, node);
    case ODATA_ANY:
    case ODATA_ALL:
        return add_any(sql, noun, node);
    default:
        return add_comparison(sql, noun, node);
    }
}
