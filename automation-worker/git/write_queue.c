#include "automation-worker/git/write_queue.h"

#include <pthread.h>
#include <stdlib.h>

enum { WORTH_A_THREAD = 256 << 10 };

struct waiting {
    git_object_t type;
    git_oid id;
    size_t at, len; /* of the queue's bytes */
    struct encoded encoded;
};

/* Some in a row, which one thread encodes. */
struct share {
    struct write_queue *queue;
    struct encoder *encoder;
    size_t first, end;
    struct rse_buf out;
    bool ok;
    struct rse_err err;
};

struct write_queue {
    struct rse_buf bytes;
    struct waiting *waiting;
    size_t count, cap;
    struct share shares[2];
};

struct write_queue *write_queue_new(void)
{
    struct write_queue *queue = rse_new(struct write_queue);

    rse_buf_init(&queue->bytes, SIZE_MAX / 2);
    for (size_t i = 0; i < RSE_COUNT(queue->shares); i++) {
        queue->shares[i] = (struct share){ .queue = queue, .encoder = encoder_new() };
        rse_buf_init(&queue->shares[i].out, SIZE_MAX / 2);
    }
    return queue;
}

void write_queue_free(struct write_queue *queue)
{
    if (queue == NULL)
        return;
    for (size_t i = 0; i < RSE_COUNT(queue->shares); i++) {
        encoder_free(queue->shares[i].encoder);
        rse_buf_release(&queue->shares[i].out);
    }
    rse_buf_release(&queue->bytes);
    free(queue->waiting);
    free(queue);
}

void write_queue_add(struct write_queue *queue, git_object_t type, struct rse_str bytes, const git_oid *id)
{
    RSE_GROW(queue->waiting, queue->count, queue->cap);
    queue->waiting[queue->count++] =
        (struct waiting){ .type = type, .id = *id, .at = queue->bytes.len, .len = bytes.len };
    rse_buf_add_str(&queue->bytes, bytes);
}

size_t write_queue_bytes(const struct write_queue *queue)
{
    return queue->bytes.len;
}

static void *encode_share(void *arg)
{
    struct share *share = arg;
    struct write_queue *queue = share->queue;

    share->ok = true;
    rse_buf_reset(&share->out);
    for (size_t i = share->first; share->ok && i < share->end; i++) {
        struct waiting *waiting = &queue->waiting[i];
        struct new_object object = { .type = waiting->type, .id = waiting->id };

        object.side.bytes = rse_str_n(queue->bytes.p + waiting->at, waiting->len);
        share->ok = encoder_add(share->encoder, &object, NULL, &share->out, &waiting->encoded, &share->err);
    }
    return NULL;
}

/* Where half of the bytes are passed. */
static size_t find_middle(const struct write_queue *queue)
{
    size_t i = 0;

    while (i < queue->count && queue->waiting[i].at < queue->bytes.len / 2)
        i++;
    return i;
}

static void encode_all(struct write_queue *queue)
{
    struct share *own = &queue->shares[0], *other = &queue->shares[1];
    bool apart = queue->bytes.len >= WORTH_A_THREAD;
    pthread_t thread;

    own->first = 0;
    own->end = other->first = apart ? find_middle(queue) : queue->count;
    other->end = queue->count;
    apart = apart && pthread_create(&thread, NULL, encode_share, other) == 0;
    encode_share(own);
    if (apart)
        pthread_join(thread, NULL);
    else
        encode_share(other);
}

static bool give(const struct share *share, write_queue_sink *sink, void *arg, struct rse_err *err)
{
    if (!share->ok) {
        *err = share->err;
        return false;
    }
    for (size_t i = share->first; i < share->end; i++) {
        const struct waiting *waiting = &share->queue->waiting[i];
        const struct encoded *encoded = &waiting->encoded;

        if (!sink(arg, &waiting->id, encoded, rse_str_n(share->out.p + encoded->at, encoded->len), err))
            return false;
    }
    return true;
}

bool write_queue_flush(struct write_queue *queue, write_queue_sink *sink, void *arg, struct rse_err *err)
{
    if (!rse_buf_ok(&queue->bytes, err))
        return false;
    encode_all(queue);
    bool ok = give(&queue->shares[0], sink, arg, err) && give(&queue->shares[1], sink, arg, err);
    queue->count = 0;
    rse_buf_reset(&queue->bytes);
    return ok;
}
