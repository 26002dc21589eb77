/*
 * json.h - what the model's readers need to know about a cJSON tree besides cJSON's own functions.
 */
#ifndef RESEDGE_SRC_MODEL_JSON_H
#define RESEDGE_SRC_MODEL_JSON_H

#include <cjson/cJSON.h>

#include "resedge/model.h"

/* "a string", "a number", "null", ...: for errors. */
const char *json_kind(const cJSON *json);

/* The text of a string in a tree of rse_json_parse_in(), which leaves its length in valueint. */
static inline struct rse_str json_text(const cJSON *string)
{
    return rse_str_n(string->valuestring, (size_t)string->valueint);
}

/* A number as it was written, where that is known, else the shortest text that reads back as the same. */
void json_number_text(const cJSON *number, struct rse_buf *out);

/* Merges a patch over target (may be NULL), as RFC 7396, section 2, says. Takes target over and gives the result. */
cJSON *json_merge(cJSON *target, const cJSON *patch);

/* An integer, exactly: false for a fraction or what doesn't fit. */
bool json_int64(const cJSON *number, int64_t *out);

/* Reads an object of arrays item by item, as rse_json_parse() would read it, but without keeping it. */
struct json_walk {
    /* A member: its items come next (value NULL), or it is no array and this is all of it. */
    bool (*member)(void *arg, const char *key, const cJSON *value);
    /* text: where it stands. Both borrowed. */
    bool (*item)(void *arg, size_t index, struct rse_str text, const cJSON *json);
    /* Either returns false to end the reading, which is no failure. */
    void *arg;
};
bool json_walk_lists(struct rse_str text, const struct json_walk *walk, struct rse_err *err);

#endif
