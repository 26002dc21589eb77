/*
 * select.c - see select.h.
 */
#include "api-server/odata/path.h"
#include "api-server/odata/select.h"

#include <resedge/suggest.h>

static const char CLUSTERS_TREE[] = "clustersTree";

static bool fail_name(const struct rse_noun_info *noun, struct rse_str name, struct rse_err *err)
{
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, name);
    odata_offer_fields(noun, &suggestion);
    if (noun->noun == RSE_GROUP)
        rse_suggest_offer(&suggestion, rse_str(CLUSTERS_TREE));
    if (!rse_suggest_hint(&suggestion, "\"", "\"", err))
        odata_hint_fields(noun, err);
    if (name.len == 0)
        return rse_fail(err, RSE_INVALID, "expected a field to show");
    return rse_fail(err, RSE_INVALID, "%s have no field \"%.*s\"", noun->plural, RSE_STR_ARG(name));
}

static bool add_name(struct odata_select *select, const struct rse_noun_info *noun, struct rse_str name,
                     struct rse_err *err)
{
    bool by_id;

    if (rse_str_is(name, "*")) {
        select->all = true;
        return true;
    }
    if (noun->noun == RSE_GROUP && rse_str_is(name, CLUSTERS_TREE)) {
        select->clusters_tree = true;
        return true;
    }
    if (odata_field(noun, name, &by_id) == NULL)
        return fail_name(noun, name, err);
    if (odata_selects(select, name))
        return true;
    if (select->count == ODATA_SELECT_MAX)
        return rse_fail(err, RSE_INVALID, "%d fields may be selected", ODATA_SELECT_MAX);
    select->names[select->count++] = name;
    return true;
}

bool odata_select_parse(struct odata_select *out, const struct rse_noun_info *noun, struct rse_str text,
                        struct rse_err *err)
{
    struct odata_select select = { .all = rse_str_trimmed(text).len == 0 };
    struct rse_str rest = text;
    bool more = !select.all;

    while (more) {
        ptrdiff_t comma = rse_str_find(rest, ',');
        struct rse_str name = rse_str_trimmed(comma < 0 ? rest : rse_str_n(rest.p, (size_t)comma));

        if (!add_name(&select, noun, name, err)) {
            rse_err_position(err, (size_t)(name.p - text.p));
            return false;
        }
        rest = rse_str_from(rest, (size_t)comma + 1);
        more = comma >= 0;
    }
    *out = select;
    return true;
}

bool odata_selects(const struct odata_select *select, struct rse_str name)
{
    for (size_t i = 0; i < select->count; i++)
        if (rse_str_eq(select->names[i], name))
            return true;
    return select->all;
}

/* ---- members of a document ---- */

/* Behind the JSON string that begins at `at`. */
static size_t skip_string(struct rse_str doc, size_t at)
{
    for (at++; at < doc.len && doc.p[at] != '"'; at++)
        if (doc.p[at] == '\\')
            at++;
    return at + 1;
}

/* PostgreSQL leaves a space between members, we don't. */
static size_t next_member(struct rse_str doc, size_t at)
{
    at++;
    while (at < doc.len && doc.p[at] == ' ')
        at++;
    return at;
}

/* Behind the value: at the ',' or '}' that follows it. */
static size_t skip_value(struct rse_str doc, size_t at)
{
    unsigned depth = 0;

    while (at < doc.len) {
        char c = doc.p[at];

        if (c == '"') {
            at = skip_string(doc, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}'))
            break;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        at++;
    }
    return at < doc.len ? at : doc.len;
}

static bool is_one_of(struct rse_str name, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (rse_str_is(name, *names))
            return true;
    return false;
}

size_t odata_select_members(const struct odata_select *select, const char *const *without, struct rse_str doc,
                            struct rse_buf *out)
{
    size_t at = 1, written = 0;

    if (select->all && without == NULL && doc.len > 2) {
        rse_buf_addn(out, doc.p + 1, doc.len - 2);
        return 1;
    }
    while (at < doc.len && doc.p[at] == '"') {
        size_t name_end = skip_string(doc, at), end = skip_value(doc, name_end);
        struct rse_str name = rse_str_n(doc.p + at + 1, name_end - at - 2);

        if (odata_selects(select, name) && !is_one_of(name, without)) {
            if (written++ > 0)
                rse_buf_addc(out, ',');
            rse_buf_addn(out, doc.p + at, end - at);
        }
        at = next_member(doc, end);
    }
    return written;
}
