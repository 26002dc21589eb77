/*
 * lines.c - reads a stream of NDJSON, line by line.
 */
#include <cjson/cJSON.h>

#include "libresedge/src/client/private.h"
#include "resedge/model.h"

enum { LINE_MAX_BYTES = 16 * 1024 * 1024 };

struct lines {
    bool (*line)(void *arg, const struct cJSON *json, struct rse_err *err);
    void *arg;
    struct rse_arena *arena; /* of the line at hand */
    struct rse_buf part;     /* the beginning of a line whose end has not come */
    size_t count;
    struct rse_err *err;
};

static bool take_line(struct lines *l, struct rse_str text)
{
    struct rse_err why = RSE_ERR_INIT;
    const struct cJSON *json;

    l->count++;
    if (text.len > 0 && text.p[text.len - 1] == '\r')
        text.len--;
    if (text.len == 0)
        return true;
    rse_arena_reset(l->arena);
    if (!rse_json_parse_in(&json, text, l->arena, &why))
        return rse_fail(l->err, RSE_INTERNAL, "line %zu of the Data Service's answer can't be read: %s", l->count,
                        why.what);
    return l->line(l->arg, json, l->err);
}

static bool take_bytes(void *arg, struct rse_str bytes)
{
    struct lines *l = arg;
    const char *p = bytes.p, *past = bytes.p + bytes.len, *end;

    while ((end = memchr(p, '\n', (size_t)(past - p))) != NULL) {
        struct rse_str text = rse_str_n(p, (size_t)(end - p));

        if (l->part.len > 0) {
            rse_buf_add_str(&l->part, text);
            text = rse_buf_str(&l->part);
        }
        if (!rse_buf_ok(&l->part, l->err) || !take_line(l, text))
            return false;
        rse_buf_reset(&l->part);
        p = end + 1;
    }
    rse_buf_addn(&l->part, p, (size_t)(past - p));
    return rse_buf_ok(&l->part, l->err);
}

bool rse_client_lines(struct rse_client *client, const char *path,
                      bool (*line)(void *arg, const struct cJSON *json, struct rse_err *err), void *arg,
                      int64_t *revision, struct rse_err *err)
{
    RSE_CLEANUP(rse_answer_release) struct rse_answer answer;
    struct rse_err own = RSE_ERR_INIT; /* also where the caller wants none: it says whether a line failed */
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct lines lines = { .line = line, .arg = arg, .arena = arena, .err = err != NULL ? err : &own };
    struct rse_request request = {
        .method = "GET", .path = path, .accept = "application/x-ndjson", .sink = take_bytes, .sink_arg = &lines
    };

    rse_answer_init(&answer);
    rse_buf_init(&lines.part, LINE_MAX_BYTES);
    bool ok = rse_client_send(client, &request, &answer, lines.err) &&
              (lines.part.len == 0 || take_line(&lines, rse_buf_str(&lines.part)));

    rse_buf_release(&lines.part);
    if (ok && revision != NULL)
        *revision = answer.revision;
    return ok;
}
