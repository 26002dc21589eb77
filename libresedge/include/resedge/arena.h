/*
 * arena.h - memory that is freed at once: one arena per request, one per job.
 *
 * Allocate freely, free once. What outlives the arena is copied, visibly, at that point. Foreign memory is tied to it
 * with rse_arena_defer. With RSE_ARENA_MALLOC defined (the sanitizer builds) every allocation is its own
 * malloc, so that overruns and leaks show. Not thread-safe: one owner.
 */
#ifndef RESEDGE_ARENA_H
#define RESEDGE_ARENA_H

#include <stdarg.h>

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rse_arena;

RSE_API struct rse_arena *rse_arena_new(void);
/* Runs what was deferred, the latest first, then frees everything. NULL is fine. */
RSE_API void rse_arena_free(struct rse_arena *arena);
RSE_API void rse_arena_freep(struct rse_arena **arena);
/* As new, but for a block of memory that it keeps: for a loop whose turns need about as much each. */
RSE_API void rse_arena_reset(struct rse_arena *arena);
/* Zeroed, aligned for any type. */
RSE_API void *rse_arena_alloc(struct rse_arena *arena, size_t size) __attribute__((alloc_size(2), returns_nonnull));
RSE_API void *rse_arena_calloc(struct rse_arena *arena, size_t count, size_t size)
    __attribute__((alloc_size(2, 3), returns_nonnull));
/* The same, but not zeroed: for what is filled at once. */
RSE_API void *rse_arena_take(struct rse_arena *arena, size_t size) __attribute__((alloc_size(2), returns_nonnull));
#define rse_arena_new_of(arena, type) ((type *)rse_arena_alloc((arena), sizeof(type)))
/* Copies, NUL-terminated behind the last byte. */
RSE_API struct rse_str rse_arena_str(struct rse_arena *arena, struct rse_str s);
RSE_API char *rse_arena_strdup(struct rse_arena *arena, const char *text) __attribute__((returns_nonnull));
RSE_API void *rse_arena_memdup(struct rse_arena *arena, const void *p, size_t len) __attribute__((returns_nonnull));
RSE_API char *rse_arena_printf(struct rse_arena *arena, const char *fmt, ...) RSE_PRINTF(2, 3);
RSE_API char *rse_arena_vprintf(struct rse_arena *arena, const char *fmt, va_list ap) RSE_PRINTF(2, 0);
/* Calls fn(arg) when the arena is freed. */
RSE_API void rse_arena_defer(struct rse_arena *arena, void (*fn)(void *), void *arg);
/* Bytes handed out so far, for limits and tests. */
RSE_API size_t rse_arena_used(const struct rse_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
