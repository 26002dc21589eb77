#include "resedge/yaml.h"

#include "libresedge/src/template/yaml_text.h"

/* Bytes that give a scalar another meaning when they come first. '-' and '.' are looked at more closely. */
#define INDICATORS "?:,[]{}#&*!|>'\"%@`"
/* '?' too: the parsers of Kubernetes' tools end a plain scalar there when they are in a flow collection. */
#define FLOW_INDICATORS ",[]{}?"

static bool first_is_safe(struct rse_str text)
{
    if (text.p[0] == ' ' || strchr(INDICATORS, text.p[0]) != NULL)
        return false;
    if (text.p[0] == '-' && (text.len == 1 || text.p[1] == ' '))
        return false;
    /* At the beginning of a line these begin or end a document. */
    return !rse_str_starts(text, RSE_STR("---")) && !rse_str_starts(text, RSE_STR("..."));
}

static bool rest_is_safe(struct rse_str text, bool in_flow)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (c == ':' && (i + 1 == text.len || text.p[i + 1] == ' '))
            return false;
        if (c == '#' && i > 0 && text.p[i - 1] == ' ')
            return false;
        if (in_flow && strchr(FLOW_INDICATORS, c) != NULL)
            return false;
    }
    return text.p[text.len - 1] != ' ';
}

bool rse_yaml_plain_safe(struct rse_str text, bool in_flow)
{
    unsigned traits = yaml_traits(text);

    if (text.len == 0 || (traits & YAML_CONTROL))
        return false;
    if ((traits & YAML_WILD) && !(first_is_safe(text) && rest_is_safe(text, in_flow)))
        return false;
    return !yaml_is_typed(text) || yaml_is_ordinary_number(text);
}

void rse_yaml_add_quoted(struct rse_buf *out, struct rse_str text)
{
    rse_buf_addc(out, '"');
    yaml_add_escaped(out, text);
    rse_buf_addc(out, '"');
}

void rse_yaml_add_scalar(struct rse_buf *out, struct rse_str text, bool in_flow)
{
    if (rse_yaml_plain_safe(text, in_flow))
        rse_buf_add_str(out, text);
    else
        rse_yaml_add_quoted(out, text);
}

void rse_yaml_add_string(struct rse_buf *out, struct rse_str text)
{
    /* As in a flow collection: the caller may stand in one. */
    if (rse_yaml_plain_safe(text, true) && !yaml_is_typed(text))
        rse_buf_add_str(out, text);
    else
        rse_yaml_add_quoted(out, text);
}
