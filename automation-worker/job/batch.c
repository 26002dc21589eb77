#include "automation-worker/job/batch.h"

#include <stdlib.h>

enum { AHEAD = 16, RECENT = 2048 };

#define MAX_BYTES ((size_t)1 << 40) /* files have bounds of their own */

void batch_init(struct batch *batch)
{
    *batch = (struct batch){ .wished = NULL };
    rse_buf_init(&batch->bytes, MAX_BYTES);
    rse_buf_init(&batch->streams, MAX_BYTES);
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
    rse_buf_reset(&batch->streams);
    batch->nmade = batch->nhashed = batch->nspans = 0;
    batch->files = batch->bytes_rendered = batch->hash_us = 0;
    batch->failed = false;
}

void batch_release(struct batch *batch)
{
    batch_end(batch);
    rse_buf_release(&batch->bytes);
    rse_buf_release(&batch->streams);
    free(batch->made);
    free(batch->spans);
    free(batch->to_hash);
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
    if (batch->nhashed > mark.made)
        batch->nhashed = mark.made;
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

bool batch_put(struct batch *batch, git_object_t type, struct rse_str bytes, uint64_t group,
               const struct rse_spans *spans, uint32_t *number, struct rse_err *err)
{
    struct made *made = push(batch, type, number);

    made->len = bytes.len;
    made->group = group;
    made->nspans = spans != NULL ? spans->count : 0;
    if (spans != NULL)
        keep_spans(batch, spans);
    rse_buf_add_str(&batch->bytes, bytes);
    return rse_buf_ok(&batch->bytes, err);
}

bool batch_hash(struct batch *batch, struct rse_err *err)
{
    batch->nto_hash = 0;
    for (size_t i = batch->nhashed; i < batch->nmade; i++) {
        struct made *made = &batch->made[i];

        if (made->bytes != NULL)
            continue;
        RSE_GROW(batch->to_hash, batch->nto_hash, batch->to_hash_cap);
        batch->to_hash[batch->nto_hash++] =
            (struct to_hash){ made->type, rse_str_n(batch->bytes.p + made->at, made->len), &made->id };
    }
    batch->nhashed = batch->nmade;
    return object_hash_all(batch->to_hash, batch->nto_hash, err);
}

bool batch_make(struct batch *batch, git_object_t type, struct rse_str bytes, uint64_t group,
                const struct rse_spans *spans, uint32_t *number, struct rse_err *err)
{
    return batch_put(batch, type, bytes, group, spans, number, err) && batch_hash(batch, err);
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

static struct new_object object_of(const struct batch *batch, const struct made *made)
{
    const char *bytes = made->bytes != NULL ? made->bytes : batch->bytes.p + made->at;
    struct new_object object = { .type = made->type, .id = made->id, .group = made->group };

    object.side.bytes = rse_str_n(bytes, made->len);
    object.side.spans = made->nspans > 0 ? batch->spans + made->span : NULL;
    object.side.count = made->nspans;
    return object;
}

/* ---- encoding ---- */

struct batch_encoder {
    struct encoder *encoder;
    git_oid recent[RECENT]; /* encoded lately, by their first bytes: many folders of many clusters are alike */
};

struct batch_encoder *batch_encoder_new(void)
{
    struct batch_encoder *encoder = rse_new(struct batch_encoder);

    encoder->encoder = encoder_new();
    return encoder;
}

void batch_encoder_free(struct batch_encoder *encoder)
{
    if (encoder == NULL)
        return;
    encoder_free(encoder->encoder);
    free(encoder);
}

/* The writer has it already when it comes to this batch, and if not, encodes it itself. */
static bool was_recent(struct batch_encoder *encoder, const git_oid *id)
{
    git_oid *recent = &encoder->recent[(id->id[0] << 8 | id->id[1]) % RECENT];

    if (git_oid_equal(recent, id))
        return true;
    *recent = *id;
    return false;
}

bool batch_encode(struct batch *batch, struct batch_encoder *encoder, const struct objects *into, struct rse_err *err)
{
    for (size_t i = 0; i < batch->nmade; i++) {
        struct made *made = &batch->made[i];
        const struct sibling *sibling;

        if (!made->needed || made->group == 0 || was_recent(encoder, &made->id))
            continue;
        if ((sibling = objects_sibling(into, made->group)) == NULL)
            continue;
        struct new_object object = object_of(batch, made);
        if (!encoder_add(encoder->encoder, &object, sibling, &batch->streams, &made->encoded, err))
            return false;
        made->is_encoded = true;
    }
    return true;
}

/* ---- storing ---- */

static bool store(const struct batch *batch, const struct made *made, struct objects *into, struct rse_err *err)
{
    if (!made->is_encoded) {
        struct new_object object = object_of(batch, made);

        return objects_add(into, &object, err);
    }
    struct rse_str stream = rse_str_n(batch->streams.p + made->encoded.at, made->encoded.len);
    return objects_add_encoded(into, &made->id, made->len, &made->encoded, stream, err);
}

bool batch_store(const struct batch *batch, struct objects *into, struct rse_err *err)
{
    for (size_t i = 0; i < batch->nmade; i++) {
        if (i + AHEAD < batch->nmade && batch->made[i + AHEAD].needed)
            objects_expect(into, &batch->made[i + AHEAD].id);
        if (batch->made[i].needed && !store(batch, &batch->made[i], into, err))
            return false;
    }
    return true;
}
