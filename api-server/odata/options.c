/*
 * options.c - see options.h: one row an option.
 */
#include "api-server/odata/options.h"

#include "api-server/odata/lex.h"
#include <resedge/parse.h>
#include <resedge/suggest.h>

enum { SEARCH_MAX_BYTES = 4096, SKIP_MAX = 1000 * 1000 * 1000 };

struct reader {
    struct odata_options *options;
    unsigned level; /* of nesting: 0 for the list itself */
    struct rse_arena *arena;
    struct rse_err *err;
    const char *const *own; /* names that the caller knows besides */
};

static bool read_filter(struct reader *r, struct rse_str value)
{
    r->options->filter_text = value;
    return rse_str_trimmed(value).len == 0 ||
           odata_filter_parse(&r->options->filter, r->options->noun, value, r->arena, r->err);
}

/* The text of a quoted phrase, behind its '"'; *end is behind the closing one. '\\' stands before '"' and before itself (OData 4.01,
 * searchPhrase); before other characters it is one like any other. */
static struct rse_str read_phrase(struct reader *r, struct rse_str text, size_t *end)
{
    char *phrase = rse_arena_alloc(r->arena, text.len + 1);
    size_t len = 0, at = 0;

    for (; at < text.len && text.p[at] != '"'; at++) {
        if (text.p[at] == '\\' && at + 1 < text.len && (text.p[at + 1] == '"' || text.p[at + 1] == '\\'))
            at++;
        phrase[len++] = text.p[at];
    }
    *end = at + 1;
    return rse_str_n(phrase, len);
}

/* text: within the option's value. */
static bool read_quoted(struct reader *r, struct rse_str value, struct rse_str *text)
{
    size_t end, start = (size_t)(text->p - value.p);
    struct rse_str phrase = read_phrase(r, rse_str_from(*text, 1), &end);

    if (end == text->len - 1) {
        *text = phrase;
        return true;
    }
    if (end < text->len) {
        rse_err_position(r->err, start + 1 + end);
        rse_err_hint(r->err, "Write \\\" for a \" within the quotes.");
        return rse_fail(r->err, RSE_INVALID, "expected the end behind the closing \"");
    }
    rse_err_position(r->err, start);
    return rse_fail(r->err, RSE_INVALID, "expected a closing \" at the end");
}

/* One term, as it stands or in double quotes. */
static bool read_search(struct reader *r, struct rse_str value)
{
    struct rse_str text = rse_str_trimmed(value);

    if (text.len > SEARCH_MAX_BYTES)
        return rse_fail(r->err, RSE_INVALID, "what is searched for may be %d bytes long", SEARCH_MAX_BYTES);
    if (text.len > 0 && text.p[0] == '"' && !read_quoted(r, value, &text))
        return false;
    if (text.len > 0)
        r->options->search = text;
    return true;
}

static bool read_order(struct reader *r, struct rse_str value)
{
    r->options->order_text = value;
    return odata_order_parse(&r->options->order, r->options->noun, value, r->err);
}

static bool read_select(struct reader *r, struct rse_str value)
{
    r->options->select_text = value;
    return odata_select_parse(&r->options->select, r->options->noun, value, r->err);
}

static bool read_expand(struct reader *r, struct rse_str value)
{
    r->options->expand_text = value;
    return odata_expand_parse(r->options, value, r->level + 1, r->arena, r->err);
}

static bool read_number(struct reader *r, struct rse_str value, int64_t max, int64_t *out)
{
    /* Within $expand spaces stand around a value, in a URL nowhere. */
    if (r->level > 0)
        value = rse_str_trimmed(value);
    return rse_parse_int64(value, 0, max, out) ||
           rse_fail(r->err, RSE_INVALID, "expected a whole number from 0 to %lld", (long long)max);
}

static bool read_top(struct reader *r, struct rse_str value)
{
    r->options->has_top = true;
    return read_number(r, value, INT32_MAX, &r->options->top);
}

static bool read_skip(struct reader *r, struct rse_str value)
{
    return read_number(r, value, SKIP_MAX, &r->options->skip);
}

static bool read_count(struct reader *r, struct rse_str value)
{
    r->options->count = rse_str_is(value, "true");
    return r->options->count || rse_str_is(value, "false") || rse_fail(r->err, RSE_INVALID, "expected true or false");
}

static bool read_skip_token(struct reader *r, struct rse_str value)
{
    r->options->skip_token = value;
    return true;
}

static const struct {
    const char *name;
    bool nested; /* may stand within $expand */
    bool (*read)(struct reader *r, struct rse_str value);
} OPTIONS[] = {
    { "filter", true, read_filter }, { "search", true, read_search }, { "orderby", true, read_order },
    { "top", true, read_top },       { "skip", true, read_skip },     { "select", true, read_select },
    { "expand", true, read_expand }, { "count", false, read_count },  { "skiptoken", false, read_skip_token },
};

/* What other APIs call them. */
static const struct {
    const char *name, *hint;
} ELSEWHERE[] = {
    { "limit", "The number of objects on a page is $top." },
    { "per_page", "The number of objects on a page is $top." },
    { "page_size", "The number of objects on a page is $top." },
    { "pageSize", "The number of objects on a page is $top." },
    { "page", "Follow @odata.nextLink to the next page." },
    { "cursor", "Follow @odata.nextLink to the next page." },
    { "continue", "Follow @odata.nextLink to the next page." },
    { "starting_after", "Follow @odata.nextLink to the next page." },
    { "offset", "To leave out the first ones is $skip." },
    { "q", "A name, tag or metadata value is looked for with $search, all else with $filter." },
    { "query", "A name, tag or metadata value is looked for with $search, all else with $filter." },
    { "sort", "The order is $orderby." },
    { "order", "The order is $orderby." },
    { "fields", "The members to show are $select." },
    { "include", "Related objects come along with $expand." },
    { "labelSelector", "Say it as $filter: metadata/region eq 'west' and tags/any(t: t eq 'new')." },
    { "fieldSelector", "Say it as $filter: state eq 'active'." },
};

static bool hint_elsewhere(struct reader *r, struct rse_str name)
{
    for (size_t i = 0; i < RSE_COUNT(ELSEWHERE); i++) {
        if (!rse_str_is(name, ELSEWHERE[i].name))
            continue;
        rse_err_hint(r->err, "%s", ELSEWHERE[i].hint);
        return true;
    }
    return false;
}

/* All names there are. */
static void hint_names(struct reader *r)
{
    RSE_BUF_AUTO names = { 0 };

    rse_buf_init(&names, sizeof(r->err->hint));
    for (const char *const *own = r->own; own != NULL && *own != NULL; own++)
        rse_buf_addf(&names, "%s, ", *own);
    rse_err_hint(r->err, "There are %s$filter, $orderby, $top, $skip, $select, $expand, $count and $search.",
                 names.len > 0 ? names.p : "");
}

static bool fail_option(struct reader *r, struct rse_str name)
{
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, name);
    for (size_t i = 0; i < RSE_COUNT(OPTIONS); i++)
        rse_suggest_offer(&suggestion, rse_str(OPTIONS[i].name));
    if (!hint_elsewhere(r, name) && !rse_suggest_hint(&suggestion, "$", "", r->err))
        hint_names(r);
    rse_err_object(r->err, "query parameter \"%.*s\"", RSE_STR_ARG(name));
    return rse_fail(r->err, RSE_INVALID, "there is no such query parameter");
}

/* Within $expand: fewer of them. */
static bool fail_nested(struct reader *r, struct rse_str name)
{
    struct rse_suggestion suggestion;

    if (rse_str_is(name, "count")) {
        rse_err_hint(r->err,
                     "How many there are is told by the list of their own, such as /groups/{id}/clusters?$top=0.");
        return rse_fail(r->err, RSE_INVALID, "$count can't stand within $expand");
    }
    rse_suggest_begin(&suggestion, name);
    for (size_t i = 0; i < RSE_COUNT(OPTIONS); i++)
        if (OPTIONS[i].nested)
            rse_suggest_offer(&suggestion, rse_str(OPTIONS[i].name));
    if (!rse_suggest_hint(&suggestion, "$", "", r->err))
        rse_err_hint(r->err,
                     "There are $filter, $search, $orderby, $top, $skip, $select and $expand, separated by ';'.");
    return rse_fail(r->err, RSE_INVALID, "there is no $%.*s within $expand", RSE_STR_ARG(name));
}

static bool mark(unsigned *seen, size_t i)
{
    *seen |= 1U << i;
    return true;
}

static bool read_param(struct reader *r, const struct rse_pair *param, unsigned *seen)
{
    for (size_t i = 0; i < RSE_COUNT(OPTIONS); i++) {
        if (!rse_str_is(param->key, OPTIONS[i].name) || (r->level > 0 && !OPTIONS[i].nested))
            continue;
        if ((*seen & 1U << i) != 0)
            (void)rse_fail(r->err, RSE_INVALID, "$%s is there twice", OPTIONS[i].name);
        else if (OPTIONS[i].read(r, param->value))
            return mark(seen, i);
        /* Within $expand the position is one in its text, and so it is $expand that is at fault. */
        if (r->level == 0)
            rse_err_object(r->err, "query parameter \"$%s\"", OPTIONS[i].name);
        return false;
    }
    return r->level > 0 ? fail_nested(r, param->key) : fail_option(r, param->key);
}

static bool options_begin(struct odata_options *options, const struct rse_noun_info *noun, struct rse_err *err)
{
    *options =
        (struct odata_options){ .noun = noun, .top = ODATA_TOP_DEFAULT, .count = true, .select = { .all = true } };
    return odata_order_parse(&options->order, noun, rse_str_n("", 0), err);
}

bool odata_options_parse(struct odata_options *out, const struct rse_noun_info *noun, const struct rse_pairs *params,
                         const char *const *own, struct rse_arena *arena, struct rse_err *err)
{
    struct reader r = { out, 0, arena, err, own };
    unsigned seen = 0;

    if (!options_begin(out, noun, err))
        return false;
    for (size_t i = 0; i < params->count; i++)
        if (!read_param(&r, &params->at[i], &seen))
            return false;
    return true;
}

/* Up to the next ';' that stands in no brackets and in no quotes. */
static size_t option_end(struct rse_str text)
{
    size_t at = 0;
    int depth = 0;

    for (; at < text.len && (depth > 0 || text.p[at] != ';'); at++) {
        at = odata_quoted_end(text, at);
        if (at < text.len)
            depth += text.p[at] == '(' ? 1 : text.p[at] == ')' ? -1 : 0;
    }
    return at < text.len ? at : text.len;
}

/* The position of an error in a part of a text, as one in the whole. */
static bool shift(struct rse_err *err, size_t by)
{
    if (err->has_position)
        err->position += (uint32_t)by;
    else
        rse_err_position(err, by);
    return false;
}

bool odata_nested_options_parse(struct odata_options *out, const struct rse_noun_info *noun, struct rse_str text,
                                unsigned level, struct rse_arena *arena, struct rse_err *err)
{
    struct reader r = { out, level, arena, err, NULL };
    unsigned seen = 0;

    if (!options_begin(out, noun, err))
        return false;
    for (size_t at = 0; at < text.len;) {
        struct rse_str rest = rse_str_from(text, at), option = rse_str_n(rest.p, option_end(rest));
        ptrdiff_t equals = rse_str_find(option, '=');
        struct rse_pair param = { rse_str_trimmed(rse_str_n(option.p, equals < 0 ? option.len : (size_t)equals)),
                                  rse_str_from(option, equals < 0 ? option.len : (size_t)equals + 1) };

        if (param.key.len > 0 && param.key.p[0] == '$')
            param.key = rse_str_from(param.key, 1);
        if (equals < 0) {
            (void)rse_fail(err, RSE_INVALID, "expected an option such as $select=name");
            return shift(err, at);
        }
        if (!read_param(&r, &param, &seen))
            return shift(err, err->has_position ? (size_t)(param.value.p - text.p) : at);
        at += option.len + 1;
    }
    return true;
}
