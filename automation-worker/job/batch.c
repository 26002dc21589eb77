#include "batch.h"

#include <stdlib.h>

enum { AHEAD = 16 };

#define MAX_BYTES ((size_t)1 << 40) /* files have bounds of their own */

void batch_init(struct batch *batch)
{
    *batch = (struct batch){ .wished = NULL };
    rse_buf_init(&batch->bytes, MAX_BYTES);
}

void batch_begin(struct batch *batch, const struct wished *wished, size_t count)
{
    batch_end(batch);
    batch->wished = wished;
    batch->count = count;
    batch->arena = rse_arena_new();
    batch->summary = summary_new();
    batch->built = rse_arena_calloc(batch->arena, count, sizeof(*batch->built));
}

void batch_end(struct batch *batch)
{
    rse_arena_free(RSE_TAKE(batch->arena));
    summary_free(RSE_TAKE(batch->summary));
    rse_buf_reset(&batch->bytes);
    batch->nmade = batch->nspans = 0;
    batch->files = 0;
    batch->failed = false;
}

void batch_release(struct batch *batch)
{
    batch_end(batch);
    rse_buf_release(&batch->bytes);
    free(batch->made);
    free(batch->spans);
    *batch = (struct batch){ .wished = NULL };
}

struct batch_mark batch_mark(const struct batch *batch)
{
    return (struct batch_mark){ .bytes = batch->bytes.len, .made = batch->nmade, .spans = batch->nspans };
}

void batch_return(struct batch *batch, struct batch_mark mark)
{
    rse_buf_truncate(&batch->bytes, mark.bytes);
    batch->nmade = mark.made;
    batch->nspans = mark.spans;
}

static struct made *push(struct batch *batch, git_object_t type, uint32_t *number)
{
    RSE_GROW(batch->made, batch->nmade, batch->made_cap);
    *number = (uint32_t)batch->nmade;
    struct made *made = &batch->made[batch->nmade++];
    *made = (struct made){ .type = type, .at = batch->bytes.len, .span = batch->nspans };
    return made;
}

static void keep_spans(struct batch *batch, const struct rse_spans *spans)
{
    for (size_t i = 0; i < spans->count; i++) {
        RSE_GROW(batch->spans, batch->nspans, batch->spans_cap);
        batch->spans[batch->nspans++] = spans->at[i];
    }
}

bool batch_make(struct batch *batch, git_object_t type, struct rse_str bytes, uint64_t group,
                const struct rse_spans *spans, uint32_t *number, struct rse_err *err)
{
    struct made *made = push(batch, type, number);

    made->len = bytes.len;
    made->group = group;
    made->nspans = spans != NULL ? spans->count : 0;
    if (spans != NULL)
        keep_spans(batch, spans);
    rse_buf_add_str(&batch->bytes, bytes);
    return rse_buf_ok(&batch->bytes, err) && object_hash(type, bytes, &made->id, err);
}

uint32_t batch_share(struct batch *batch, struct rse_str bytes, const git_oid *id)
{
    uint32_t number;
    struct made *made = push(batch, GIT_OBJECT_BLOB, &number);

    made->bytes = bytes.p != NULL ? bytes.p : "";
    made->len = bytes.len;
    made->id = *id;
    return number;
}

bool batch_store(const struct batch *batch, struct objects *into, struct rse_err *err)
{
    for (size_t i = 0; i < batch->nmade; i++) {
        const struct made *made = &batch->made[i];
        const char *bytes = made->bytes != NULL ? made->bytes : batch->bytes.p + made->at;
        struct new_object object = { .type = made->type, .id = made->id, .group = made->group };

        object.side.bytes = rse_str_n(bytes, made->len);
        object.side.spans = made->nspans > 0 ? batch->spans + made->span : NULL;
        object.side.count = made->nspans;
        if (i + AHEAD < batch->nmade && batch->made[i + AHEAD].needed)
            objects_expect(into, &batch->made[i + AHEAD].id);
        if (made->needed && !objects_add(into, &object, err))
            return false;
    }
    return true;
}
