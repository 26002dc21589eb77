/*
 * fuzz_json.c - whatever bytes come, rse_json_parse reads them or says where they are wrong; what it reads is what cJSON
 * reads, and reads the same again after it was printed.
 *
 * Build: clang -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ilibresedge/include -I. with libresedge.a.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "resedge/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_printed(const cJSON *json)
{
    struct rse_err err = RSE_ERR_INIT;
    char *text = cJSON_PrintUnformatted(json);
    cJSON *again = NULL;

    must(text != NULL && rse_json_parse(&again, rse_str(text), &err));
    must(cJSON_Compare(json, again, true));
    cJSON_Delete(again);
    cJSON_free(text);
}

/* In an arena it is the same. */
static void check_in_arena(struct rse_str text, const cJSON *json)
{
    struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    const cJSON *other = NULL;

    must(rse_json_parse_in(&other, text, arena, &err) == (json != NULL));
    must(json == NULL || cJSON_Compare(json, other, true));
    rse_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rse_str text = rse_str_n((const char *)data, size);
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL;

    if (!rse_json_parse(&json, text, &err)) {
        must(json == NULL && (err.code == RSE_INVALID || err.code == RSE_UNPROCESSABLE) && err.what[0] != '\0');
        must(!err.has_position || err.position <= size);
        check_in_arena(text, NULL);
        return 0;
    }
    /* cJSON 1.7.15 fails to skip a byte order mark before a text of one byte. */
    size_t mark = rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? 3 : 0;
    cJSON *other = cJSON_ParseWithLength(text.p + mark, text.len - mark);

    must(cJSON_Compare(json, other, true));
    check_printed(json);
    check_in_arena(text, json);
    cJSON_Delete(other);
    cJSON_Delete(json);
    return 0;
}
