/*
 * audit.h - who did what when, before and after: the log of changes and that of acts, read backwards.
 */
#ifndef API_STORE_AUDIT_H
#define API_STORE_AUDIT_H

#include "api-server/store/change.h"

/* Each may be NULL: any. */
struct audit_filter {
    const char *actor, *noun, *id; /* id: digits */
    const char *from, *to;         /* RFC 3339: at or after, and before */
    const char *revision;          /* digits */
    bool with_access;              /* also what was done to tokens and sessions */
};

/* Borrowed for the call. */
struct audit_row {
    int64_t revision, seq, id;
    struct rse_str at, actor, reason, confirm, noun, before, after; /* p NULL: none */
    struct rse_str op;                                              /* of an act; p NULL: a change */
};

struct audit_reader {
    void (*row)(void *arg, const struct audit_row *row);
    void (*done)(void *arg, const struct rse_err *err);
    void *arg;
};

/* At most `limit` of them before the cursor, the newest first. Strings are copied; the reader stays where it is until done. */
void store_audit_read(struct db *db, const struct audit_filter *filter, struct change_cursor before, int limit,
                      struct audit_reader *reader);

#endif
