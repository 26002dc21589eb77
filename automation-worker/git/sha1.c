#include "automation-worker/git/sha1.h"

#include <assert.h>
#include <endian.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

#define TARGET __attribute__((target("sha,ssse3,sse4.1")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { BLOCK = 64, PIECES = 3, LENGTH = 8 };

static bool ask_processor(void)
{
    const unsigned sha = 1U << 29;
    unsigned a, b = 0, c, d;

    return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha) != 0;
}

/* Asked once: a virtual machine's processor takes microseconds for the answer. */
bool sha1_is_here(void)
{
    enum { UNKNOWN, NO, YES };
    static atomic_int known;
    int answer = atomic_load_explicit(&known, memory_order_relaxed);

    if (answer == UNKNOWN) {
        answer = ask_processor() ? YES : NO;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == YES;
}

/* ---- blocks ---- */

struct state {
    __m128i abcd, e; /* a in the highest word; e in the highest, the others 0 */
};

/* One message on its way through the rounds of a block. */
struct rounds {
    __m128i abcd, before; /* before: abcd four rounds ago, which the next e comes from */
    __m128i w[4];         /* the message's last 16 words */
};

INLINE __m128i load_words(const uint8_t *p)
{
    const __m128i reverse = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);

    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), reverse);
}

INLINE __m128i next_words(const __m128i w[4], int i)
{
    __m128i some = _mm_xor_si128(_mm_sha1msg1_epu32(w[i & 3], w[(i + 1) & 3]), w[(i + 2) & 3]);

    return _mm_sha1msg2_epu32(some, w[(i + 3) & 3]);
}

/* Rounds 4 i to 4 i + 3. The instruction wants to know at compile time which of the four functions they take. */
INLINE void four_rounds(struct rounds *r, const struct state *s, const uint8_t *block, int i)
{
    __m128i before = r->abcd, e;

    r->w[i & 3] = i < 4 ? load_words(block + 16 * i) : next_words(r->w, i);
    e = i == 0 ? _mm_add_epi32(s->e, r->w[0]) : _mm_sha1nexte_epu32(r->before, r->w[i & 3]);
    if (i < 5)
        r->abcd = _mm_sha1rnds4_epu32(r->abcd, e, 0);
    else if (i < 10)
        r->abcd = _mm_sha1rnds4_epu32(r->abcd, e, 1);
    else if (i < 15)
        r->abcd = _mm_sha1rnds4_epu32(r->abcd, e, 2);
    else
        r->abcd = _mm_sha1rnds4_epu32(r->abcd, e, 3);
    r->before = before;
}

INLINE void add_rounds(struct state *s, const struct rounds *r)
{
    s->e = _mm_sha1nexte_epu32(r->before, s->e);
    s->abcd = _mm_add_epi32(s->abcd, r->abcd);
}

TARGET static void take_blocks(struct state *state, const uint8_t *block, size_t count)
{
    struct state s = *state;

    for (; count > 0; count--, block += BLOCK) {
        struct rounds r = { .abcd = s.abcd };

#pragma GCC unroll 20
        for (int i = 0; i < 20; i++)
            four_rounds(&r, &s, block, i);
        add_rounds(&s, &r);
    }
    *state = s;
}

TARGET static void take_blocks_of_two(struct state *one, const uint8_t *block, struct state *two, const uint8_t *other,
                                      size_t count)
{
    struct state s = *one, t = *two;

    for (; count > 0; count--, block += BLOCK, other += BLOCK) {
        struct rounds r = { .abcd = s.abcd }, q = { .abcd = t.abcd };

#pragma GCC unroll 20
        for (int i = 0; i < 20; i++) {
            four_rounds(&r, &s, block, i);
            four_rounds(&q, &t, other, i);
        }
        add_rounds(&s, &r);
        add_rounds(&t, &q);
    }
    *one = s;
    *two = t;
}

/* ---- messages ---- */

struct piece {
    const uint8_t *at;
    size_t blocks;
};

/* A message as blocks: the one that its head is in, those that stand in its bytes, and those with the padding. */
struct lane {
    struct state state;
    struct piece pieces[PIECES];
    size_t piece; /* that is next; PIECES: none is */
    uint8_t first[BLOCK], last[2 * BLOCK];
    uint8_t *sum;
};

static void skip_empty(struct lane *lane)
{
    while (lane->piece < PIECES && lane->pieces[lane->piece].blocks == 0)
        lane->piece++;
}

/* Whatever is left, a bit, zeros, and the length in bits: one block or two. */
static size_t write_last(struct lane *lane, size_t rest, uint64_t total)
{
    size_t blocks = rest + 1 + LENGTH <= BLOCK ? 1 : 2;
    uint64_t bits = htobe64(total * 8);

    lane->last[rest] = 0x80;
    memset(lane->last + rest + 1, 0, blocks * BLOCK - rest - 1);
    memcpy(lane->last + blocks * BLOCK - LENGTH, &bits, LENGTH);
    return blocks;
}

TARGET static void begin(struct lane *lane, const struct sha1_message *message)
{
    const uint8_t *bytes = (const uint8_t *)message->bytes.p;
    size_t len = message->bytes.len, head = message->head_len, total = head + len, used = 0, rest = head;
    uint8_t *start = total >= BLOCK ? lane->first : lane->last;

    assert(head <= SHA1_MAX_HEAD);
    memset(lane->pieces, 0, sizeof(lane->pieces));
    memcpy(start, message->head, head);
    if (total >= BLOCK) {
        used = BLOCK - head;
        memcpy(lane->first + head, bytes, used);
        lane->pieces[0] = (struct piece){ lane->first, 1 };
        lane->pieces[1] = (struct piece){ bytes + used, (len - used) / BLOCK };
        used += lane->pieces[1].blocks * BLOCK;
        rest = 0;
    }
    if (len > used)
        memcpy(lane->last + rest, bytes + used, len - used);
    lane->pieces[2] = (struct piece){ lane->last, write_last(lane, rest + len - used, total) };
    lane->piece = 0;
    skip_empty(lane);
    lane->sum = message->sum;
    lane->state.abcd = _mm_set_epi32(0x67452301, (int)0xefcdab89, (int)0x98badcfe, 0x10325476);
    lane->state.e = _mm_set_epi32((int)0xc3d2e1f0, 0, 0, 0);
}

TARGET static void end(const struct lane *lane)
{
    __m128i reverse = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    uint32_t e = htobe32((uint32_t)_mm_extract_epi32(lane->state.e, 3));

    _mm_storeu_si128((__m128i *)(void *)lane->sum, _mm_shuffle_epi8(lane->state.abcd, reverse));
    memcpy(lane->sum + 16, &e, sizeof(e));
}

static void pass(struct lane *lane, size_t blocks)
{
    struct piece *piece = &lane->pieces[lane->piece];

    piece->at += blocks * BLOCK;
    piece->blocks -= blocks;
    skip_empty(lane);
}

static void finish_alone(struct lane *lane)
{
    while (lane->piece < PIECES) {
        const struct piece *piece = &lane->pieces[lane->piece];

        take_blocks(&lane->state, piece->at, piece->blocks);
        pass(lane, piece->blocks);
    }
    end(lane);
}

/* As far as both have blocks in one stretch. */
static void go_on_together(struct lane *a, struct lane *b)
{
    const struct piece *x = &a->pieces[a->piece], *y = &b->pieces[b->piece];
    size_t blocks = x->blocks < y->blocks ? x->blocks : y->blocks;

    take_blocks_of_two(&a->state, x->at, &b->state, y->at, blocks);
    pass(a, blocks);
    pass(b, blocks);
}

void sha1_all(const struct sha1_message *messages, size_t count)
{
    struct lane lanes[2];
    size_t next = 2;

    if (count < 2) {
        for (size_t i = 0; i < count; i++) {
            begin(&lanes[0], &messages[i]);
            finish_alone(&lanes[0]);
        }
        return;
    }
    begin(&lanes[0], &messages[0]);
    begin(&lanes[1], &messages[1]);
    for (;;) {
        go_on_together(&lanes[0], &lanes[1]);
        for (int i = 0; i < 2; i++) {
            if (lanes[i].piece < PIECES)
                continue;
            end(&lanes[i]);
            if (next == count) {
                finish_alone(&lanes[!i]);
                return;
            }
            begin(&lanes[i], &messages[next++]);
        }
    }
}

#else

bool sha1_is_here(void)
{
    return false;
}

void sha1_all(const struct sha1_message *messages, size_t count)
{
    (void)messages, (void)count;
    assert(false);
}

#endif
