#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "resedge/yaml.h"

#include "libresedge/src/template/yaml_text.h"

#define INDENT    2
#define MAX_DEPTH 100
/* The longest implicit key that YAML allows, less what it may be escaped to. */
#define MAX_SIMPLE_KEY 1024

static void add_node(struct rse_buf *out, const cJSON *node, unsigned depth, bool after_dash);

static void add_indent(struct rse_buf *out, unsigned depth)
{
    for (unsigned i = 0; i < depth * INDENT; i++)
        rse_buf_addc(out, ' ');
}

/* As few digits as give the same number back. */
static void add_number(struct rse_buf *out, double value)
{
    char text[40];

    if (!isfinite(value)) {
        rse_buf_adds(out, "null"); /* as cJSON prints it */
        return;
    }
    if (value == floor(value) && fabs(value) < 9007199254740992.0) {
        rse_buf_add_int(out, (int64_t)value);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    rse_buf_adds(out, text);
}

static void add_string(struct rse_buf *out, struct rse_str text)
{
    if (rse_yaml_plain_safe(text, false) && !yaml_is_typed(text))
        rse_buf_add_str(out, text);
    else
        rse_yaml_add_quoted(out, text);
}

/* Whether text can be a literal block scalar: lines of printable text, the first of them not empty and not indented
 * (its indentation tells that of the block), and at most one line break at the end. */
static bool is_block(struct rse_str text)
{
    struct rse_str line;
    ptrdiff_t end;

    if (rse_str_find(text, '\n') <= 0 || text.p[0] == ' ' || rse_str_ends(text, RSE_STR("\n\n")))
        return false;
    while ((end = rse_str_find(text, '\n')) >= 0 || text.len > 0) {
        line = rse_str_n(text.p, end >= 0 ? (size_t)end : text.len);
        if (line.len > 0 && (yaml_traits(line) & YAML_CONTROL))
            return false;
        if (line.len > 0 && line.p[line.len - 1] == ' ')
            return false; /* nobody would see it */
        text = rse_str_from(text, line.len + 1);
    }
    return true;
}

static void add_block(struct rse_buf *out, struct rse_str text, unsigned depth)
{
    rse_buf_adds(out, rse_str_ends(text, RSE_STR("\n")) ? "|\n" : "|-\n");
    while (text.len > 0) {
        ptrdiff_t end = rse_str_find(text, '\n');
        struct rse_str line = rse_str_n(text.p, end >= 0 ? (size_t)end : text.len);

        if (line.len > 0)
            add_indent(out, depth);
        rse_buf_add_str(out, line);
        rse_buf_addc(out, '\n');
        text = rse_str_from(text, line.len + 1);
    }
}

static void add_leaf(struct rse_buf *out, const cJSON *node, unsigned depth)
{
    struct rse_str text = cJSON_IsString(node) ? rse_str(node->valuestring) : RSE_STR("");

    if (cJSON_IsString(node) && is_block(text)) {
        add_block(out, text, depth > 0 ? depth : 1);
        return;
    }
    if (cJSON_IsString(node))
        add_string(out, text);
    else if (cJSON_IsNumber(node))
        add_number(out, node->valuedouble);
    else if (cJSON_IsBool(node))
        rse_buf_adds(out, cJSON_IsTrue(node) ? "true" : "false");
    else if (cJSON_IsRaw(node))
        rse_buf_adds(out, node->valuestring);
    else if (cJSON_IsObject(node))
        rse_buf_adds(out, "{}");
    else if (cJSON_IsArray(node))
        rse_buf_adds(out, "[]");
    else
        rse_buf_adds(out, "null");
    rse_buf_addc(out, '\n');
}

static void add_member(struct rse_buf *out, const cJSON *node, unsigned depth)
{
    struct rse_str key = rse_str(node->string);
    bool filled = node->child != NULL;

    if (key.len > MAX_SIMPLE_KEY / 6) { /* an escape takes up to six bytes */
        rse_buf_adds(out, "? ");
        add_string(out, key);
        rse_buf_addc(out, '\n');
        add_indent(out, depth);
        rse_buf_adds(out, ":");
    } else {
        add_string(out, key);
        rse_buf_addc(out, ':');
    }
    rse_buf_addc(out, filled ? '\n' : ' ');
    add_node(out, node, depth + 1, false);
}

/* A node at the beginning of a line, or (after_dash) on the line of the "- " in front of it. */
static void add_node(struct rse_buf *out, const cJSON *node, unsigned depth, bool after_dash)
{
    if (depth > MAX_DEPTH || node->child == NULL) {
        add_leaf(out, node, depth);
        return;
    }
    for (const cJSON *child = node->child; child != NULL; child = child->next) {
        if (!after_dash)
            add_indent(out, depth);
        after_dash = false;
        if (cJSON_IsObject(node)) {
            add_member(out, child, depth);
        } else {
            rse_buf_adds(out, "- ");
            add_node(out, child, depth + 1, true);
        }
    }
}

void rse_yaml_from_json(struct rse_buf *out, const struct cJSON *value)
{
    add_node(out, value, 0, false);
}
