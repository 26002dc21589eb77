/*
 * base.h - what every file of Res-Edge leans on: attributes, ownership macros, byte strings.
 *
 * Bytes that come from outside travel as struct rse_str (pointer and length, no NUL promised) until they are
 * validated. Memory: a small allocation that fails ends the process with a message (there is nothing sensible left
 * to do); sizes that a stranger chooses are bounded before anything is allocated.
 */
#ifndef RESEDGE_BASE_H
#define RESEDGE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RSE_API               __attribute__((visibility("default")))
#define RSE_MUST              __attribute__((warn_unused_result))
#define RSE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define RSE_UNUSED            __attribute__((unused))
#define RSE_NORETURN          __attribute__((noreturn))

/* Runs fn(&variable) when the variable leaves its scope. */
#define RSE_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands a pointer over: evaluates to it and leaves NULL behind, so that a cleanup finds nothing to do. */
#define RSE_TAKE(ptr)                      \
    __extension__({                        \
        __typeof__(ptr) rse_taken = (ptr); \
        (ptr) = NULL;                      \
        rse_taken;                         \
    })

#define RSE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Borrowed bytes: never freed through this struct. p may be NULL only when len is 0. */
struct rse_str {
    const char *p;
    size_t len;
};

#define RSE_STR(literal) ((struct rse_str){ "" literal "", sizeof(literal) - 1 })
#define RSE_STR_INIT(literal)              \
    {                                      \
        "" literal "", sizeof(literal) - 1 \
    }
/* For printf("%.*s"): int length first, then the pointer. */
#define RSE_STR_ARG(s) (int)(s).len, (s).p != NULL ? (s).p : ""

static inline struct rse_str rse_str(const char *text)
{
    return (struct rse_str){ text, text != NULL ? strlen(text) : 0 };
}

static inline struct rse_str rse_str_n(const char *p, size_t len)
{
    return (struct rse_str){ p, len };
}

static inline bool rse_str_eq(struct rse_str a, struct rse_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool rse_str_is(struct rse_str a, const char *text)
{
    return rse_str_eq(a, rse_str(text));
}

static inline bool rse_str_starts(struct rse_str a, struct rse_str prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.p, prefix.p, prefix.len) == 0);
}

static inline bool rse_str_ends(struct rse_str a, struct rse_str suffix)
{
    return a.len >= suffix.len && (suffix.len == 0 || memcmp(a.p + a.len - suffix.len, suffix.p, suffix.len) == 0);
}

/* The rest of a from byte `from` on; empty when that is past its end. */
static inline struct rse_str rse_str_from(struct rse_str a, size_t from)
{
    return from >= a.len ? rse_str_n(a.p != NULL ? a.p + a.len : NULL, 0) : rse_str_n(a.p + from, a.len - from);
}

/* Without the spaces and tabs around it. */
static inline struct rse_str rse_str_trimmed(struct rse_str a)
{
    while (a.len > 0 && (a.p[0] == ' ' || a.p[0] == '\t'))
        a = rse_str_from(a, 1);
    while (a.len > 0 && (a.p[a.len - 1] == ' ' || a.p[a.len - 1] == '\t'))
        a.len--;
    return a;
}

/* Orders by bytes, a shorter prefix first. <0, 0, >0 as memcmp. */
RSE_API int rse_str_cmp(struct rse_str a, struct rse_str b);

/* The first place of byte c in a, or -1. */
RSE_API ptrdiff_t rse_str_find(struct rse_str a, char c);

/* Whether every byte sequence in s is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).
 * Where it is not, *bad_at (if given) is the byte offset of the first bad sequence. */
RSE_API bool rse_utf8_valid(struct rse_str s, size_t *bad_at);

/* Whether a text holds a control character (C0, DEL, C1) that is none of `but`, or what makes it look other than it is: line and
 * paragraph separators, bidirectional embeddings, overrides and isolates. *at is the byte offset of the first one, or of what is no
 * UTF-8, *cp its code point. */
RSE_API bool rse_utf8_find_control(struct rse_str s, const char *but, size_t *at, uint32_t *cp);

/* Allocation that ends the process when memory is out. The result is freed with free(). A size of 0 gives a
 * pointer that may be freed. rse_xcalloc zeroes and checks count * size for overflow. */
RSE_API void *rse_xmalloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));
RSE_API void *rse_xcalloc(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
RSE_API void *rse_xrealloc(void *p, size_t size) __attribute__((alloc_size(2), returns_nonnull));
RSE_API char *rse_xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
/* A NUL-terminated copy of s (a NUL inside s is kept and ends it early for C). */
RSE_API char *rse_xstrndup(struct rse_str s) __attribute__((malloc, returns_nonnull));

/* A zeroed object on the heap. */
#define rse_new(type) ((type *)rse_xcalloc(1, sizeof(type)))

/* Grows an array for one more element: capacity doubles; *cap counts elements. */
#define RSE_GROW(array, len, cap)                                          \
    do {                                                                   \
        if ((len) >= (cap)) {                                              \
            (array) = rse_grow_array((array), &(cap), sizeof((array)[0])); \
        }                                                                  \
    } while (0)
RSE_API void *rse_grow_array(void *array, size_t *cap, size_t element_size) __attribute__((returns_nonnull));

/* Frees *pp and leaves NULL: the cleanup function for plain heap memory. */
RSE_API void rse_freep(void *pp);

/* Compares secrets of equal length in time that does not depend on where they differ. */
RSE_API bool rse_secret_eq(const void *a, const void *b, size_t len);

/* The version of the library and of every program built with it, as "1.2.3". */
RSE_API const char *rse_version(void);

#ifdef __cplusplus
}
#endif

#endif
