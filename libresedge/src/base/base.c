/*
 * base.c - allocation that does not fail, byte strings, secrets, the version.
 */
#include "resedge/base.h"

#include <stdlib.h>
#include <unistd.h>

int rse_str_cmp(struct rse_str a, struct rse_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.p, b.p, common);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t rse_str_find(struct rse_str a, char c)
{
    const char *at = a.len == 0 ? NULL : memchr(a.p, c, a.len);

    return at == NULL ? -1 : at - a.p;
}

/* Nothing here may allocate, so no stdio. */
static RSE_NORETURN void out_of_memory(void)
{
    static const char message[] = "out of memory\n";

    if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
        abort();
    abort();
}

void *rse_xmalloc(size_t size)
{
    void *p = malloc(size > 0 ? size : 1);

    if (p == NULL)
        out_of_memory();
    return p;
}

void *rse_xcalloc(size_t count, size_t size)
{
    void *p = count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);

    if (p == NULL)
        out_of_memory();
    return p;
}

void *rse_xrealloc(void *p, size_t size)
{
    void *moved = realloc(p, size > 0 ? size : 1);

    if (moved == NULL)
        out_of_memory();
    return moved;
}

char *rse_xstrdup(const char *text)
{
    return rse_xstrndup(rse_str(text));
}

char *rse_xstrndup(struct rse_str s)
{
    size_t size = 0;

    if (__builtin_add_overflow(s.len, 1, &size))
        out_of_memory();
    char *copy = rse_xmalloc(size);
    if (s.len > 0)
        memcpy(copy, s.p, s.len);
    copy[s.len] = '\0';
    return copy;
}

void *rse_grow_array(void *array, size_t *cap, size_t element_size)
{
    size_t grown = 8;
    size_t size = 0;

    if (*cap > 0 && __builtin_mul_overflow(*cap, 2, &grown))
        out_of_memory();
    if (__builtin_mul_overflow(grown, element_size, &size))
        out_of_memory();
    array = rse_xrealloc(array, size);
    *cap = grown;
    return array;
}

void rse_freep(void *pp)
{
    void *p = NULL;

    /* By memcpy: pp is the address of a pointer of any type. */
    memcpy(&p, pp, sizeof(p));
    free(p);
    p = NULL;
    memcpy(pp, &p, sizeof(p));
}

bool rse_secret_eq(const void *a, const void *b, size_t len)
{
    const volatile unsigned char *x = a;
    const volatile unsigned char *y = b;
    unsigned char difference = 0;

    for (size_t i = 0; i < len; i++)
        difference |= x[i] ^ y[i];
    return difference == 0;
}

const char *rse_version(void)
{
    return RSE_VERSION;
}
