/*
 * log.h - structured logging: one line per event, JSON for machines, text on a terminal.
 *
 *     rse_log(RSE_LOG_INFO, "job committed", RSE_LOG_INT("job", job->id), RSE_LOG_STR("commit", hex));
 *
 * Library code returns errors; the program that decides what happens next logs them, once. Values are escaped, so
 * no input can forge a line. Never pass a secret. Thread-safe: a line is one write(2).
 */
#ifndef RESEDGE_LOG_H
#define RESEDGE_LOG_H

#include "base.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum rse_log_level { RSE_LOG_DEBUG, RSE_LOG_INFO, RSE_LOG_WARN, RSE_LOG_ERROR, RSE_LOG_OFF };
enum rse_log_format { RSE_LOG_AUTO, RSE_LOG_JSON, RSE_LOG_TEXT }; /* AUTO: text when fd is a terminal */

enum rse_log_kind {
    RSE_LOG_KIND_END,
    RSE_LOG_KIND_STR,
    RSE_LOG_KIND_INT,
    RSE_LOG_KIND_DOUBLE,
    RSE_LOG_KIND_BOOL,
    RSE_LOG_KIND_ERR
};

struct rse_log_field {
    const char *name; /* of letters: it is not escaped */
    enum rse_log_kind kind;
    struct rse_str text;
    int64_t number;
    double real;
    const struct rse_err *err;
};

#define RSE_LOG_STR(n, v)    ((struct rse_log_field){ .name = (n), .kind = RSE_LOG_KIND_STR, .text = rse_str(v) })
#define RSE_LOG_BYTES(n, v)  ((struct rse_log_field){ .name = (n), .kind = RSE_LOG_KIND_STR, .text = (v) })
#define RSE_LOG_INT(n, v)    ((struct rse_log_field){ .name = (n), .kind = RSE_LOG_KIND_INT, .number = (int64_t)(v) })
#define RSE_LOG_DOUBLE(n, v) ((struct rse_log_field){ .name = (n), .kind = RSE_LOG_KIND_DOUBLE, .real = (v) })
#define RSE_LOG_BOOL(n, v)   ((struct rse_log_field){ .name = (n), .kind = RSE_LOG_KIND_BOOL, .number = (v) ? 1 : 0 })
/* The members of an error: code, error (what), object, field, hint. */
#define RSE_LOG_ERR(e) ((struct rse_log_field){ .name = "error", .kind = RSE_LOG_KIND_ERR, .err = (e) })

/* program: "resedge-api"; fd: usually 2. Call once, before threads start. */
RSE_API void rse_log_init(const char *program, int fd, enum rse_log_format format, enum rse_log_level level);
RSE_API void rse_log_set_level(enum rse_log_level level);
RSE_API bool rse_log_enabled(enum rse_log_level level);
RSE_API bool rse_log_level_parse(struct rse_str s, enum rse_log_level *out) RSE_MUST;
RSE_API bool rse_log_format_parse(struct rse_str s, enum rse_log_format *out) RSE_MUST;

/* What this thread is at: its lines say so too, from now on, unless they say it themselves. name NULL: nothing in particular;
 * else it stays the caller's. */
RSE_API void rse_log_about(const char *name, int64_t number);

/* From now on lines of this thread below a warning are kept, to be written together: kept(arg) is called for the first of them, and
 * has to see to it that rse_log_flush() is called soon, on this thread. What is more important is written at once, behind what was
 * kept. kept NULL: no more; what was kept is written. For programs with a loop, which may not care for a system call a line. */
RSE_API void rse_log_keep(void (*kept)(void *arg), void *arg);
RSE_API void rse_log_flush(void);

/* fields: ended by RSE_LOG_KIND_END; the macro adds it. */
RSE_API void rse_log_fields(enum rse_log_level level, const char *message, const struct rse_log_field *fields);
#define rse_log(level, message, ...)                                                                                  \
    do {                                                                                                              \
        if (rse_log_enabled(level))                                                                                   \
            rse_log_fields((level), (message),                                                                        \
                           (const struct rse_log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ .kind = RSE_LOG_KIND_END } }); \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
