/*
 * err.c - errors: one, or all that is wrong with one body.
 */
#include <stdio.h>

#include "libresedge/src/base/err_internal.h"
#include "libresedge/src/base/utf8.h"
#include "resedge/arena.h"

enum { FIELD_SIZE = sizeof(((struct rse_err *)NULL)->field) };

/* Replaces, in place, what is no printable UTF-8. The text never grows. */
static void make_printable(char *text)
{
    struct rse_str rest = rse_str(text);
    char *to = text;

    while (rest.len > 0) {
        uint32_t cp = 0;
        size_t step = rse_utf8_step(rest, &cp);
        if (step == 0 || rse_is_control(cp)) {
            *to++ = '?';
        } else {
            memmove(to, rest.p, step);
            to += step;
        }
        rest = rse_str_from(rest, step > 0 ? step : 1);
    }
    *to = '\0';
}

void err_cut_short(char *text, size_t size)
{
    size_t end = size - sizeof("...");

    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, "...", sizeof("..."));
}

RSE_PRINTF(3, 0)
static void fill(char *text, size_t size, const char *fmt, va_list ap)
{
    int len = vsnprintf(text, size, fmt, ap);

    if (len < 0)
        text[0] = '\0';
    else if ((size_t)len >= size)
        err_cut_short(text, size);
    make_printable(text);
}

/* A pointer that doesn't fit ends at the place around: half a segment would be none. False where it had to. */
RSE_PRINTF(2, 0)
static bool fill_pointer(char field[FIELD_SIZE], const char *fmt, va_list ap)
{
    int len = vsnprintf(field, FIELD_SIZE, fmt, ap);
    char *last = strrchr(field, '/');
    bool fits = len >= 0 && (size_t)len < FIELD_SIZE;

    if (!fits && last != NULL)
        *last = '\0';
    else if (!fits)
        err_cut_short(field, FIELD_SIZE);
    make_printable(field);
    return fits;
}

bool rse_fail(struct rse_err *err, enum rse_code code, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL || err->code != RSE_OK)
        return false;
    err->code = code;
    va_start(ap, fmt);
    fill(err->what, sizeof(err->what), fmt, ap);
    va_end(ap);
    return false;
}

bool rse_fail_errno(struct rse_err *err, enum rse_code code, int errnum, const char *fmt, ...)
{
    char text[sizeof(err->what)];
    char reason[128];
    va_list ap;

    va_start(ap, fmt);
    fill(text, sizeof(text), fmt, ap);
    va_end(ap);
    return rse_fail(err, code, "%s: %s", text, strerror_r(errnum, reason, sizeof(reason)));
}

#define SET_PART(err, part, fmt)                           \
    do {                                                   \
        va_list ap;                                        \
        if ((err) == NULL || (err)->part[0] != '\0')       \
            return;                                        \
        va_start(ap, fmt);                                 \
        fill((err)->part, sizeof((err)->part), (fmt), ap); \
        va_end(ap);                                        \
    } while (0)

void rse_err_object(struct rse_err *err, const char *fmt, ...)
{
    SET_PART(err, object, fmt);
}

void rse_err_field(struct rse_err *err, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL || err->field[0] != '\0')
        return;
    va_start(ap, fmt);
    (void)fill_pointer(err->field, fmt, ap);
    va_end(ap);
}

void rse_err_hint(struct rse_err *err, const char *fmt, ...)
{
    SET_PART(err, hint, fmt);
}

void rse_err_position(struct rse_err *err, size_t position)
{
    if (err == NULL || err->has_position)
        return;
    err->has_position = true;
    err->position = position < UINT32_MAX ? (uint32_t)position : UINT32_MAX;
}

/* fits: else `outer` ends further out than where the field is. */
static void put_within(struct rse_err *err, const char *outer, bool fits)
{
    char inner[FIELD_SIZE];

    memcpy(inner, fits ? err->field : "", fits ? sizeof(inner) : 1);
    err->field[0] = '\0';
    rse_err_field(err, "%s%s", outer, inner);
}

void rse_err_confirm(struct rse_err *err, uint32_t number)
{
    if (err != NULL && err->confirm == 0)
        err->confirm = number;
}

void rse_err_field_within(struct rse_err *err, const char *fmt, ...)
{
    char outer[FIELD_SIZE];
    bool fits;
    va_list ap;

    if (err == NULL)
        return;
    va_start(ap, fmt);
    fits = fill_pointer(outer, fmt, ap);
    va_end(ap);
    put_within(err, outer, fits);
}

void rse_err_field_within_key(struct rse_err *err, const char *key)
{
    RSE_BUF_AUTO segment = { 0 };

    rse_buf_init(&segment, 256);
    rse_buf_add_pointer_segment(&segment, rse_str(key));
    rse_err_field_within(err, "%s", segment.p != NULL ? segment.p : "/");
}

void rse_err_clear(struct rse_err *err)
{
    if (err != NULL)
        *err = (struct rse_err)RSE_ERR_INIT;
}

/* ---- several at once ---- */

static void keep_fault(struct rse_faults *faults, const struct rse_err *err)
{
    if (faults->count == RSE_FAULTS_MAX) {
        faults->more = true;
        return;
    }
    if (faults->count == faults->cap) {
        faults->cap = faults->cap > 0 ? 4 * faults->cap : 1;
        struct rse_err *at = rse_arena_calloc(faults->arena, faults->cap, sizeof(at[0]));

        if (faults->count > 0)
            memcpy(at, faults->at, faults->count * sizeof(at[0]));
        faults->at = at;
    }
    faults->at[faults->count] = *err;
    faults->at[faults->count++].faults = NULL;
}

void rse_faults_add(struct rse_faults *faults, struct rse_err *err)
{
    const struct rse_faults *listed = err->faults;

    for (size_t i = 0; listed != NULL && i < listed->count; i++) {
        struct rse_err one = listed->at[i];

        rse_err_object(&one, "%s", err->object);
        keep_fault(faults, &one);
    }
    if (listed == NULL)
        keep_fault(faults, err);
    else if (listed->more)
        faults->more = true;
    rse_err_clear(err);
}

void rse_faults_within(struct rse_faults *faults, size_t from, const char *fmt, ...)
{
    char segment[FIELD_SIZE];
    bool fits;
    va_list ap;

    va_start(ap, fmt);
    fits = fill_pointer(segment, fmt, ap);
    va_end(ap);
    for (size_t i = from; i < faults->count; i++)
        put_within(&faults->at[i], segment, fits);
}

bool rse_faults_at(const struct rse_faults *faults, const char *field)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->at[i].field, field) == 0)
            return true;
    }
    return false;
}

bool rse_faults_check(const struct rse_faults *faults, struct rse_err *err)
{
    if (faults->count == 0)
        return true;
    if (err != NULL && err->code == RSE_OK) {
        *err = faults->at[0];
        err->faults = faults;
    }
    return false;
}

void rse_err_print(const struct rse_err *err, struct rse_buf *out)
{
    const char *between = " (";

    rse_buf_adds(out, err->what[0] != '\0' ? err->what : rse_code_title(err->code));
    if (err->object[0] != '\0') {
        rse_buf_addf(out, "%s%s", between, err->object);
        between = "; ";
    }
    if (err->line > 0) {
        rse_buf_addf(out, "%sline %u", between, err->line);
        between = "; ";
    }
    if (err->field[0] != '\0') {
        rse_buf_addf(out, "%s%s", between, err->field);
        between = "; ";
    }
    if (err->has_position) {
        rse_buf_addf(out, "%sat %u", between, err->position);
        between = "; ";
    }
    if (between[0] == ';')
        rse_buf_addc(out, ')');
    if (err->hint[0] != '\0')
        rse_buf_addf(out, ". %s", err->hint);
}
