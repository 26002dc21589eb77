/*
 * jsonpath.c - the part of JSONPath that kubectl's users know.
 *
 * A template is text with {expressions}: {.a.b}, {.a[0]}, {.a[-1]}, {.a[1:3]}, {.a[*].b}, {.a.*}, {..name}, {['a b']},
 * {.a[?(@.state=="active")].name}, {"text\n"}, {range .a[*]}...{end}. Several results are joined by a space. What is not
 * there is nothing, and no error.
 */
#include "cli/output/jsonpath.h"

enum { DEEPEST = 64 };

static bool eval_template(struct eval *e, const char **p, const cJSON *root, bool in_range, int depth);

static bool is_word(const char *p, const char *word)
{
    size_t len = strlen(word);

    return strncmp(p, word, len) == 0 && (p[len] == ' ' || p[len] == '}');
}

/* Behind "{range ": the path, and the body up to {end} once for each node. */
static bool eval_range(struct eval *e, const char **p, const cJSON *root, int depth)
{
    RSE_CLEANUP(jsonpath_release) struct nodes nodes = { NULL, 0, 0 };
    static const cJSON nothing = { .type = cJSON_NULL };
    size_t mark = e->out->len;
    const char *body;

    jsonpath_skip_spaces(p);
    if (!jsonpath_read_path(e, p, root, &nodes))
        return false;
    jsonpath_skip_spaces(p);
    if (**p != '}')
        return jsonpath_fail(e, *p, "a } is missing");
    body = ++*p;
    if (!eval_template(e, p, &nothing, true, depth + 1)) /* finds the end, also where there is nothing to repeat */
        return false;
    rse_buf_truncate(e->out, mark);
    for (size_t i = 0; i < nodes.count; i++) {
        *p = body;
        if (!eval_template(e, p, nodes.at[i], true, depth + 1))
            return false;
    }
    return true;
}

static bool eval_path(struct eval *e, const char **p, const cJSON *root)
{
    RSE_CLEANUP(jsonpath_release) struct nodes nodes = { NULL, 0, 0 };
    const char *begin = *p;

    if (strchr(".$@[", **p) == NULL || **p == '\0')
        return jsonpath_fail(e, *p, "an expression begins with a dot");
    if (!jsonpath_read_path(e, p, root, &nodes))
        return false;
    if (*p == begin)
        return jsonpath_fail(e, *p, "an expression is missing");
    for (size_t i = 0; i < nodes.count; i++) {
        if (i > 0)
            rse_buf_addc(e->out, ' ');
        jsonpath_node_text(nodes.at[i], e->out);
    }
    return true;
}

/* Behind "{"; *ended: it was {end}. */
static bool eval_braces(struct eval *e, const char **p, const cJSON *root, int depth, bool *ended)
{
    bool ok = true;

    jsonpath_skip_spaces(p);
    *ended = is_word(*p, "end");
    if (is_word(*p, "range")) {
        *p += strlen("range");
        return depth < DEEPEST ? eval_range(e, p, root, depth) : jsonpath_fail(e, *p, "too many ranges in each other");
    }
    if (*ended)
        *p += strlen("end");
    else if (**p == '"' || **p == '\'')
        ok = jsonpath_read_quoted(p, e->out) || jsonpath_fail(e, *p, "a quote is missing");
    else
        ok = eval_path(e, p, root);
    jsonpath_skip_spaces(p);
    if (ok && **p != '}')
        return jsonpath_fail(e, *p, "a } is missing");
    *p += ok;
    return ok;
}

static bool eval_template(struct eval *e, const char **p, const cJSON *root, bool in_range, int depth)
{
    bool ended;

    while (**p != '\0') {
        if (**p != '{') {
            rse_buf_addc(e->out, *(*p)++);
            continue;
        }
        const char *brace = (*p)++;

        if (!eval_braces(e, p, root, depth, &ended))
            return false;
        if (ended)
            return in_range || jsonpath_fail(e, brace, "there is no {range} for this {end}");
    }
    return !in_range || jsonpath_fail(e, *p, "an {end} is missing");
}

bool jsonpath_eval(const char *template, const cJSON *value, struct rse_buf *out, struct rse_err *err)
{
    struct eval e = { .template = template, .err = err, .out = out };
    const char *p = template;

    /* As kubectl does, one expression may stand without its braces. */
    if (template[0] == '.' || template[0] == '$') {
        if (!eval_path(&e, &p, value))
            return false;
        return *p == '\0' || jsonpath_fail(&e, p, "nothing more is expected");
    }
    return eval_template(&e, &p, value, false, 0);
}
