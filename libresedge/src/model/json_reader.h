/*
 * json_reader.h - where the JSON reader stands in its text, and what its parts share.
 */
#ifndef RESEDGE_SRC_MODEL_JSON_READER_H
#define RESEDGE_SRC_MODEL_JSON_READER_H

#include "libresedge/src/model/json.h"
#include "resedge/arena.h"

struct json_reader {
    const char *start, *p, *end;
    unsigned depth;
    struct rse_arena *arena; /* where the tree goes; NULL: cJSON's memory */
    struct rse_err *err;
};

/* cJSON's memory comes from cJSON's allocator, and ends the process when it is out like all other small memory. */
void *json_must(void *p);

/* All fail, and tell line and column (both from 1, columns in characters). At byte `at`: it is no JSON. */
bool json_fail_at(struct json_reader *r, const char *at, const char *what);
/* It is JSON, but says what nothing can hold. */
bool json_fail_value(struct json_reader *r, const char *at, const char *what);
/* "expected X", and what is there instead. */
bool json_fail_expected(struct json_reader *r, const char *expected);

static inline void json_skip_space(struct json_reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

/* Moves over the character if it comes next. */
static inline bool json_take(struct json_reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* Memory for a text of so many bytes and a NUL, which is there already; drop: where it is not the arena's. */
char *json_new_text(struct json_reader *r, size_t len);
void json_drop_text(struct json_reader *r, char *text);
/* Reads a string from behind its opening quote. NULL on failure. A NUL stands at *end. */
char *json_read_string(struct json_reader *r, char **end);

#endif
