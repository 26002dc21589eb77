/*
 * hash.c - SipHash-1-3 with a seed of this process, so that a stranger who chooses the keys can't choose collisions.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "resedge/map.h"

struct sip {
    uint64_t a, b, c, d;
};

static uint64_t seed[2];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void make_seed(void)
{
    /* Up to 256 bytes come whole or not at all; a kernel without a random source is no place to serve from. */
    if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        abort();
}

static inline uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static inline void sip_round(struct sip *s)
{
    s->a += s->b;
    s->b = rotate(s->b, 13) ^ s->a;
    s->a = rotate(s->a, 32);
    s->c += s->d;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = rotate(s->b, 17) ^ s->c;
    s->c = rotate(s->c, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->d ^= word;
    sip_round(s);
    s->a ^= word;
}

uint64_t rse_hash(const void *p, size_t len)
{
    const unsigned char *bytes = p;

    pthread_once(&seeded, make_seed);
    struct sip s = { seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d, seed[0] ^ 0x6c7967656e657261,
                     seed[1] ^ 0x7465646279746573 };
    size_t whole = len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, 8);
        sip_word(&s, word);
    }
    uint64_t last = 0;
    if (len > whole)
        memcpy(&last, bytes + whole, len - whole);
    sip_word(&s, last ^ (uint64_t)len << 56);
    s.c ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}
