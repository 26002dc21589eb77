/*
 * inventory_yaml.c - see inventory_yaml.h.
 */
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <resedge/yaml.h>

#include "api-server/handlers/inventory_yaml.h"

/* More than any inventory of ours has. */
enum { MAX_NODES = 4000000 };

/* YAML has ways to write numbers that JSON doesn't (007, +1, .5, 0x10). What is written matters in metadata alone, where numbers mean
 * their text. */
static void settle_numbers(cJSON *json, bool metadata)
{
    if (cJSON_IsNumber(json) && json->valuestring != NULL) {
        if (metadata) {
            json->type = cJSON_String | (json->type & ~0xff);
        } else {
            free(json->valuestring);
            json->valuestring = NULL;
        }
    }
    for (cJSON *child = json->child; child != NULL; child = child->next)
        settle_numbers(child, metadata || (child->string != NULL && strcmp(child->string, "metadata") == 0));
}

/* The reader would take other encodings too, which nothing else here does. */
static bool check_utf8(struct rse_str text, struct rse_err *err)
{
    size_t at;

    return rse_utf8_valid(text, &at) || rse_fail(err, RSE_UNPROCESSABLE, "the body is not valid UTF-8 at byte %zu", at);
}

bool inventory_yaml_read(struct rse_str text, struct rse_buf *out, struct rse_err *err)
{
    cJSON *json = check_utf8(text, err) ? rse_yaml_to_json(RSE_STR(""), text, MAX_NODES, err) : NULL;
    bool ok;

    if (json == NULL)
        return false;
    settle_numbers(json, false);
    ok = cJSON_IsObject(json) || rse_fail(err, RSE_UNPROCESSABLE, "an inventory is an object with lists of objects");
    if (ok)
        rse_json_add(out, json);
    cJSON_Delete(json);
    return ok && rse_buf_ok(out, err);
}
