/*
 * inventory_ndjson.c - see inventory_ndjson.h.
 */
#include <cjson/cJSON.h>
#include <resedge/suggest.h>

#include "api-server/handlers/body_members.h"
#include "api-server/handlers/inventory_ndjson.h"

/* The objects of each noun as they come: text with commas between. */
struct lists {
    struct rse_buf of[RSE_NOUN_COUNT];
    struct inventory_lines *lines;
    size_t number; /* of the line at hand */
};

static void lists_release(struct lists *lists)
{
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_buf_release(&lists->of[noun]);
}

static bool find_noun(const cJSON *name, enum rse_noun *out, struct rse_err *err)
{
    const struct rse_noun_info *info = cJSON_IsString(name) ? rse_noun_find(rse_str(name->valuestring)) : NULL;
    struct rse_suggestion s;

    if (info != NULL) {
        *out = info->noun;
        return true;
    }
    rse_err_field(err, "/noun");
    if (!cJSON_IsString(name))
        return rse_fail(err, RSE_UNPROCESSABLE, "a noun is needed: \"cluster\", \"group\", ...");
    rse_suggest_begin(&s, rse_str(name->valuestring));
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_suggest_offer(&s, rse_str(rse_noun_info(noun)->name));
    (void)rse_suggest_hint(&s, "\"", "\"", err);
    return rse_fail(err, RSE_UNPROCESSABLE, "there is no noun \"%s\"", name->valuestring);
}

static bool check_doc(const cJSON *doc, struct rse_err *err)
{
    if (cJSON_IsObject(doc))
        return true;
    rse_err_field(err, "/doc");
    return rse_fail(err, RSE_UNPROCESSABLE, "an object is needed");
}

/* What one member has wrong doesn't hide what others have. */
static void add_object(struct lists *lists, const cJSON *line, struct rse_faults *faults)
{
    static const char *const MEMBERS[] = { "noun", "doc", NULL };
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(line, "doc");
    struct rse_err err = RSE_ERR_INIT;
    bool ok;
    enum rse_noun noun = RSE_CLUSTER;
    struct rse_buf *list;

    body_check_members(line, MEMBERS, faults);
    ok = find_noun(cJSON_GetObjectItemCaseSensitive(line, "noun"), &noun, &err);
    if (!ok)
        rse_faults_add(faults, &err);
    if (!check_doc(doc, &err)) {
        rse_faults_add(faults, &err);
        ok = false;
    }
    if (!ok) {
        lists->lines->left_out = true;
        return;
    }
    list = &lists->of[noun];
    rse_buf_adds(list, list->len > 0 ? "," : "");
    rse_json_add(list, doc);
    inventory_lines_add(lists->lines, noun, lists->number);
}

static void add_line(struct lists *lists, struct rse_str text)
{
    struct rse_faults *faults = &lists->lines->faults;
    size_t before = faults->count;
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL;

    if (rse_json_parse(&json, text, &err) && !cJSON_IsObject(json))
        rse_fail(&err, RSE_UNPROCESSABLE, "expected {\"noun\": ..., \"doc\": {...}}");
    if (err.code == RSE_OK) {
        add_object(lists, json, faults);
    } else {
        lists->lines->left_out = true;
        rse_faults_add(faults, &err);
    }
    inventory_lines_number(lists->lines, before, lists->number);
    cJSON_Delete(json);
}

static void add_lines(struct lists *lists, struct rse_str text)
{
    while (text.len > 0 && !lists->lines->faults.more) {
        ptrdiff_t end = rse_str_find(text, '\n');
        struct rse_str line = end < 0 ? text : rse_str_n(text.p, (size_t)end);

        text = rse_str_from(text, end < 0 ? text.len : (size_t)end + 1);
        lists->number++;
        if (rse_str_ends(line, RSE_STR("\r")))
            line.len--;
        if (line.len > 0)
            add_line(lists, line);
    }
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

bool inventory_ndjson_read(struct rse_str text, struct rse_buf *out, struct inventory_lines *lines, struct rse_err *err)
{
    RSE_CLEANUP(lists_release) struct lists lists = { .lines = lines };

    lines->within = "/doc";
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_buf_init(&lists.of[noun], out->limit);
    add_lines(&lists, text);
    return join(&lists, out, err);
}
