/*
 * fuzz_inventory_ndjson.c - whatever bytes come, each line is an object of the inventory, or has faults; and the inventory is one JSON
 * object.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "api-server/handlers/inventory_ndjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_json(struct rse_str text, const struct inventory_lines *lines)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL, *list;

    must(rse_json_parse(&json, text, &err) && cJSON_IsObject(json));
    cJSON_ArrayForEach(list, json)
    {
        const struct rse_noun_info *info = rse_noun_find(rse_str(list->string));

        must(cJSON_IsArray(list) && (size_t)cJSON_GetArraySize(list) == lines->of[info->noun].count);
    }
    cJSON_Delete(json);
}

/* Each line is an object of the inventory, or has faults, or both. */
static void check_lines(const struct inventory_lines *lines, struct rse_str text)
{
    RSE_CLEANUP(rse_freep) bool *seen = rse_xcalloc(text.len + 2, sizeof(seen[0]));

    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (size_t i = 0; i < lines->of[noun].count; i++)
            seen[lines->of[noun].at[i]] = true;
    }
    for (size_t i = 0; i < lines->faults.count; i++) {
        must(lines->faults.at[i].line > 0 && lines->faults.at[i].what[0] != '\0');
        must(i == 0 || lines->faults.at[i].line >= lines->faults.at[i - 1].line);
        seen[lines->faults.at[i].line] = true;
    }
    for (size_t number = 1; text.len > 0 && !lines->faults.more; number++) {
        ptrdiff_t end = rse_str_find(text, '\n');
        struct rse_str line = end < 0 ? text : rse_str_n(text.p, (size_t)end);

        must(line.len == 0 || rse_str_is(line, "\r") || seen[number]);
        text = rse_str_from(text, end < 0 ? text.len : (size_t)end + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct inventory_lines lines = { .faults = { .arena = arena } };
    struct rse_str text = rse_str_n((const char *)data, size);
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 4 << 20);
    if (inventory_ndjson_read(text, &out, &lines, &err)) {
        check_json(rse_buf_str(&out), &lines);
        check_lines(&lines, text);
    } else {
        must(err.code == RSE_TOO_LARGE);
    }
    inventory_lines_release(&lines);
    return 0;
}
