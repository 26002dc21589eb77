#include "libresedge/src/template/placeholder.h"

#include <stdio.h>

#include "resedge/suggest.h"
#include "libresedge/src/template/yaml_reader.h"

#define PREFIX "rea."
/* What is shown of an unknown key. */
#define MAX_SHOWN 64

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_key_byte(char c)
{
    return is_word_byte(c) || c == '-';
}

static size_t word_end(struct rse_str text, size_t at)
{
    while (at < text.len && is_word_byte(text.p[at]))
        at++;
    return at;
}

static size_t key_end(struct rse_str text, size_t at)
{
    while (at < text.len && is_key_byte(text.p[at]))
        at++;
    return at;
}

static bool find_scope(struct rse_str word, enum rse_scope *scope)
{
    for (int i = 0; i < RSE_SCOPE_COUNT; i++) {
        if (rse_str_is(word, rse_scope_name((enum rse_scope)i))) {
            *scope = (enum rse_scope)i;
            return true;
        }
    }
    return false;
}

/* The longest known key at the start of rest; sets found->key and returns its length, or 0. */
static size_t find_key(const struct rse_keys *keys, struct rse_str rest, struct placeholder *found)
{
    size_t len = keys_max_len(keys, found->scope);

    if (len > rest.len)
        len = rest.len;
    for (; len > 0; len--) {
        if (len < rest.len && is_word_byte(rest.p[len]))
            continue;
        found->key = rse_keys_find(keys, found->scope, rse_str_n(rest.p, len));
        if (found->key != UINT32_MAX)
            return len;
    }
    return 0;
}

/* What stands at `start`, where "rea." is. */
static enum placeholder_kind look_at(const struct rse_keys *keys, struct rse_str text, size_t start, bool in_comment,
                                     struct placeholder *found)
{
    size_t word = start + sizeof(PREFIX) - 1;
    size_t dot = word_end(text, word);
    bool has_key, known_scope;
    size_t len;

    if ((start > 0 && is_word_byte(text.p[start - 1])) || dot == word || dot == text.len || text.p[dot] != '.')
        return PLACEHOLDER_NONE;
    has_key = dot + 1 < text.len && is_key_byte(text.p[dot + 1]);
    known_scope = find_scope(rse_str_n(text.p + word, dot - word), &found->scope);
    if (!has_key && (in_comment || !known_scope))
        return PLACEHOLDER_NONE;
    found->start = start;
    found->end = key_end(text, dot + 1);
    if (!known_scope)
        return PLACEHOLDER_UNKNOWN;
    len = find_key(keys, rse_str_from(text, dot + 1), found);
    if (len == 0)
        return PLACEHOLDER_UNKNOWN;
    found->end = dot + 1 + len;
    return PLACEHOLDER_KNOWN;
}

enum placeholder_kind placeholder_find(const struct rse_keys *keys, struct rse_str text, size_t from, bool in_comment,
                                       struct placeholder *found)
{
    while (from < text.len) {
        const char *p = memmem(text.p + from, text.len - from, PREFIX, sizeof(PREFIX) - 1);
        enum placeholder_kind kind;

        if (p == NULL)
            break;
        kind = look_at(keys, text, (size_t)(p - text.p), in_comment, found);
        if (kind != PLACEHOLDER_NONE)
            return kind;
        from = (size_t)(p - text.p) + 1;
    }
    return PLACEHOLDER_NONE;
}

static void hint_at_key(struct rse_err *err, const struct rse_keys *keys, enum rse_scope scope, struct rse_str name)
{
    struct rse_str first = rse_str_n(name.p, word_end(name, 0)); /* the key may end before a '-' */
    struct rse_suggestion s;
    char before[32];

    rse_suggest_begin(&s, name);
    for (uint32_t i = 0; i < rse_keys_count(keys, scope); i++) {
        struct rse_str known = rse_keys_name(keys, scope, i);
        unsigned whole = rse_edit_distance(name, known, s.distance), part = rse_edit_distance(first, known, s.distance);

        rse_suggest_put(&s, known, whole < part ? whole : part);
    }
    snprintf(before, sizeof(before), PREFIX "%s.", rse_scope_name(scope));
    if (!rse_suggest_hint(&s, before, "", err))
        rse_err_hint(err, "A key is a field of the %s, or a metadata key that is in use.", rse_scope_name(scope));
}

static void hint_at_scope(struct rse_err *err, struct rse_str word, struct rse_str name)
{
    struct rse_suggestion s;
    char after[MAX_SHOWN + 2];

    rse_suggest_begin(&s, word);
    for (int i = 0; i < RSE_SCOPE_COUNT; i++)
        rse_suggest_offer(&s, rse_str(rse_scope_name((enum rse_scope)i)));
    snprintf(after, sizeof(after), ".%.*s", RSE_STR_ARG(name));
    if (!rse_suggest_hint(&s, PREFIX, after, err))
        rse_err_hint(err, "A placeholder is rea.cluster.<key>, rea.namespace.<key> or rea.application.<key>.");
}

bool placeholder_fail_unknown(struct rse_err *err, const struct rse_keys *keys, struct rse_str path, size_t line,
                              struct rse_str shown)
{
    struct rse_str rest = rse_str_from(shown, sizeof(PREFIX) - 1);
    struct rse_str word = rse_str_n(rest.p, word_end(rest, 0));
    struct rse_str name = rse_str_from(rest, word.len + 1);
    const char *problem = name.len > 0 ? "unknown placeholder" : "a placeholder without a key:";
    enum rse_scope scope;

    if (name.len > MAX_SHOWN)
        name.len = MAX_SHOWN;
    if (word.len > MAX_SHOWN)
        word.len = MAX_SHOWN;
    if (find_scope(word, &scope))
        hint_at_key(err, keys, scope, name);
    else
        hint_at_scope(err, word, name);
    if (path.len == 0)
        return rse_fail(err, RSE_INVALID, "%s rea.%.*s.%.*s", problem, RSE_STR_ARG(word), RSE_STR_ARG(name));
    return yaml_fail(err, path, line, "%s rea.%.*s.%.*s", problem, RSE_STR_ARG(word), RSE_STR_ARG(name));
}
