/*
 * list_order.c - the order of a list, and where a page of it begins.
 */
#include "api-server/store/list_sql.h"

/* Names and the like are short; of what may be long only the beginning decides, so that a cursor stays short. */
static bool is_short(const struct odata_path *path)
{
    const struct rse_field *field = path->field;

    return path->type != ODATA_TEXT || field->type == RSE_FIELD_ENUM ||
           (path->kind == ODATA_FIELD && field->type == RSE_FIELD_STRING && field->max > 0 &&
            field->max <= ODATA_CURSOR_MAX_CHARS + 28);
}

static void add_key(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_path *path)
{
    if (is_short(path))
        return list_sql_path(sql, noun, path);
    rse_buf_adds(&sql->text, "left(");
    list_sql_path(sql, noun, path);
    rse_buf_addf(&sql->text, ", %d)", ODATA_CURSOR_MAX_CHARS);
}

/* The columns that are never null, so that an ordinary index gives the order. */
static bool is_never_null(const struct odata_path *path)
{
    static const char *const NAMES[] = { "id",    "name",     "version",  "createdAt", "updatedAt",
                                         "state", "namePath", "revision", "seq" };

    for (size_t i = 0; path->kind == ODATA_FIELD && i < RSE_COUNT(NAMES); i++)
        if (strcmp(path->field->name, NAMES[i]) == 0)
            return true;
    return false;
}

void list_sql_order(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_order *order)
{
    for (size_t i = 0; i < order->nkeys; i++) {
        const struct odata_key *key = &order->keys[i];

        rse_buf_adds(&sql->text, i > 0 ? ", " : "");
        add_key(sql, noun, &key->path);
        rse_buf_adds(&sql->text, key->descending ? " desc" : "");
        if (!is_never_null(&key->path))
            rse_buf_adds(&sql->text, key->descending ? " nulls last" : " nulls first");
    }
}

void list_sql_cursor_columns(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_order *order)
{
    for (size_t i = 0; i < order->nkeys; i++) {
        const struct odata_path *path = &order->keys[i].path;

        rse_buf_adds(&sql->text, path->type == ODATA_TIME ? ", to_char(" : ", (");
        add_key(sql, noun, path);
        rse_buf_adds(&sql->text, path->type == ODATA_TIME ? ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')" : ")::text");
    }
}

/* Whether the key's value stands behind the cursor's. */
static void add_behind(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_key *key,
                       struct rse_str value)
{
    if (value.p == NULL && key->descending) {
        rse_buf_adds(&sql->text, "false");
        return;
    }
    rse_buf_addc(&sql->text, '(');
    add_key(sql, noun, &key->path);
    if (value.p == NULL) {
        rse_buf_adds(&sql->text, " is not null)");
        return;
    }
    rse_buf_adds(&sql->text, key->descending ? " < " : " > ");
    list_sql_value(sql, key->path.type, value);
    if (key->descending && !is_never_null(&key->path)) {
        rse_buf_adds(&sql->text, " or ");
        add_key(sql, noun, &key->path);
        rse_buf_adds(&sql->text, " is null");
    }
    rse_buf_addc(&sql->text, ')');
}

static void add_same(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_key *key,
                     struct rse_str value)
{
    add_key(sql, noun, &key->path);
    if (value.p == NULL) {
        rse_buf_adds(&sql->text, " is null");
        return;
    }
    rse_buf_adds(&sql->text, " = ");
    list_sql_value(sql, key->path.type, value);
}

/* Says nothing new, but lets an index begin at the right place. */
static void add_range(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_key *key,
                      struct rse_str value)
{
    if (value.p == NULL || !is_never_null(&key->path))
        return;
    add_key(sql, noun, &key->path);
    rse_buf_adds(&sql->text, key->descending ? " <= " : " >= ");
    list_sql_value(sql, key->path.type, value);
    rse_buf_adds(&sql->text, " and ");
}

/* k1 behind v1, or k1 = v1 and (k2 behind v2, or k2 = v2 and (...)) */
void list_sql_after(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_order *order,
                    const struct odata_cursor *cursor)
{
    add_range(sql, noun, &order->keys[0], cursor->values[0]);
    for (size_t i = 0; i < order->nkeys; i++) {
        rse_buf_addc(&sql->text, '(');
        add_behind(sql, noun, &order->keys[i], cursor->values[i]);
        if (i + 1 < order->nkeys) {
            rse_buf_adds(&sql->text, " or ");
            add_same(sql, noun, &order->keys[i], cursor->values[i]);
            rse_buf_adds(&sql->text, " and ");
        }
    }
    for (size_t i = 0; i < order->nkeys; i++)
        rse_buf_addc(&sql->text, ')');
}
