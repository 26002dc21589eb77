/*
 * err.h - what failed, on which object, where, and what to do about it.
 *
 * A function that can fail returns bool and takes a struct rse_err * last. The deepest layer says what failed
 * (`what`), its callers add on which object and a hint; nobody overwrites what is there already. Failing needs no
 * memory. The code decides the HTTP status, the exit code of the CLI and whether a retry makes sense: one table.
 */
#ifndef RESEDGE_ERR_H
#define RESEDGE_ERR_H

#include "base.h"
#include "buf.h"

#ifdef __cplusplus
extern "C" {
#endif

enum rse_code {
    RSE_OK,
    RSE_INVALID,         /* the request itself is wrong: repeating it fails the same way */
    RSE_UNPROCESSABLE,   /* the same, of a body that could be read but says what can't be */
    RSE_UNAUTHENTICATED, /* no credential, or one that is not known */
    RSE_DENIED,          /* known, but not allowed */
    RSE_NOT_FOUND,
    RSE_CONFLICT, /* clashes with what is there: a taken name, a reference, an old fencing number */
    RSE_STALE,    /* the object changed since the caller read it (If-Match) */
    RSE_GONE,     /* it was there and is kept no longer */
    RSE_TOO_LARGE,
    RSE_TIMEOUT,     /* a deadline passed */
    RSE_UNAVAILABLE, /* something we lean on is away: retry */
    RSE_CONFIRM,     /* needs the caller to confirm a number before it is done */
    RSE_INTERNAL,    /* our fault */
    RSE_LIMITED,     /* too often: slow down, and try again later */
};

struct rse_faults;

struct rse_err {
    enum rse_code code;
    bool has_position;
    uint32_t position; /* byte offset in the text that was parsed (an expression, a filter), when has_position */
    uint32_t line;     /* from 1, of NDJSON and CSV (the field is a place in it) and of YAML; 0: none */
    uint32_t confirm;  /* of RSE_CONFIRM: the number to confirm, where it is known; else 0 */
    char what[320];    /* could not publish 14 files: the remote has newer commits */
    char object[200];  /* branch "main" of target "west" */
    char field[120];   /* JSON pointer into the body that was sent, e.g. /metadata/2/key; empty when none */
    char hint[240];    /* A whole sentence: what to do. */
    /* Where one body has several faults, this is the first. A server has them all, borrowed (see rse_faults); a client
     * has the others as text: "pointer: detail", one a line. */
    const struct rse_faults *faults;
    char others[640];
};

#define RSE_ERR_INIT   \
    {                  \
        .code = RSE_OK \
    }

/* Sets code and `what` and returns false, so that a function can end with `return rse_fail(...)`. `what` starts in
 * lower case and has no full stop. Does nothing when err is NULL or already holds an error. Bytes that are not
 * printable UTF-8 are replaced by '?', so that no input can forge a log line. What is too long ends with "...". */
RSE_API bool rse_fail(struct rse_err *err, enum rse_code code, const char *fmt, ...) RSE_PRINTF(3, 4);

/* As rse_fail, with the text of an errno value added after a colon. */
RSE_API bool rse_fail_errno(struct rse_err *err, enum rse_code code, int errnum, const char *fmt, ...) RSE_PRINTF(4, 5);

/* Each sets its part if it is still empty. */
RSE_API void rse_err_object(struct rse_err *err, const char *fmt, ...) RSE_PRINTF(2, 3);
RSE_API void rse_err_field(struct rse_err *err, const char *fmt, ...) RSE_PRINTF(2, 3);
RSE_API void rse_err_hint(struct rse_err *err, const char *fmt, ...) RSE_PRINTF(2, 3);
RSE_API void rse_err_position(struct rse_err *err, size_t position);
RSE_API void rse_err_confirm(struct rse_err *err, uint32_t number);

/* Puts a JSON pointer segment in front of the field: "/key" becomes "/metadata/2/key". What is too long ends at the place around. */
RSE_API void rse_err_field_within(struct rse_err *err, const char *fmt, ...) RSE_PRINTF(2, 3);
/* The same for a key that may hold any character: "a/b" becomes the segment "/a~1b". */
RSE_API void rse_err_field_within_key(struct rse_err *err, const char *key);

RSE_API void rse_err_clear(struct rse_err *err);

/* ---- all that is wrong with one body ---- */

struct rse_arena;
enum { RSE_FAULTS_MAX = 100 };

struct rse_faults {
    struct rse_arena *arena; /* holds the list: set by whoever makes one, all else zero */
    struct rse_err *at;
    size_t count, cap;
    bool more; /* than RSE_FAULTS_MAX: no use in looking further */
};

/* Moves an error, or all that it lists, to the end of the list; err is clear then. */
RSE_API void rse_faults_add(struct rse_faults *faults, struct rse_err *err);
/* Puts a segment in front of the fields of all faults from that index on. */
RSE_API void rse_faults_within(struct rse_faults *faults, size_t from, const char *fmt, ...) RSE_PRINTF(3, 4);
/* Whether one of them is of that place. */
RSE_API bool rse_faults_at(const struct rse_faults *faults, const char *field);
/* True when there are none; else err is the first one and lists all of them, as long as the list lives. */
RSE_API bool rse_faults_check(const struct rse_faults *faults, struct rse_err *err) RSE_MUST;

/* "invalid", "notFound", ...: stable, for machines. */
RSE_API const char *rse_code_name(enum rse_code code);
/* A few words for people; they may change. */
RSE_API const char *rse_code_title(enum rse_code code);
/* RSE_OK where no code has that name. */
RSE_API enum rse_code rse_code_from_name(struct rse_str name);
RSE_API int rse_code_http_status(enum rse_code code);
/* 2xx is RSE_OK. 409 is RSE_CONFLICT; only the `code` of a problem document tells it from RSE_CONFIRM. */
RSE_API enum rse_code rse_code_from_http_status(int status);
/* Exit status of a command: 1 not found, 2 usage (invalid), 3 refused, 4 unreachable or too late, 5 internal. */
RSE_API int rse_code_exit_status(enum rse_code code);
RSE_API bool rse_code_is_retryable(enum rse_code code);

/* One line for a log or a terminal: "what (object; line N; field; at N). Hint". */
RSE_API void rse_err_print(const struct rse_err *err, struct rse_buf *out);

/* application/problem+json (RFC 9457) with the members type, title, status, detail, code, and where known object,
 * line, field, position, hint, requestId; with a field also errors: [{"pointer", "line"?, "detail", "hint"?,
 * "position"?}], every fault of the body. `type` is "/problems/<code>". */
RSE_API void rse_err_problem(const struct rse_err *err, const char *request_id, struct rse_buf *out);

/* Reads a problem document that rse_err_problem (or another server) wrote. status is that of the HTTP answer and decides
 * the code where the document doesn't name one. Text that is no JSON becomes a plain error naming the status. */
RSE_API void rse_err_from_problem(struct rse_err *err, int status, struct rse_str body);

#ifdef __cplusplus
}
#endif

#endif
