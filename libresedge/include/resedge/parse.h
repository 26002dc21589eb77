/*
 * parse.h - checked readers for the small things that arrive as text: numbers, names, times.
 */
#ifndef RESEDGE_PARSE_H
#define RESEDGE_PARSE_H

#include "base.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Decimal, optional '-', nothing around it, min <= n <= max. On failure *out is untouched. */
RSE_API bool rse_parse_int64(struct rse_str s, int64_t min, int64_t max, int64_t *out) RSE_MUST;
/* A finite decimal number as JSON writes it. */
RSE_API bool rse_parse_double(struct rse_str s, double *out) RSE_MUST;
/* Only digits, at least one. */
RSE_API bool rse_is_digits(struct rse_str s);
/* A span of time: 250ms, 30s, 5m, 12h, 7d, or 0; result in milliseconds. */
RSE_API bool rse_parse_duration_ms(struct rse_str s, int64_t *out) RSE_MUST;
/* A size in bytes: 512, 64KiB, 10MiB, 2GiB. */
RSE_API bool rse_parse_size(struct rse_str s, int64_t *out) RSE_MUST;

/* RFC 1123 label: [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most 63 bytes. of_what: "a cluster's name"; the error
 * says which rule is broken. */
RSE_API bool rse_check_label(struct rse_str s, const char *of_what, struct rse_err *err) RSE_MUST;
/* A name that people read: UTF-8, 1 to longest bytes, no control or invisible characters, no space at either end, so that no two
 * look the same. of_what as above. */
RSE_API bool rse_check_name(struct rse_str s, size_t longest, const char *of_what, struct rse_err *err) RSE_MUST;
/* A group's name: such a name of at most 128 bytes, without '/'. */
RSE_API bool rse_check_group_name(struct rse_str s, struct rse_err *err) RSE_MUST;
/* A metadata key: [A-Za-z0-9_-]+, at most 63 bytes. */
RSE_API bool rse_check_key(struct rse_str s, struct rse_err *err) RSE_MUST;
/* UTF-8 without control or invisible characters, so that no two look the same but for spaces. of_what as above. */
RSE_API bool rse_check_visible(struct rse_str s, const char *of_what, struct rse_err *err) RSE_MUST;
/* A tag: UTF-8, 1 to 128 bytes, no control or invisible characters. */
RSE_API bool rse_check_tag(struct rse_str s, struct rse_err *err) RSE_MUST;
/* A path inside a repository: relative, '/' between segments, no empty segment, no '.', '..' or '.git' (any case),
 * no control or invisible characters, no backslash; at most 512 bytes. One leading '/' is taken off. *out points into s. */
RSE_API bool rse_check_path(struct rse_str s, struct rse_str *out, struct rse_err *err) RSE_MUST;
/* A version: SemVer 2.0.0 (semver.org), one leading 'v' allowed, "1" and "1.2" allowed as short forms. */
RSE_API bool rse_check_version(struct rse_str s, struct rse_err *err) RSE_MUST;
/* SemVer precedence: <0, 0, >0. Both have passed rse_check_version. */
RSE_API int rse_version_cmp(struct rse_str a, struct rse_str b);
/* An IANA time zone: present in the system's tzdata. */
RSE_API bool rse_check_time_zone(struct rse_str s, struct rse_err *err) RSE_MUST;

/* As 16 lower-case hexadecimal digits. */
#define RSE_HEX64_SIZE 17
RSE_API void rse_format_hex64(uint64_t n, char out[RSE_HEX64_SIZE]);

/* RFC 3339 in UTC with milliseconds, "2026-02-03T04:05:06.789Z"; ms since the epoch. */
#define RSE_TIME_SIZE 32
RSE_API void rse_format_time(int64_t ms, char out[RSE_TIME_SIZE]);
/* RFC 3339 with any offset; what is finer than a millisecond is dropped. */
RSE_API bool rse_parse_time(struct rse_str s, int64_t *ms) RSE_MUST;

#ifdef __cplusplus
}
#endif

#endif
