/*
 * sha1.h - SHA-1 (FIPS 180-4) of many small messages, by the instructions that x86 processors have for it.
 *
 * Each round waits for the one before, so one message leaves most of the processor idle: two are hashed at a time, which
 * takes hardly longer than one. Where there are no such instructions, whoever asks uses OpenSSL. Any number of threads.
 */
#ifndef WORKER_GIT_SHA1_H
#define WORKER_GIT_SHA1_H

#include <resedge/base.h>

enum { SHA1_SIZE = 20, SHA1_MAX_HEAD = 32 };

struct sha1_message {
    char head[SHA1_MAX_HEAD]; /* comes before the bytes */
    size_t head_len;
    struct rse_str bytes;
    uint8_t *sum; /* SHA1_SIZE bytes */
};

/* Whether this processor has the instructions. */
bool sha1_is_here(void);
/* Only where it has. */
void sha1_all(const struct sha1_message *messages, size_t count);

#endif
