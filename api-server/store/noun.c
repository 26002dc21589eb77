/*
 * noun.c - the statements that read objects, one set a noun.
 *
 * A statement's text never holds what a request said: it is put together from the words in this file, once for each
 * combination, and kept.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/noun.h"

#define GET_FROM(table) "select t.doc, t.etag, f.revision from " table " t, fleet f where t.id = $1"

static const char *const GET[RSE_NOUN_COUNT] = {
    [RSE_TARGET] = GET_FROM("targets"),       [RSE_METADATA_KEY] = GET_FROM("metadata_keys"),
    [RSE_GROUP] = GET_FROM("groups"),         [RSE_POLICY] = GET_FROM("policies"),
    [RSE_NAMESPACE] = GET_FROM("namespaces"), [RSE_APPLICATION] = GET_FROM("applications"),
    [RSE_CLUSTER] = GET_FROM("clusters"),
};

static const char *const TABLES[RSE_NOUN_COUNT] = {
    [RSE_TARGET] = "targets",   [RSE_METADATA_KEY] = "metadata_keys", [RSE_GROUP] = "groups",
    [RSE_POLICY] = "policies",  [RSE_NAMESPACE] = "namespaces",       [RSE_APPLICATION] = "applications",
    [RSE_CLUSTER] = "clusters",
};
static const char *const FILTERS[NOUN_FILTER_COUNT] = {
    [NOUN_ALL] = "$3::text is null", [NOUN_BY_ID] = "id = $3::text::bigint",
    [NOUN_BY_NAME] = "name = $3",    [NOUN_BY_ENVIRONMENT] = "environment = $3",
    [NOUN_BY_STATE] = "state = $3",
};
static const char *const SEARCHES[] = { "$4::text is null", "words @> array[$4]" };
static const char *const ORDERS[NOUN_ORDER_COUNT] = {
    [NOUN_ORDER_ID] = "id",
    [NOUN_ORDER_ID_DESC] = "id desc",
    [NOUN_ORDER_NAME] = "name, id",
    [NOUN_ORDER_NAME_DESC] = "name desc, id desc",
};

struct noun_query {
    void (*got)(void *arg, const struct noun_doc *doc, const struct rse_err *err);
    void *arg;
    struct noun_list_reader reader;
};

static void get_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct noun_query *query = arg;
    struct noun_doc doc = { 0 };
    bool found = err == NULL && PQntuples(res) > 0;

    if (found)
        doc = (struct noun_doc){ db_text(res, 0, 0), db_text(res, 0, 1), db_int64(res, 0, 2) };
    query->got(query->arg, found ? &doc : NULL, err);
    free(query);
}

void store_noun_get(struct db *db, enum rse_noun noun, int64_t id,
                    void (*done)(void *arg, const struct noun_doc *doc, const struct rse_err *err), void *arg)
{
    struct noun_query *noun_query = rse_new(struct noun_query);
    char number[24];
    struct db_query query = {
        .lane = DB_READ, .sql = GET[noun], .nparams = 1, .params = { number }, .done = get_done, .arg = noun_query
    };

    snprintf(number, sizeof(number), "%lld", (long long)id);
    noun_query->got = done;
    noun_query->arg = arg;
    db_send(db, &query);
}

/* The first row has the count and the revision, and a document unless the page is empty. All in one statement, so that they
 * belong together. */
static const char *list_sql(const struct noun_list *list)
{
    static char *texts[RSE_NOUN_COUNT][NOUN_FILTER_COUNT][RSE_COUNT(SEARCHES)][NOUN_ORDER_COUNT];
    size_t search = list->search.p != NULL ? 1 : 0;
    char **text = &texts[list->noun][list->filter][search][list->order];

    if (*text == NULL &&
        asprintf(
            text,
            "with page as materialized ("
            "select row_number() over (order by %s) as n, doc from %s where %s and %s order by %s limit $1 offset $2"
            ") select (select count(*) from %s where %s and %s), f.revision, page.doc "
            "from fleet f left join page on true order by page.n",
            ORDERS[list->order], TABLES[list->noun], FILTERS[list->filter], SEARCHES[search], ORDERS[list->order],
            TABLES[list->noun], FILTERS[list->filter], SEARCHES[search]) < 0)
        abort();
    return *text;
}

static void list_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct noun_query *query = arg;
    const struct noun_list_reader *reader = &query->reader;
    int rows = err == NULL ? PQntuples(res) : 0;

    for (int i = 0; i < rows; i++) {
        if (!PQgetisnull(res, i, 2))
            reader->row(reader->arg, db_text(res, i, 2));
    }
    reader->done(reader->arg, rows > 0 ? db_int64(res, 0, 0) : 0, rows > 0 ? db_int64(res, 0, 1) : 0, err);
    free(query);
}

void store_noun_list(struct db *db, const struct noun_list *list, const struct noun_list_reader *reader)
{
    struct noun_query *noun_query = rse_new(struct noun_query);
    char top[24], skip[24];
    RSE_CLEANUP(rse_freep) char *equals = list->filter != NOUN_ALL ? rse_xstrndup(list->equals) : NULL;
    RSE_CLEANUP(rse_freep) char *search = list->search.p != NULL ? rse_xstrndup(list->search) : NULL;
    struct db_query query = {
        .lane = DB_READ,
        .sql = list_sql(list),
        .nparams = 4,
        .params = { top, skip, equals, search },
        .done = list_done,
        .arg = noun_query,
    };

    snprintf(top, sizeof(top), "%lld", (long long)list->top);
    snprintf(skip, sizeof(skip), "%lld", (long long)list->skip);
    noun_query->reader = *reader;
    db_send(db, &query);
}
