/*
 * fuzz_odata.c - query strings and filters made of any bytes: refused with a reason (and a place within the text), or turned
 * into a statement whose text holds nothing of them.
 */
#include <stdlib.h>

#include "api-server/http/call_internal.h"
#include "api-server/odata/options.h"
#include "api-server/store/list_sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool is_in_statement(char c)
{
    return (c >= ' ' && c <= '~') || c == '\n';
}

/* The parameters are numbered as they come, and the text is ours. */
static void check_statement(const struct list_sql *sql)
{
    int seen = 0;

    for (size_t i = 0; i < sql->text.len; i++) {
        must(is_in_statement(sql->text.p[i]));
        if (sql->text.p[i] == '$')
            must(strtol(sql->text.p + i + 1, NULL, 10) == ++seen);
    }
    must(seen == sql->nparams);
}

static void compile(const struct odata_options *options, struct rse_arena *arena)
{
    struct list_sql *sql = rse_arena_new_of(arena, struct list_sql);
    struct rse_err err = RSE_ERR_INIT;
    struct odata_cursor after = { .count = options->order.nkeys };

    list_sql_init(sql, arena);
    if (options->filter != NULL)
        list_sql_filter(sql, options->noun, options->filter);
    list_sql_cursor_columns(sql, options->noun, &options->order);
    list_sql_order(sql, options->noun, &options->order);
    after.values[after.count - 1] = RSE_STR("1");
    list_sql_after(sql, options->noun, &options->order, &after);
    if (list_sql_ok(sql, &err))
        check_statement(sql);
    list_sql_release(sql);
    for (size_t i = 0; i < options->nexpand; i++)
        compile(options->expand[i].options, arena);
}

static void read_filter(const struct rse_noun_info *noun, struct rse_str text, struct rse_arena *arena)
{
    struct odata_options options = { .noun = noun };
    struct rse_err err = RSE_ERR_INIT;

    must(odata_order_parse(&options.order, noun, RSE_STR(""), &err));
    if (odata_filter_parse(&options.filter, noun, text, arena, &err))
        compile(&options, arena);
    else
        must(err.what[0] != '\0' && (!err.has_position || err.position <= text.len));
}

static void read_query(const struct rse_noun_info *noun, struct rse_str text, struct rse_arena *arena)
{
    struct call call = { .arena = arena, .query = text };
    struct odata_options options;
    struct rse_pairs params;

    if (call_query_all(&call, &params) && odata_options_parse(&options, noun, &params, NULL, arena, &call.err))
        compile(&options, arena);
    else
        must(call.err.what[0] != '\0' && (!call.err.has_position || call.err.position <= text.len));
}

/* The first byte says which noun, and whether the rest is a query string or a filter. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rse_arena *arena = rse_arena_new();

    if (size > 0) {
        const struct rse_noun_info *noun = rse_noun_info((enum rse_noun)(data[0] / 2 % RSE_NOUN_COUNT));
        struct rse_str text = rse_str_n((const char *)data + 1, size - 1);

        if (data[0] % 2 == 0)
            read_query(noun, text, arena);
        else if (rse_utf8_valid(text, NULL))
            read_filter(noun, text, arena);
    }
    rse_arena_free(arena);
    return 0;
}
