/*
 * write_queue.h - whole objects that wait to be encoded, many at once, on two threads.
 *
 * When a change reaches all shards of a target, their trees come one after the other at the end of a job, and nothing
 * else is left to do by then: megabytes to compress, of which half can be somebody else's.
 */
#ifndef WORKER_GIT_WRITE_QUEUE_H
#define WORKER_GIT_WRITE_QUEUE_H

#include "automation-worker/git/encode.h"

struct write_queue;

struct write_queue *write_queue_new(void);
void write_queue_free(struct write_queue *queue);

/* Copies. */
void write_queue_add(struct write_queue *queue, git_object_t type, struct rse_str bytes, const git_oid *id);
size_t write_queue_bytes(const struct write_queue *queue);

typedef bool write_queue_sink(void *arg, const git_oid *id, const struct encoded *encoded, struct rse_str stream,
                              struct rse_err *err);
/* Encodes what waits, and gives it to the sink in the order in which it came, on this thread. Then it is empty. */
bool write_queue_flush(struct write_queue *queue, write_queue_sink *sink, void *arg, struct rse_err *err) RSE_MUST;

#endif
