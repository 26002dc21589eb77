/*
 * inventory_ndjson.c - see inventory_ndjson.h.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/inventory_ndjson.h"

/* The objects of each noun as they come: text with commas between. */
struct lists {
    struct rse_buf of[RSE_NOUN_COUNT];
};

static void lists_release(struct lists *lists)
{
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_buf_release(&lists->of[noun]);
}

/* What the line says; false when it is not that. */
static bool add_object(struct lists *lists, const cJSON *line)
{
    const cJSON *noun = cJSON_GetObjectItemCaseSensitive(line, "noun");
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(line, "doc");
    const struct rse_noun_info *info = cJSON_IsString(noun) ? rse_noun_find(rse_str(noun->valuestring)) : NULL;
    struct rse_buf *list;

    if (info == NULL || !cJSON_IsObject(doc))
        return false;
    list = &lists->of[info->noun];
    rse_buf_adds(list, list->len > 0 ? "," : "");
    rse_json_add(list, doc);
    return true;
}

static bool add_line(struct lists *lists, struct rse_str text, struct rse_err *err)
{
    cJSON *json = NULL;
    bool ok;

    if (!rse_json_parse(&json, text, err))
        return false;
    ok = add_object(lists, json);
    cJSON_Delete(json);
    return ok || rse_fail(err, RSE_UNPROCESSABLE, "expected {\"noun\": ..., \"doc\": {...}}");
}

static bool add_lines(struct lists *lists, struct rse_str text, struct rse_err *err)
{
    for (size_t number = 1; text.len > 0; number++) {
        ptrdiff_t end = rse_str_find(text, '\n');
        struct rse_str line = end < 0 ? text : rse_str_n(text.p, (size_t)end);

        text = rse_str_from(text, end < 0 ? text.len : (size_t)end + 1);
        if (rse_str_ends(line, RSE_STR("\r")))
            line.len--;
        if (line.len > 0 && !add_line(lists, line, err)) {
            rse_err_object(err, "line %zu", number);
            return false;
        }
    }
    return true;
}

/* Each list is let go of as it goes over, so that not all is there twice. */
static bool join(struct lists *lists, struct rse_buf *out, struct rse_err *err)
{
    const char *comma = "";

    rse_buf_addc(out, '{');
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        struct rse_buf *list = &lists->of[noun];

        if (!rse_buf_ok(list, err))
            return false;
        if (list->len == 0)
            continue;
        rse_buf_addf(out, "%s\"%s\":[", comma, rse_noun_info(noun)->plural);
        rse_buf_add_str(out, rse_buf_str(list));
        rse_buf_addc(out, ']');
        rse_buf_release(list);
        comma = ",";
    }
    rse_buf_addc(out, '}');
    return rse_buf_ok(out, err);
}

bool inventory_ndjson_read(struct rse_str text, struct rse_buf *out, struct rse_err *err)
{
    RSE_CLEANUP(lists_release) struct lists lists = { 0 };

    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_buf_init(&lists.of[noun], out->limit);
    return add_lines(&lists, text, err) && join(&lists, out, err);
}
