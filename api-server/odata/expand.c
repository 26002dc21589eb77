/*
 * expand.c - $expand: "namespaces($select=name;$expand=applications)".
 */
#include "api-server/odata/options.h"

#include "api-server/odata/lex.h"
#include <resedge/suggest.h>

static const struct odata_related RELATIONS[] = {
    { RSE_CLUSTER, "target", ODATA_RELATED_TARGET, RSE_TARGET, true },
    { RSE_CLUSTER, "groups", ODATA_RELATED_GROUPS, RSE_GROUP, false },
    { RSE_CLUSTER, "namespaces", ODATA_RELATED_NAMESPACES, RSE_NAMESPACE, false },
    { RSE_CLUSTER, "applications", ODATA_RELATED_APPLICATIONS, RSE_APPLICATION, false },
    { RSE_TARGET, "clusters", ODATA_RELATED_CLUSTERS, RSE_CLUSTER, false },
    { RSE_GROUP, "clusters", ODATA_RELATED_CLUSTERS, RSE_CLUSTER, false },
    { RSE_GROUP, "parent", ODATA_RELATED_PARENT, RSE_GROUP, true },
    { RSE_NAMESPACE, "clusters", ODATA_RELATED_CLUSTERS, RSE_CLUSTER, false },
    { RSE_NAMESPACE, "applications", ODATA_RELATED_APPLICATIONS, RSE_APPLICATION, false },
    { RSE_NAMESPACE, "policies", ODATA_RELATED_POLICIES, RSE_POLICY, false },
    { RSE_APPLICATION, "clusters", ODATA_RELATED_CLUSTERS, RSE_CLUSTER, false },
    { RSE_APPLICATION, "namespace", ODATA_RELATED_NAMESPACE, RSE_NAMESPACE, true },
};

const struct odata_related *odata_related_next(size_t *it)
{
    return *it < RSE_COUNT(RELATIONS) ? &RELATIONS[(*it)++] : NULL;
}

static const struct odata_related *find_relation(const struct rse_noun_info *of, struct rse_str name,
                                                 struct rse_err *err)
{
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, name);
    for (size_t i = 0; i < RSE_COUNT(RELATIONS); i++) {
        if (RELATIONS[i].of != of->noun)
            continue;
        if (rse_str_is(name, RELATIONS[i].name))
            return &RELATIONS[i];
        rse_suggest_offer(&suggestion, rse_str(RELATIONS[i].name));
    }
    (void)rse_suggest_hint(&suggestion, "\"", "\"", err);
    (void)rse_fail(err, RSE_INVALID, "%s have no \"%.*s\" to expand", of->plural, RSE_STR_ARG(name));
    return NULL;
}

/* Up to the ',' behind an item: one that stands in no brackets and in no quotes. False: brackets don't match. */
static bool item_end(struct rse_str text, size_t *open, size_t *end)
{
    int depth = 0;
    size_t at = 0;

    *open = *end = text.len;
    for (; at < text.len && (depth > 0 || text.p[at] != ','); at++) {
        at = odata_quoted_end(text, at);
        if (at == text.len)
            return false;
        if (text.p[at] == '(' && depth++ == 0)
            *open = at;
        else if (text.p[at] == ')' && --depth < 0)
            break;
    }
    *end = at;
    return depth == 0;
}

static bool fail_at(struct rse_err *err, size_t position)
{
    rse_err_position(err, position);
    return false;
}

static bool read_options(struct odata_expand *expand, struct rse_str item, size_t open, unsigned level,
                         struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str inner = rse_str_n("", 0), tail = rse_str_trimmed(item);

    if (open < item.len) {
        if (tail.p[tail.len - 1] != ')') {
            (void)rse_fail(err, RSE_INVALID, "expected \",\" or the end behind the \")\"");
            return fail_at(err, item.len);
        }
        inner = rse_str_n(item.p + open + 1, (size_t)(tail.p + tail.len - 1 - (item.p + open + 1)));
    }
    expand->options = rse_arena_new_of(arena, struct odata_options);
    if (odata_nested_options_parse(expand->options, expand->noun, inner, level, arena, err))
        return true;
    if (err->has_position)
        err->position += (uint32_t)open + 1;
    return false;
}

static bool read_item(struct odata_options *into, struct rse_str item, size_t open, unsigned level,
                      struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str name = rse_str_trimmed(rse_str_n(item.p, open < item.len ? open : item.len));
    struct odata_expand *expand = &into->expand[into->nexpand];
    const struct odata_related *relation = find_relation(into->noun, name, err);

    if (relation == NULL)
        return fail_at(err, (size_t)(name.p - item.p));
    for (size_t i = 0; i < into->nexpand; i++) {
        if (into->expand[i].name == relation->name) {
            (void)rse_fail(err, RSE_INVALID, "\"%s\" is there twice", relation->name);
            return fail_at(err, (size_t)(name.p - item.p));
        }
    }
    *expand = (struct odata_expand){ relation->name, relation->relation, rse_noun_info(relation->noun),
                                     relation->single, NULL };
    into->nexpand++;
    return read_options(expand, item, open, level, arena, err);
}

bool odata_expand_parse(struct odata_options *into, struct rse_str text, unsigned level, struct rse_arena *arena,
                        struct rse_err *err)
{
    if (rse_str_trimmed(text).len == 0)
        return true;
    if (level > ODATA_EXPAND_MAX_LEVELS)
        return rse_fail(err, RSE_INVALID, "$expand goes %d levels deep", ODATA_EXPAND_MAX_LEVELS);
    into->expand = rse_arena_calloc(arena, ODATA_EXPAND_MAX_ITEMS, sizeof(*into->expand));
    for (size_t at = 0; at <= text.len;) {
        struct rse_str rest = rse_str_from(text, at);
        size_t open, end;

        if (!item_end(rest, &open, &end)) {
            (void)rse_fail(err, RSE_INVALID, "expected brackets and quotes to match");
            return fail_at(err, at + end);
        }
        if (into->nexpand == ODATA_EXPAND_MAX_ITEMS) {
            (void)rse_fail(err, RSE_INVALID, "%d relations may be expanded", ODATA_EXPAND_MAX_ITEMS);
            return fail_at(err, at);
        }
        if (!read_item(into, rse_str_n(rest.p, end), open, level, arena, err)) {
            if (err->has_position)
                err->position += (uint32_t)at;
            return false;
        }
        at += end + 1;
    }
    return true;
}
