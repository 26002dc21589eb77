/*
 * fuzz_inventory_ndjson.c - whatever bytes come, they are lines of objects, or an error with its line; and what the lines say is one JSON
 * object with as many objects as there are lines.
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

static int count_lines(struct rse_str text)
{
    int count = 0;

    while (text.len > 0) {
        ptrdiff_t end = rse_str_find(text, '\n');
        struct rse_str line = end < 0 ? text : rse_str_n(text.p, (size_t)end);

        count += line.len > 0 && !rse_str_is(line, "\r");
        text = rse_str_from(text, end < 0 ? text.len : (size_t)end + 1);
    }
    return count;
}

static void check_json(struct rse_str text, int wanted)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL, *list;

    must(rse_json_parse(&json, text, &err) && cJSON_IsObject(json));
    cJSON_ArrayForEach(list, json)
    {
        must(cJSON_IsArray(list));
        wanted -= cJSON_GetArraySize(list);
    }
    must(wanted == 0);
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rse_str text = rse_str_n((const char *)data, size);
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 4 << 20);
    if (inventory_ndjson_read(text, &out, &err))
        check_json(rse_buf_str(&out), count_lines(text));
    else
        must(err.code != RSE_OK && err.what[0] != '\0' && (err.object[0] != '\0' || err.code == RSE_TOO_LARGE));
    return 0;
}
