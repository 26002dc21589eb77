/*
 * arena.c - blocks that are filled from the front and freed together.
 *
 * A block is small at first, so that an arena per request costs little, and the next is twice as large. What does not
 * fit well gets a block of its own, which goes behind the current one, so that its rest stays in use. With
 * RSE_ARENA_MALLOC everything gets a block of its own.
 */
#include "resedge/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 256 * 1024 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *);
    void *arg;
};

struct rse_arena {
    struct block *blocks; /* the first is the one being filled */
    struct deferred *deferred;
    size_t used;
    size_t next_size;
};

struct rse_arena *rse_arena_new(void)
{
    struct rse_arena *arena = rse_new(struct rse_arena);

    arena->next_size = FIRST_BLOCK;
    return arena;
}

/* One at a time, off the list before it runs: a deferred function may defer again. */
static void run_deferred(struct rse_arena *arena)
{
    while (arena->deferred != NULL) {
        struct deferred *latest = arena->deferred;
        arena->deferred = latest->next;
        latest->fn(latest->arg);
    }
}

static void free_blocks(struct block *blocks)
{
    for (struct block *block = blocks, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
}

void rse_arena_free(struct rse_arena *arena)
{
    if (arena == NULL)
        return;
    run_deferred(arena);
    free_blocks(arena->blocks);
    free(arena);
}

static bool may_be_kept(const struct block *block)
{
#ifdef RSE_ARENA_MALLOC
    (void)block;
    return false;
#else
    return block != NULL && block->size <= LARGEST_BLOCK;
#endif
}

void rse_arena_reset(struct rse_arena *arena)
{
    struct block *kept;

    run_deferred(arena);
    kept = may_be_kept(arena->blocks) ? arena->blocks : NULL;
    free_blocks(kept != NULL ? RSE_TAKE(kept->next) : arena->blocks);
    if (kept != NULL)
        kept->used = 0;
    arena->blocks = kept;
    arena->used = 0;
}

void rse_arena_freep(struct rse_arena **arena)
{
    rse_arena_free(RSE_TAKE(*arena));
}

static struct block *block_new(size_t size)
{
    size_t total = 0;

    /* A total that overflows becomes one that no allocator has. */
    if (__builtin_add_overflow(sizeof(struct block), size, &total))
        total = SIZE_MAX;
    struct block *block = rse_xmalloc(total);
    block->next = NULL;
    block->used = 0;
    block->size = size;
    return block;
}

static void *own_block(struct rse_arena *arena, size_t size)
{
    struct block *block = block_new(size);
    struct block **place = arena->blocks == NULL ? &arena->blocks : &arena->blocks->next;

    block->used = size;
    block->next = *place;
    *place = block;
    return block->bytes;
}

static void *from_current(struct rse_arena *arena, size_t size)
{
    struct block *block = arena->blocks;

    if (block == NULL || size > block->size - block->used) {
        block = block_new(arena->next_size);
        block->next = arena->blocks;
        arena->blocks = block;
        if (arena->next_size < LARGEST_BLOCK)
            arena->next_size *= 2;
    }
    void *p = block->bytes + block->used;
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    block->used = rounded < block->size - block->used ? block->used + rounded : block->size;
    return p;
}

static bool deserves_own_block(const struct rse_arena *arena, size_t size)
{
#ifdef RSE_ARENA_MALLOC
    (void)arena;
    (void)size;
    return true;
#else
    const struct block *block = arena->blocks;
    bool fits = block != NULL && size <= block->size - block->used;

    return !fits && size > arena->next_size / 4;
#endif
}

void *rse_arena_take(struct rse_arena *arena, size_t size)
{
    arena->used += size;
    return deserves_own_block(arena, size) ? own_block(arena, size) : from_current(arena, size);
}

void *rse_arena_alloc(struct rse_arena *arena, size_t size)
{
    return memset(rse_arena_take(arena, size), 0, size);
}

void *rse_arena_calloc(struct rse_arena *arena, size_t count, size_t size)
{
    size_t total = 0;

    if (__builtin_mul_overflow(count, size, &total))
        total = SIZE_MAX;
    return rse_arena_alloc(arena, total);
}

struct rse_str rse_arena_str(struct rse_arena *arena, struct rse_str s)
{
    char *copy = rse_arena_take(arena, s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.p, s.len);
    copy[s.len] = '\0';
    return rse_str_n(copy, s.len);
}

char *rse_arena_strdup(struct rse_arena *arena, const char *text)
{
    return rse_arena_memdup(arena, text, strlen(text) + 1);
}

void *rse_arena_memdup(struct rse_arena *arena, const void *p, size_t len)
{
    void *copy = rse_arena_take(arena, len);

    if (len > 0)
        memcpy(copy, p, len);
    return copy;
}

char *rse_arena_vprintf(struct rse_arena *arena, const char *fmt, va_list ap)
{
    va_list again;

    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    /* Only a text past INT_MAX or a broken wide character gets here: nothing that our own formats hold. */
    size_t size = len < 0 ? 1 : (size_t)len + 1;
    char *text = rse_arena_take(arena, size);
    if (len < 0)
        text[0] = '\0';
    else
        vsnprintf(text, size, fmt, again);
    va_end(again);
    return text;
}

char *rse_arena_printf(struct rse_arena *arena, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *text = rse_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return text;
}

void rse_arena_defer(struct rse_arena *arena, void (*fn)(void *), void *arg)
{
    struct deferred *latest = rse_arena_take(arena, sizeof(*latest));

    *latest = (struct deferred){ .next = arena->deferred, .fn = fn, .arg = arg };
    arena->deferred = latest;
}

size_t rse_arena_used(const struct rse_arena *arena)
{
    return arena->used;
}
