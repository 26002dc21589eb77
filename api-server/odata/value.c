/*
 * value.c - the values of a filter: checked against the type of what they are compared with.
 */
#include "api-server/odata/filter.h"
#include "api-server/odata/lex.h"

#include <resedge/parse.h>
#include <resedge/suggest.h>

static const char *const EXPECTED[] = {
    [ODATA_TEXT] = "a text in single quotes",
    [ODATA_INT] = "a whole number",
    [ODATA_DOUBLE] = "a number",
    [ODATA_BOOL] = "true or false",
    [ODATA_TIME] = "a time such as 2026-02-03T04:05:06Z",
};

/* 'it''s' -> it's */
static struct rse_str unescaped(struct rse_str text, struct rse_arena *arena)
{
    char *to;
    size_t len = 0;

    if (rse_str_find(text, '\'') < 0)
        return text;
    to = rse_arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        to[len++] = text.p[i];
        if (text.p[i] == '\'')
            i++;
    }
    return rse_str_n(to, len);
}

static bool read_enum(struct odata_value *out, const struct rse_field *field, struct rse_err *err)
{
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, out->text);
    for (const char *const *name = field->names; *name != NULL; name++) {
        if (rse_str_is(out->text, *name))
            return true;
        rse_suggest_offer(&suggestion, rse_str(*name));
    }
    if (!rse_suggest_hint(&suggestion, "\"", "\"", err))
        rse_err_hint(err, "`resedge explain` tells what a field may be.");
    return rse_fail(err, RSE_INVALID, "\"%s\" is never \"%.*s\"", field->name, RSE_STR_ARG(out->text));
}

/* A day alone begins at midnight, UTC. */
static bool read_time(struct odata_value *out, struct rse_str text, struct rse_arena *arena)
{
    char *formatted = rse_arena_alloc(arena, RSE_TIME_SIZE);
    int64_t ms;

    if (text.len == strlen("2026-02-03"))
        text = rse_str(rse_arena_printf(arena, "%.*sT00:00:00Z", RSE_STR_ARG(text)));
    if (!rse_parse_time(text, &ms))
        return false;
    rse_format_time(ms, formatted);
    out->text = rse_str(formatted);
    return true;
}

static bool read_typed(struct odata_value *out, const struct odata_path *path, const struct odata_token *token,
                       struct rse_arena *arena)
{
    bool is_string = token->kind == ODATA_TOKEN_STRING, is_bare = token->kind == ODATA_TOKEN_BARE;
    int64_t whole;
    double number;

    out->text = token->text;
    switch (path->type) {
    case ODATA_TEXT:
        out->text = unescaped(token->text, arena);
        return is_string;
    case ODATA_INT:
        return is_bare && rse_parse_int64(token->text, INT64_MIN, INT64_MAX, &whole);
    case ODATA_DOUBLE:
        return is_bare && rse_parse_double(token->text, &number);
    case ODATA_BOOL:
        return token->kind == ODATA_TOKEN_WORD && (rse_str_is(token->text, "true") || rse_str_is(token->text, "false"));
    case ODATA_TIME:
        return (is_bare || is_string) && read_time(out, token->text, arena);
    }
    return false;
}

static bool read_value(struct odata_value *out, const struct odata_path *path, const struct odata_token *token,
                       struct rse_arena *arena, struct rse_err *err)
{
    if (token->kind == ODATA_TOKEN_WORD && rse_str_is(token->text, "null")) {
        out->is_null = true;
        return true;
    }
    if (!read_typed(out, path, token, arena))
        return rse_fail(err, RSE_INVALID, "expected %s%s", EXPECTED[path->type],
                        token->kind == ODATA_TOKEN_END ? ", but the filter ends" : "");
    return path->kind == ODATA_ITEM || path->field->type != RSE_FIELD_ENUM || read_enum(out, path->field, err);
}

bool odata_value_parse(struct odata_value *out, const struct odata_path *path, const struct odata_token *token,
                       struct rse_arena *arena, struct rse_err *err)
{
    struct odata_value value = { 0 };

    if (!read_value(&value, path, token, arena, err)) {
        rse_err_position(err, token->start);
        return false;
    }
    *out = value;
    return true;
}

void odata_add_text(struct rse_buf *filter, struct rse_str text)
{
    rse_buf_addc(filter, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '\'')
            rse_buf_addc(filter, '\'');
        rse_buf_addc(filter, text.p[i]);
    }
    rse_buf_addc(filter, '\'');
}
