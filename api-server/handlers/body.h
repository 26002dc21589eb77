/*
 * body.h - members of a JSON body, read one after the other: what is wrong with each is collected with its place, and told at once.
 *
 *     body_open(&body, call, MEMBERS);
 *     worker = body_text(&body, "worker", 1, 100);
 *     lease_s = body_int(&body, "leaseSeconds", 1, 3600, "30");
 *     if (!body_check(&body, &call->err))
 *         return call_fail(call);
 *
 * What a reader returns of a member that is wrong, or of an object that isn't there, is empty, and good for nothing.
 */
#ifndef API_HANDLERS_BODY_H
#define API_HANDLERS_BODY_H

#include "api-server/http/call.h"

struct cJSON;

enum { REASON_MAX_BYTES = 1000 };

/* An object of the body: the whole, a member, or an item of an array. */
struct body {
    const struct cJSON *json; /* NULL: there is nothing to read */
    struct rse_arena *arena;
    struct rse_faults *faults;
    const struct body *outer; /* NULL: this is the whole */
    const char *name;         /* as a member of that */
    ptrdiff_t index;          /* in that array; -1: it is the member itself */
    uint32_t line;            /* of a body that comes line by line, from 1; else 0 */
};

/* The body as an object with no other members than these, NULL at their end. */
void body_open(struct body *out, struct call *call, const char *const *members);
/* An object on its own: a line of a body. Everything but `members` is borrowed until body_check(). */
void body_open_json(struct body *out, const struct cJSON *json, const char *const *members, struct rse_arena *arena,
                    struct rse_faults *faults, uint32_t line);
/* True when nothing is wrong; else err is the first fault and lists all of them, as long as the arena lives. */
bool body_check(const struct body *body, struct rse_err *err) RSE_MUST;
/* Of a request that says all in its path: whether it has no body, or one without members. Else call->err has its faults. */
bool body_says_nothing(struct call *call) RSE_MUST;

/* Adds what is wrong with a member, or with a place in it that err names already; err is clear then. */
void body_add_fault(const struct body *body, const char *name, struct rse_err *err);

/* A string of min to max bytes without control characters; absent or null: empty, if min is 0. Copied to the arena. */
struct rse_str body_text(const struct body *body, const char *name, size_t min, size_t max);
/* The member "reason": why something is done. Up to REASON_MAX_BYTES, and more than blanks; absent or null: an error if it is needed. */
struct rse_str body_reason(const struct body *body, bool needed);
/* Whether it has nothing but blanks and line breaks. */
bool reason_is_blank(struct rse_str reason) RSE_MUST;
/* One of these, NULL at their end. */
const char *body_word(const struct body *body, const char *name, const char *const *words);
/* A whole number, as text for a statement; absent or null: the fallback, or NULL is an error. */
const char *body_int(const struct body *body, const char *name, int64_t min, int64_t max, const char *fallback);
/* An object id of Git, 40 or 64 hex digits; absent or null: NULL, an error if it is needed. */
const char *body_git_id(const struct body *body, const char *name, bool needed);
bool body_bool(const struct body *body, const char *name, bool fallback);
/* A member of a type as JSON text: an object or an array; absent or null: NULL, an error if it is needed. */
const char *body_json(const struct body *body, const char *name, bool is_array, bool needed);

/* An object in it, with no other members than these (NULL: any); absent or null: nothing to read, an error if it is needed. */
struct body body_object(const struct body *body, const char *name, const char *const *members, bool needed);
/* An array of it, whose items are read with body_item(); NULL when absent, null or none, the former two an error if it is needed. */
const struct cJSON *body_array(const struct body *body, const char *name, bool needed);
struct body body_item(const struct body *body, const char *name, const struct cJSON *item, size_t index,
                      const char *const *members);

/* What goes to the database as it came is only looked at: any string, a whole number of these
 * bounds, any number, an array of strings. */
void body_look_text(const struct body *body, const char *name, bool needed);
void body_look_int(const struct body *body, const char *name, int64_t min, int64_t max, bool needed);
void body_look_number(const struct body *body, const char *name);
void body_look_texts(const struct body *body, const char *name, bool needed);

#endif
