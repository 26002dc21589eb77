/*
 * body.c - see body.h.
 */
#include <cjson/cJSON.h>
#include <math.h>

#include "api-server/handlers/body.h"
#include "api-server/handlers/body_members.h"

/* ---- what is wrong ---- */

static void point(const struct body *body, size_t from)
{
    for (; body->outer != NULL; body = body->outer) {
        if (body->index >= 0)
            rse_faults_within(body->faults, from, "/%s/%td", body->name, body->index);
        else
            rse_faults_within(body->faults, from, "/%s", body->name);
    }
    for (size_t i = from; i < body->faults->count; i++)
        body->faults->at[i].line = body->line;
}

void body_add_fault(const struct body *body, const char *name, struct rse_err *err)
{
    size_t before = body->faults->count;

    rse_faults_add(body->faults, err);
    for (size_t i = before; i < body->faults->count; i++) {
        if (body->faults->at[i].code == RSE_INVALID)
            body->faults->at[i].code = RSE_UNPROCESSABLE; /* the body could be read */
    }
    if (name != NULL)
        rse_faults_within(body->faults, before, "/%s", name);
    point(body, before);
}

static void add(const struct body *body, const char *name, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)rse_fail(&err, RSE_UNPROCESSABLE, "%s", what);
    body_add_fault(body, name, &err);
}

bool body_check(const struct body *body, struct rse_err *err)
{
    return err->code == RSE_OK && rse_faults_check(body->faults, err);
}

bool body_says_nothing(struct call *call)
{
    static const char *const NO_MEMBERS[] = { NULL };
    struct body body;

    if (call->body.len == 0)
        return true;
    body_open(&body, call, NO_MEMBERS);
    return body_check(&body, &call->err);
}

/* ---- objects ---- */

/* Of an object that is to be read: what it is not, and has too much. */
static void look(struct body *body, const char *const *members)
{
    size_t before = body->faults->count;

    if (body->json == NULL)
        return;
    if (!cJSON_IsObject(body->json)) {
        add(body, NULL, body->outer != NULL ? "must be an object" : "the body must be an object");
        body->json = NULL;
    } else if (members != NULL) {
        body_check_members(body->json, members, body->faults);
        point(body, before);
    }
}

void body_open_json(struct body *out, const cJSON *json, const char *const *members, struct rse_arena *arena,
                    struct rse_faults *faults, uint32_t line)
{
    *out = (struct body){ .json = json, .arena = arena, .faults = faults, .index = -1, .line = line };
    look(out, members);
}

void body_open(struct body *out, struct call *call, const char *const *members)
{
    struct rse_faults *faults = rse_arena_new_of(call->arena, struct rse_faults);
    cJSON *json = NULL;

    faults->arena = call->arena;
    body_open_json(out, call_json(call, &json) ? json : NULL, members, call->arena, faults, 0);
}

static const cJSON *member(const struct body *body, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body->json, name);

    return cJSON_IsNull(item) ? NULL : item;
}

/* The member, if it is there; a fault if it is not, but needed. */
static const cJSON *needed_member(const struct body *body, const char *name, bool needed)
{
    const cJSON *item = member(body, name);

    if (item == NULL && needed && body->json != NULL)
        add(body, name, "is needed");
    return item;
}

struct body body_object(const struct body *body, const char *name, const char *const *members, bool needed)
{
    struct body object = *body;

    object.json = needed_member(body, name, needed);
    object.outer = body;
    object.name = name;
    object.index = -1;
    look(&object, members);
    return object;
}

const cJSON *body_array(const struct body *body, const char *name, bool needed)
{
    const cJSON *item = needed_member(body, name, needed);

    if (item == NULL || cJSON_IsArray(item))
        return item;
    add(body, name, "must be an array");
    return NULL;
}

struct body body_item(const struct body *body, const char *name, const cJSON *item, size_t index,
                      const char *const *members)
{
    struct body object = *body;

    object.json = item;
    object.outer = body;
    object.name = name;
    object.index = (ptrdiff_t)index;
    look(&object, members);
    return object;
}

/* ---- values ---- */

struct rse_str body_text(const struct body *body, const char *name, size_t min, size_t max)
{
    const cJSON *item = member(body, name);
    struct rse_str text = rse_str(cJSON_GetStringValue(item));
    struct rse_err err = RSE_ERR_INIT;
    uint32_t cp;
    size_t at;

    if (body->json == NULL)
        return text;
    if (item == NULL && min > 0)
        (void)rse_fail(&err, RSE_UNPROCESSABLE, "is needed: text of %zu to %zu bytes", min, max);
    else if (item != NULL && !cJSON_IsString(item))
        (void)rse_fail(&err, RSE_UNPROCESSABLE, "must be text");
    else if (text.len < min || text.len > max)
        (void)rse_fail(&err, RSE_UNPROCESSABLE, "must have %zu to %zu bytes", min, max);
    else if (rse_utf8_find_control(text, "", &at, &cp))
        (void)rse_fail(&err, RSE_UNPROCESSABLE, "may have no control characters");
    if (err.code == RSE_OK)
        return rse_arena_str(body->arena, text);
    body_add_fault(body, name, &err);
    return rse_str(NULL);
}

bool reason_is_blank(struct rse_str reason)
{
    while (reason.len > 0 && strchr(" \t\n", reason.p[0]) != NULL)
        reason = rse_str_from(reason, 1);
    return reason.len == 0;
}

struct rse_str body_reason(const struct body *body, bool needed)
{
    struct rse_str reason = body_text(body, "reason", needed ? 1 : 0, REASON_MAX_BYTES);

    if (reason.len > 0 && reason_is_blank(reason))
        add(body, "reason", "blanks are no reason");
    return reason;
}

const char *body_word(const struct body *body, const char *name, const char *const *words)
{
    const cJSON *item = needed_member(body, name, true);
    const char *text = cJSON_GetStringValue(item);
    RSE_BUF_AUTO what = { 0 };

    rse_buf_init(&what, sizeof(((struct rse_err *)NULL)->what));
    rse_buf_adds(&what, "must be ");
    for (const char *const *word = words; *word != NULL; word++) {
        if (text != NULL && strcmp(text, *word) == 0)
            return *word;
        rse_buf_addf(&what, "%s%s", word == words ? "" : word[1] == NULL ? " or " : ", ", *word);
    }
    if (item != NULL)
        add(body, name, what.p);
    return NULL;
}

/* False: it isn't there, or wrong. */
static bool read_int(const struct body *body, const char *name, int64_t min, int64_t max, bool needed, double *out)
{
    const cJSON *item = needed_member(body, name, needed);
    struct rse_err err = RSE_ERR_INIT;

    *out = cJSON_GetNumberValue(item);
    if (item == NULL)
        return false;
    if (cJSON_IsNumber(item) && floor(*out) == *out && *out >= (double)min && *out <= (double)max)
        return true;
    (void)rse_fail(&err, RSE_UNPROCESSABLE, "must be a whole number from %lld to %lld", (long long)min, (long long)max);
    body_add_fault(body, name, &err);
    return false;
}

const char *body_int(const struct body *body, const char *name, int64_t min, int64_t max, const char *fallback)
{
    double number;

    return read_int(body, name, min, max, fallback == NULL, &number) ? rse_arena_printf(body->arena, "%.0f", number)
                                                                     : fallback;
}

const char *body_git_id(const struct body *body, const char *name, bool needed)
{
    const cJSON *item = needed_member(body, name, needed);
    const char *text = cJSON_GetStringValue(item);
    size_t len = text != NULL ? strlen(text) : 0;

    if (item == NULL)
        return NULL;
    if ((len == 40 || len == 64) && strspn(text, "0123456789abcdef") == len)
        return text;
    add(body, name, "must be an object id of Git: 40 or 64 hex digits");
    return NULL;
}

bool body_bool(const struct body *body, const char *name, bool fallback)
{
    const cJSON *item = member(body, name);

    if (item == NULL)
        return fallback;
    if (!cJSON_IsBool(item))
        add(body, name, "must be true or false");
    return cJSON_IsTrue(item);
}

static void free_text(void *text)
{
    cJSON_free(text);
}

const char *body_json(const struct body *body, const char *name, bool is_array, bool needed)
{
    const cJSON *item = needed_member(body, name, needed);
    char *text;

    if (item == NULL)
        return NULL;
    if (is_array ? !cJSON_IsArray(item) : !cJSON_IsObject(item)) {
        add(body, name, is_array ? "must be an array" : "must be an object");
        return NULL;
    }
    text = cJSON_PrintUnformatted(item);
    rse_arena_defer(body->arena, free_text, text);
    if (text == NULL)
        add(body, name, "could not be read");
    return text;
}

/* ---- looking ---- */

void body_look_text(const struct body *body, const char *name, bool needed)
{
    const cJSON *item = needed_member(body, name, needed);

    if (item != NULL && !cJSON_IsString(item))
        add(body, name, "must be text");
}

void body_look_int(const struct body *body, const char *name, int64_t min, int64_t max, bool needed)
{
    double ignored;

    (void)read_int(body, name, min, max, needed, &ignored);
}

void body_look_number(const struct body *body, const char *name)
{
    const cJSON *item = member(body, name);

    if (item != NULL && !cJSON_IsNumber(item))
        add(body, name, "must be a number");
}

void body_look_texts(const struct body *body, const char *name, bool needed)
{
    const cJSON *list = body_array(body, name, needed), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct body text = { .arena = body->arena,
                             .faults = body->faults,
                             .outer = body,
                             .name = name,
                             .index = (ptrdiff_t)i++,
                             .line = body->line };

        if (!cJSON_IsString(item))
            add(&text, NULL, "must be text");
    }
}
