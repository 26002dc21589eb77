/*
 * field_check.c - whether the text of a field is what its row in the table says.
 */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>

#include "libresedge/src/model/field_check.h"
#include "resedge/parse.h"

enum {
    GROUP_DEPTH_MAX = 32,
    REGEX_COST_MAX = 20000,
};

static bool check_size(struct rse_str text, int64_t max, struct rse_err *err)
{
    if (max > 0 && text.len > (uint64_t)max)
        return rse_fail(err, RSE_INVALID, "too long: %zu bytes, at most %lld fit", text.len, (long long)max);
    return true;
}

/* lines: whether it may have several. */
static bool check_control(struct rse_str text, bool lines, struct rse_err *err)
{
    uint32_t cp;
    size_t at;

    return !rse_utf8_find_control(text, lines ? "\n\t" : "", &at, &cp) ||
           rse_fail(err, RSE_INVALID, "holds a control character (U+%04X) at byte %zu", (unsigned)cp, at);
}

bool field_check_line(struct rse_str text, int64_t max, struct rse_err *err)
{
    return check_size(text, max, err) && check_control(text, false, err);
}

bool field_check_long_text(struct rse_str text, int64_t max, struct rse_err *err)
{
    return check_size(text, max, err) && check_control(text, true, err);
}

/* ---- formats ---- */

/* What `git check-ref-format --branch` refuses, as far as it matters here. */
static bool check_branch(struct rse_str text, struct rse_err *err)
{
    char before = '/';

    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (strchr(" ~^:?*[\\", c) != NULL)
            return rse_fail(err, RSE_INVALID, "a branch's name can't hold '%c'", c);
        if ((c == '.' && (before == '.' || before == '/')) || (c == '/' && before == '/') ||
            (c == '{' && before == '@'))
            return rse_fail(err, RSE_INVALID, "\"%.*s\" is no name of a branch", RSE_STR_ARG(text));
        before = c;
    }
    if (text.p[0] == '-' || before == '/' || before == '.' || rse_str_ends(text, RSE_STR(".lock")) ||
        rse_str_is(text, "@") || rse_str_is(text, "HEAD"))
        return rse_fail(err, RSE_INVALID, "\"%.*s\" is no name of a branch", RSE_STR_ARG(text));
    return true;
}

/* Nested repetitions multiply what regcomp() builds, and back-references what regexec() tries. */
static bool check_regex_cost(struct rse_str text, struct rse_err *err)
{
    int64_t cost = 1;

    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '\\' && i + 1 < text.len && isdigit((unsigned char)text.p[++i]))
            return rse_fail(err, RSE_INVALID, "a pattern can't refer back to a part of itself");
        int64_t repeat = text.p[i] == '{' || text.p[i] == ',' ? 0 : -1;

        while (repeat >= 0 && repeat < REGEX_COST_MAX && i + 1 < text.len && isdigit((unsigned char)text.p[i + 1]))
            repeat = repeat * 10 + (text.p[++i] - '0');
        cost *= repeat > 1 ? repeat : 1;
        if (cost > REGEX_COST_MAX)
            return rse_fail(err, RSE_INVALID, "the pattern repeats too much");
    }
    return true;
}

static bool check_regex(struct rse_str text, struct rse_err *err)
{
    if (!check_regex_cost(text, err))
        return false;
    RSE_CLEANUP(rse_freep) char *pattern = rse_xstrndup(text);
    regex_t compiled;
    char why[100];
    int failed = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);

    if (failed != 0) {
        regerror(failed, &compiled, why, sizeof(why));
        return rse_fail(err, RSE_INVALID, "not a POSIX extended regular expression: %s", why);
    }
    regfree(&compiled);
    return true;
}

/* ---- fields ---- */

static bool check_format(enum rse_field_format format, struct rse_str *text, struct rse_err *err)
{
    switch (format) {
    case RSE_FORMAT_ANY:
        return true;
    case RSE_FORMAT_VISIBLE:
        return rse_check_visible(*text, "the value", err);
    case RSE_FORMAT_LABEL:
        return rse_check_label(*text, "name", err);
    case RSE_FORMAT_GROUP_NAME:
        return rse_check_group_name(*text, err);
    case RSE_FORMAT_KEY:
        return rse_check_key(*text, err);
    case RSE_FORMAT_TAG:
        return rse_check_tag(*text, err);
    case RSE_FORMAT_PATH:
        return rse_check_path(*text, text, err);
    case RSE_FORMAT_URL:
        return field_check_url(*text, err);
    case RSE_FORMAT_BRANCH:
        return check_branch(*text, err);
    case RSE_FORMAT_TIME_ZONE:
        return rse_check_time_zone(*text, err);
    case RSE_FORMAT_CREDENTIAL:
        return field_check_credential(*text, err);
    case RSE_FORMAT_REGEX:
        return check_regex(*text, err);
    }
    return rse_fail(err, RSE_INTERNAL, "no such format: %d", (int)format);
}

bool field_check_text(const struct rse_field *field, struct rse_str *text, struct rse_err *err)
{
    bool may_be_empty = field->format == RSE_FORMAT_ANY || field->format == RSE_FORMAT_VISIBLE;

    if (text->len == 0 && (!may_be_empty || (field->flags & RSE_FIELD_REQUIRED) != 0))
        return rse_fail(err, RSE_INVALID, "can't be empty");
    return check_size(*text, field->max, err) && check_control(*text, field->type == RSE_FIELD_TEXT, err) &&
           check_format(field->format, text, err);
}

bool field_check_metadata_key(enum rse_noun noun, struct rse_str key, struct rse_err *err)
{
    /* A group's metadata become values of its clusters, and declared keys are theirs. */
    enum rse_noun named = noun == RSE_GROUP || noun == RSE_METADATA_KEY ? RSE_CLUSTER : noun;
    const struct rse_field *field = rse_noun_field(named, key);

    if (!rse_check_key(key, err))
        return false;
    if (field != NULL && (field->flags & RSE_FIELD_TEMPLATE) != 0) {
        rse_err_hint(err, "Choose another key: templates could not tell the two apart.");
        return rse_fail(err, RSE_INVALID, "\"%s\" is a field of every %s and can't be a metadata key", field->name,
                        rse_noun_info(named)->name);
    }
    return true;
}

/* Whether there is such a group is for the fleet to say: one from before a rule may have a name that would be refused now. */
static bool check_group_path(struct rse_str *path, struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str rest = *path;
    size_t levels = 0;

    if (rest.len == 0 || rest.p[0] != '/')
        *path = rse_str(rse_arena_printf(arena, "/%.*s", RSE_STR_ARG(rest)));
    rest = rse_str_from(*path, 1);
    for (;;) {
        ptrdiff_t slash = rse_str_find(rest, '/');

        if (++levels > GROUP_DEPTH_MAX)
            return rse_fail(err, RSE_INVALID, "a group's path has at most %d levels", GROUP_DEPTH_MAX);
        if (rest.len == 0 || slash == 0)
            return rse_fail(err, RSE_INVALID, "a group's path has a name between any two '/', and behind the last");
        if (slash < 0)
            return true;
        rest = rse_str_from(rest, (size_t)slash + 1);
    }
}

bool field_check_reference(enum rse_noun noun, struct rse_str *name, struct rse_arena *arena, struct rse_err *err)
{
    if (noun == RSE_GROUP)
        return check_group_path(name, arena, err);
    return rse_check_label(*name, "name", err);
}

/* ---- between fields ---- */

static bool fits_enum(const struct rse_metadata_key *key, struct rse_str value)
{
    for (size_t i = 0; i < key->values.count; i++) {
        if (rse_str_eq(key->values.at[i], value))
            return true;
    }
    return false;
}

static bool fits_pattern(const struct rse_metadata_key *key, struct rse_str value)
{
    RSE_CLEANUP(rse_freep) char *pattern = rse_xstrndup(key->pattern);
    RSE_CLEANUP(rse_freep) char *text = rse_xstrndup(value);
    regex_t compiled;
    regmatch_t match;

    if (regcomp(&compiled, pattern, REG_EXTENDED) != 0)
        return false;
    bool fits = regexec(&compiled, text, 1, &match, 0) == 0 && match.rm_so == 0 && (size_t)match.rm_eo == value.len;

    regfree(&compiled);
    return fits;
}

bool rse_metadata_key_fits(const struct rse_metadata_key *key, struct rse_str value, struct rse_err *err)
{
    int64_t n;

    switch (key->type) {
    case RSE_KEY_STRING:
        return true;
    case RSE_KEY_INTEGER:
        return rse_parse_int64(value, INT64_MIN, INT64_MAX, &n) ||
               rse_fail(err, RSE_INVALID, "\"%.*s\" is no integer", RSE_STR_ARG(value));
    case RSE_KEY_BOOLEAN:
        return rse_str_is(value, "true") || rse_str_is(value, "false") ||
               rse_fail(err, RSE_INVALID, "\"%.*s\" is neither true nor false", RSE_STR_ARG(value));
    case RSE_KEY_ENUM:
        return fits_enum(key, value) || rse_fail(err, RSE_INVALID, "\"%.*s\" is none of the values of %.*s",
                                                 RSE_STR_ARG(value), RSE_STR_ARG(key->object.name));
    case RSE_KEY_PATTERN:
        return fits_pattern(key, value) || rse_fail(err, RSE_INVALID, "\"%.*s\" doesn't match the pattern %.*s",
                                                    RSE_STR_ARG(value), RSE_STR_ARG(key->pattern));
    }
    return rse_fail(err, RSE_INTERNAL, "no such type of key: %d", (int)key->type);
}

static bool fail_at(const char *field, struct rse_err *err)
{
    rse_err_field(err, "%s", field);
    return false;
}

static bool check_key_name(const struct rse_object *key, struct rse_err *err)
{
    return field_check_metadata_key(RSE_METADATA_KEY, key->name, err) || fail_at("/name", err);
}

static bool check_key_values(const struct rse_object *object, struct rse_err *err)
{
    const struct rse_metadata_key *key = (const struct rse_metadata_key *)object;

    return (key->type == RSE_KEY_ENUM) == (key->values.count > 0) ||
           rse_fail(err, RSE_INVALID, "an enum has values, and nothing else has") || fail_at("/values", err);
}

static bool check_key_pattern(const struct rse_object *object, struct rse_err *err)
{
    const struct rse_metadata_key *key = (const struct rse_metadata_key *)object;

    return (key->type == RSE_KEY_PATTERN) == (key->pattern.p != NULL) ||
           rse_fail(err, RSE_INVALID, "a key of the type pattern has a pattern, and no other has") ||
           fail_at("/pattern", err);
}

/* Where there is what it has to fit. */
static bool check_key_default(const struct rse_object *object, struct rse_err *err)
{
    const struct rse_metadata_key *key = (const struct rse_metadata_key *)object;

    return key->default_value.p == NULL || !check_key_values(object, NULL) || !check_key_pattern(object, NULL) ||
           rse_metadata_key_fits(key, key->default_value, err) || fail_at("/default", err);
}

/* A quota without a number would be a promise that nothing keeps. */
static bool check_capacity(const struct rse_object *object, struct rse_err *err)
{
    const struct rse_namespace *ns = (const struct rse_namespace *)object;

    if (!ns->enforce_capacity || ns->capacity.memory_limit > 0 || ns->capacity.cpu_limit > 0)
        return true;
    rse_err_hint(err, "Set capacity.memoryLimit (MiB), capacity.cpuLimit (cores) or both.");
    rse_fail(err, RSE_INVALID, "there is no capacity to enforce");
    return fail_at("/enforceCapacity", err);
}

field_rule *const *field_rules(enum rse_noun noun)
{
    static field_rule *const NONE[] = { NULL };
    static field_rule *const OF_KEYS[] = { check_key_name, check_key_values, check_key_pattern, check_key_default,
                                           NULL };
    static field_rule *const OF_NAMESPACES[] = { check_capacity, NULL };

    return noun == RSE_METADATA_KEY ? OF_KEYS : noun == RSE_NAMESPACE ? OF_NAMESPACES : NONE;
}
