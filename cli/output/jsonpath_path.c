/* jsonpath_path.c - the paths within a JSONPath template: from one set of nodes to the next, step by step. */
#include "cli/output/jsonpath.h"

#include <ctype.h>
#include <stdlib.h>

enum { MOST_FOUND = 4 * 1000 * 1000, DEEPEST = 64 };

static void add_node(struct nodes *nodes, const cJSON *node)
{
    if (cJSON_IsNull(node) || nodes->count == MOST_FOUND) /* null is how the API says that there is nothing */
        return;
    RSE_GROW(nodes->at, nodes->count, nodes->cap);
    nodes->at[nodes->count++] = node;
}

void jsonpath_release(struct nodes *nodes)
{
    free(nodes->at);
    *nodes = (struct nodes){ NULL, 0, 0 };
}

bool jsonpath_fail(const struct eval *e, const char *place, const char *what)
{
    rse_err_position(e->err, (size_t)(place - e->template));
    rse_err_object(e->err, "%s", e->template);
    rse_err_hint(e->err, "It looks like '{.value[*].name}' or '{range .value[*]}{.name}{\"\\n\"}{end}'.");
    return rse_fail(e->err, RSE_INVALID, "this JSONPath can't be read: %s", what);
}

/* ---- steps: from one set of nodes to the next ---- */

static void step_member(const struct nodes *from, struct rse_str name, struct nodes *to)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!cJSON_IsObject(from->at[i]))
            continue;
        for (const cJSON *child = from->at[i]->child; child != NULL; child = child->next) {
            if (rse_str_is(name, child->string))
                add_node(to, child);
        }
    }
}

static void step_all(const struct nodes *from, struct nodes *to)
{
    for (size_t i = 0; i < from->count; i++) {
        for (const cJSON *child = from->at[i]->child; child != NULL; child = child->next)
            add_node(to, child);
    }
}

static void find_below(const cJSON *node, struct rse_str name, int depth, struct nodes *to)
{
    for (const cJSON *child = node->child; child != NULL && depth < DEEPEST; child = child->next) {
        if (child->string != NULL && rse_str_is(name, child->string))
            add_node(to, child);
        find_below(child, name, depth + 1, to);
    }
}

/* [a:b], either of which may be absent, negative ones from the end. */
static void step_slice(const struct nodes *from, int64_t first, int64_t past, struct nodes *to)
{
    for (size_t i = 0; i < from->count; i++) {
        int64_t size = cJSON_IsArray(from->at[i]) ? cJSON_GetArraySize(from->at[i]) : 0, place = 0;
        int64_t begin = first < 0 ? first + size : first, end = past < 0 ? past + size : past;

        for (const cJSON *child = size > 0 ? from->at[i]->child : NULL; child != NULL; child = child->next, place++) {
            if (place >= begin && place < end)
                add_node(to, child);
        }
    }
}

static struct rse_str read_name(const char **p)
{
    const char *begin = *p;

    while (isalnum((unsigned char)**p) || **p == '_' || **p == '-' || **p == '@' || (unsigned char)**p >= 0x80)
        (*p)++;
    return rse_str_n(begin, (size_t)(*p - begin));
}

void jsonpath_skip_spaces(const char **p)
{
    while (**p == ' ')
        (*p)++;
}

bool jsonpath_read_quoted(const char **p, struct rse_buf *out)
{
    char quote = **p;

    if (quote != '"' && quote != '\'')
        return false;
    for ((*p)++; **p != '\0' && **p != quote; (*p)++) {
        if (**p == '\\' && (*p)[1] != '\0') {
            (*p)++;
            rse_buf_addc(out, **p == 'n' ? '\n' : **p == 't' ? '\t' : **p);
        } else {
            rse_buf_addc(out, **p);
        }
    }
    if (**p != quote)
        return false;
    (*p)++;
    return true;
}

/* ---- filters: ?(@.a.b == "x") ---- */

enum { OPERATOR_LENGTH = 3 };

static bool read_operator(const char **p, char operator[OPERATOR_LENGTH])
{
    static const char *const operators[] = { "==", "!=", "<=", ">=", "<", ">" };

    jsonpath_skip_spaces(p);
    for (size_t i = 0; i < RSE_COUNT(operators); i++) {
        if (strncmp(*p, operators[i], strlen(operators[i])) != 0)
            continue;
        snprintf(operator, OPERATOR_LENGTH, "%s", operators[i]);
        *p += strlen(operators[i]);
        jsonpath_skip_spaces(p);
        return true;
    }
    operator[0] = '\0';
    return false;
}

void jsonpath_node_text(const cJSON *node, struct rse_buf *out)
{
    if (cJSON_IsString(node))
        rse_buf_adds(out, node->valuestring);
    else
        add_json(out, node, 0);
}

static bool holds(const cJSON *node, const char *operator, const char * wanted)
{
    RSE_BUF_AUTO text = { 0 };
    double a, b;
    int order;

    rse_buf_init(&text, SIZE_MAX / 2);
    jsonpath_node_text(node, &text);
    if (cJSON_IsNumber(node) && rse_parse_double(rse_str(wanted), &b)) {
        a = node->valuedouble;
        order = (a > b) - (a < b);
    } else {
        order = strcmp(text.p, wanted);
    }
    switch (operator[0]) {
    case '=':
        return order == 0;
    case '!':
        return order != 0;
    case '<':
        return operator[1] == '=' ? order <= 0 : order<0;
    default:
        return operator[1] == '=' ? order >= 0 : order> 0;
    }
}

static bool read_operand(const char **p, struct rse_buf *wanted)
{
    if (**p == '"' || **p == '\'')
        return jsonpath_read_quoted(p, wanted);
    while (**p != '\0' && **p != ')' && **p != ' ')
        rse_buf_addc(wanted, *(*p)++);
    return wanted->len > 0;
}

/* What follows "?(" for one candidate; leaves *p behind the ")". */
static bool matches(struct eval *e, const char **p, const cJSON *candidate, bool *yes)
{
    RSE_CLEANUP(jsonpath_release) struct nodes found = { NULL, 0, 0 };
    char operator[OPERATOR_LENGTH];
    RSE_BUF_AUTO wanted = { 0 };

    rse_buf_init(&wanted, 1 << 16);
    jsonpath_skip_spaces(p);
    if (**p != '@')
        return jsonpath_fail(e, *p, "a filter begins with @");
    if (!jsonpath_read_path(e, p, candidate, &found))
        return false;
    *yes = found.count > 0;
    if (read_operator(p, operator)) {
        if (!read_operand(p, &wanted))
            return jsonpath_fail(e, *p, "a value is missing");
        *yes = false;
        for (size_t i = 0; i < found.count; i++)
            *yes = *yes || holds(found.at[i], operator, wanted.p);
    }
    jsonpath_skip_spaces(p);
    if (**p != ')')
        return jsonpath_fail(e, *p, "a ) is missing");
    (*p)++;
    return true;
}

static bool step_filter(struct eval *e, const char **p, const struct nodes *from, struct nodes *to)
{
    static const cJSON nothing = { .type = cJSON_NULL };
    const char *begin = *p;
    bool yes;

    if (!matches(e, p, &nothing, &yes)) /* read once also where there is nobody to ask */
        return false;
    for (size_t i = 0; i < from->count; i++) {
        for (const cJSON *child = from->at[i]->child; child != NULL; child = child->next) {
            const char *again = begin;

            if (!matches(e, &again, child, &yes))
                return false;
            if (yes)
                add_node(to, child);
        }
    }
    return true;
}

/* ---- brackets ---- */

static bool read_number(const char **p, int64_t *out)
{
    char *end;
    long long n = strtoll(*p, &end, 10);

    if (end == *p)
        return false;
    *p = end;
    *out = n;
    return true;
}

static bool step_index(struct eval *e, const char **p, const struct nodes *from, struct nodes *to)
{
    int64_t first = 0, past;
    bool has_first = read_number(p, &first);

    if (**p == ':') {
        (*p)++;
        if (!read_number(p, &past))
            past = INT32_MAX;
    } else if (has_first) {
        past = first == -1 ? INT32_MAX : first + 1;
    } else {
        return jsonpath_fail(e, *p, "a number, *, ?(...) or a quoted name is expected in [ ]");
    }
    step_slice(from, first, past, to);
    return true;
}

static bool read_bracket(struct eval *e, const char **p, const struct nodes *from, struct nodes *to)
{
    RSE_BUF_AUTO name = { 0 };
    bool ok = true;

    rse_buf_init(&name, 4096);
    (*p)++;
    jsonpath_skip_spaces(p);
    if (**p == '*') {
        (*p)++;
        step_all(from, to);
    } else if (**p == '?' && (*p)[1] == '(') {
        *p += 2;
        ok = step_filter(e, p, from, to);
    } else if (**p == '"' || **p == '\'') {
        ok = jsonpath_read_quoted(p, &name) || jsonpath_fail(e, *p, "a quote is missing");
        step_member(from, rse_buf_str(&name), to);
    } else {
        ok = step_index(e, p, from, to);
    }
    jsonpath_skip_spaces(p);
    if (ok && **p != ']')
        return jsonpath_fail(e, *p, "a ] is missing");
    *p += ok;
    return ok;
}

static bool read_dot(struct eval *e, const char **p, const struct nodes *from, struct nodes *to)
{
    bool below = (*p)[1] == '.';
    struct rse_str name;

    *p += below ? 2 : 1;
    if (**p == '*') {
        (*p)++;
        step_all(from, to);
        return true;
    }
    name = read_name(p);
    if (name.len == 0)
        return jsonpath_fail(e, *p, "a name is expected after the dot");
    for (size_t i = 0; below && i < from->count; i++)
        find_below(from->at[i], name, 0, to);
    if (!below)
        step_member(from, name, to);
    return true;
}

/* A path from a node; leaves *p behind it. Names with a dot in them are written ['a.b']. */
bool jsonpath_read_path(struct eval *e, const char **p, const cJSON *root, struct nodes *out)
{
    struct nodes now = { NULL, 0, 0 };

    add_node(&now, root);
    if (**p == '$' || **p == '@')
        (*p)++;
    while (**p == '.' || **p == '[') {
        struct nodes next = { NULL, 0, 0 };
        bool alone = **p == '.' && strchr("} )=", (*p)[1]) != NULL; /* {.} is the node itself */
        bool ok;

        if (alone) {
            (*p)++;
            break;
        }
        ok = **p == '.' ? read_dot(e, p, &now, &next) : read_bracket(e, p, &now, &next);
        jsonpath_release(&now);
        now = next;
        if (!ok) {
            jsonpath_release(&now);
            return false;
        }
    }
    *out = now;
    return true;
}
