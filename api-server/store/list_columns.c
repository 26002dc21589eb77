/*
 * list_columns.c - where a field of a noun is kept: a column of its own, or else the document.
 */
#include <stdio.h>

#include "api-server/store/list_sql.h"

void list_sql_init(struct list_sql *sql, struct rse_arena *arena)
{
    *sql = (struct list_sql){ .arena = arena };
    rse_buf_init(&sql->text, LIST_SQL_MAX_TEXT);
}

void list_sql_release(struct list_sql *sql)
{
    rse_buf_release(&sql->text);
}

bool list_sql_ok(const struct list_sql *sql, struct rse_err *err)
{
    if (sql->overflow)
        return rse_fail(err, RSE_TOO_LARGE, "the query has too many values");
    return rse_buf_ok(&sql->text, err);
}

void list_sql_param(struct list_sql *sql, struct rse_str value)
{
    if (sql->nparams == LIST_SQL_MAX_PARAMS) {
        sql->overflow = true;
        return;
    }
    sql->params[sql->nparams++] = rse_arena_str(sql->arena, value).p;
    rse_buf_addf(&sql->text, "$%d", sql->nparams);
}

void list_sql_param_int(struct list_sql *sql, int64_t value)
{
    list_sql_param(sql, rse_str(rse_arena_printf(sql->arena, "%lld", (long long)value)));
    rse_buf_adds(&sql->text, "::bigint");
}

const char *list_sql_table(enum rse_noun noun)
{
    static const char *const TABLES[RSE_NOUN_COUNT] = {
        [RSE_TARGET] = "targets",   [RSE_METADATA_KEY] = "metadata_keys", [RSE_GROUP] = "groups",
        [RSE_POLICY] = "policies",  [RSE_NAMESPACE] = "namespaces",       [RSE_APPLICATION] = "applications",
        [RSE_CLUSTER] = "clusters",
    };

    return TABLES[noun];
}

static const struct list_column EVERY[] = {
    { "id", "t.id" },
    { "name", "t.name" },
    { "environment", "t.environment collate \"C\"" },
    { "version", "t.version" },
    { "createdAt", "t.created_at" },
    { "updatedAt", "t.updated_at" },
    { .name = NULL },
};
static const struct list_column TARGETS[] = {
    { "url", "t.url collate \"C\"" },
    { "branch", "t.branch collate \"C\"" },
    { "paused", "t.paused" },
    { .name = NULL },
};
static const struct list_column METADATA_KEYS[] = { { "type", "t.type collate \"C\"" }, { .name = NULL } };
static const struct list_column GROUPS[] = {
    { "namePath", "t.name_path" },
    { "expression", "t.expression collate \"C\"" },
    { "priority", "t.priority" },
    { "parentId", "t.parent_id" },
    { "parent", "(select x.name_path from groups x where x.id = t.parent_id)" },
    { .name = NULL },
};
static const struct list_column POLICIES[] = { { "path", "t.path collate \"C\"" }, { .name = NULL } };
static const struct list_column NAMESPACES[] = {
    { "expression", "t.expression collate \"C\"" },
    { "allowed", "t.allowed collate \"C\"" },
    { "businessUnit", "t.business_unit collate \"C\"" },
    { .name = NULL },
};
static const struct list_column APPLICATIONS[] = {
    { "path", "t.path collate \"C\"" },
    { "businessUnit", "t.business_unit collate \"C\"" },
    { "owner", "t.owner collate \"C\"" },
    { "fluxName", "t.flux_name collate \"C\"" },
    { "namespaceId", "t.namespace_id" },
    { "namespace", "(select x.name from namespaces x where x.id = t.namespace_id)" },
    { .name = NULL },
};
static const struct list_column CLUSTERS[] = {
    { "state", "t.state collate \"C\"" },
    { "store", "t.store collate \"C\"" },
    { "timeZone", "t.time_zone collate \"C\"" },
    { "location", "t.latitude" }, /* whether there is one */
    { "location/latitude", "t.latitude" },
    { "location/longitude", "t.longitude" },
    { "targetId", "t.target_id" },
    { "target", "(select x.name from targets x where x.id = t.target_id)" },
    { "gitOpsRepo", "(select x.url collate \"C\" from targets x where x.id = t.target_id)" },
    { "gitOpsBranch", "(select x.branch collate \"C\" from targets x where x.id = t.target_id)" },
    { .name = NULL },
};
static const struct list_column *const COLUMNS[RSE_NOUN_COUNT] = {
    [RSE_TARGET] = TARGETS,       [RSE_METADATA_KEY] = METADATA_KEYS, [RSE_GROUP] = GROUPS,     [RSE_POLICY] = POLICIES,
    [RSE_NAMESPACE] = NAMESPACES, [RSE_APPLICATION] = APPLICATIONS,   [RSE_CLUSTER] = CLUSTERS,
};

static const char *find_column(const struct list_column *columns, const char *name)
{
    for (; columns->name != NULL; columns++)
        if (strcmp(columns->name, name) == 0)
            return columns->sql;
    return NULL;
}

static const char *const CASTS[] = { [ODATA_TEXT] = "::text",
                                     [ODATA_INT] = "::bigint",
                                     [ODATA_DOUBLE] = "::float8",
                                     [ODATA_BOOL] = "::boolean",
                                     [ODATA_TIME] = "::timestamptz" };

const char *list_sql_cast(enum odata_type type)
{
    return CASTS[type];
}

void list_sql_value(struct list_sql *sql, enum odata_type type, struct rse_str value)
{
    list_sql_param(sql, value);
    rse_buf_adds(&sql->text, CASTS[type]);
}

/* Names come from the table of fields, so they need no quoting. */
static void add_from_document(struct list_sql *sql, const struct odata_path *path, const char *name)
{
    const char *type = path->type == ODATA_TEXT ? " collate \"C\"" : CASTS[path->type];

    if (path->member != NULL)
        rse_buf_addf(&sql->text, "(t.doc::json -> '%s' ->> '%s')%s", path->field->name, path->member, type);
    else
        rse_buf_addf(&sql->text, "(t.doc::json ->> '%s')%s", name, type);
}

static void add_field(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_path *path)
{
    const char *name = path->by_id ? path->field->id_name : path->field->name, *column;
    char full[80];

    (void)snprintf(full, sizeof(full), "%s%s%s", name, path->member != NULL ? "/" : "",
                   path->member != NULL ? path->member : "");
    column = find_column(sql->columns != NULL ? sql->columns : EVERY, full);
    if (column == NULL && sql->columns == NULL)
        column = find_column(COLUMNS[noun->noun], full);
    if (column != NULL)
        rse_buf_adds(&sql->text, column);
    else
        add_from_document(sql, path, name);
}

void list_sql_path(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_path *path)
{
    if (path->kind == ODATA_METADATA) {
        rse_buf_adds(&sql->text, "(t.metadata ->> ");
        list_sql_param(sql, path->key);
        rse_buf_adds(&sql->text, ") collate \"C\"");
    } else if (path->kind == ODATA_ITEM) {
        rse_buf_addf(&sql->text, "i.%s%s", path->member != NULL ? path->member : "item",
                     path->type == ODATA_TEXT ? " collate \"C\"" : "");
    } else {
        add_field(sql, noun, path);
    }
}

/* Of references: the table that keeps them. */
static const char *references(const struct rse_noun_info *noun, bool by_id)
{
    if (noun->noun == RSE_CLUSTER)
        return by_id ? "(select g.cluster_id as owner, g.group_id as item from cluster_groups g) i"
                     : "(select g.cluster_id as owner, x.name_path as item from cluster_groups g"
                       " join groups x on x.id = g.group_id) i";
    return by_id ? "(select p.namespace_id as owner, p.policy_id as item from namespace_policies p) i"
                 : "(select p.namespace_id as owner, x.name as item from namespace_policies p"
                   " join policies x on x.id = p.policy_id) i";
}

bool list_sql_is_table(const struct odata_path *path)
{
    return path->field->type == RSE_FIELD_REFS || path->field->type == RSE_FIELD_RELEASES;
}

void list_sql_collection(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_path *path)
{
    const char *name = path->field->name;

    switch (path->field->type) {
    case RSE_FIELD_METADATA:
        rse_buf_adds(&sql->text, "jsonb_each_text(t.metadata) i (key, value)");
        return;
    case RSE_FIELD_RELEASES:
        rse_buf_adds(&sql->text, "(select r.application_id as owner, r.version, r.expression"
                                 " from application_releases r) i");
        return;
    case RSE_FIELD_REFS:
        rse_buf_adds(&sql->text, references(noun, path->by_id));
        return;
    default:
        if (sql->columns == NULL && (strcmp(name, "tags") == 0 || strcmp(name, "owners") == 0))
            rse_buf_addf(&sql->text, "unnest(t.%s) i (item)", name);
        else
            rse_buf_addf(&sql->text, "json_array_elements_text(t.doc::json -> '%s') i (item)", name);
    }
}
