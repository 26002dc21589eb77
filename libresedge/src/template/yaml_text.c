#include "libresedge/src/template/yaml_text.h"

#include "libresedge/src/base/utf8.h"

/* Bits of single bytes are those of yaml_traits(). */
#define TAME 0
#define WILD YAML_WILD
#define CTRL (YAML_WILD | YAML_CONTROL)
#define ESCP (YAML_WILD | YAML_ESCAPE)
#define HIGH (YAML_WILD | YAML_HIGH)

static unsigned byte_traits(unsigned char c)
{
    static const uint8_t ascii[128] = {
        CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL,
        CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL,
        CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL, CTRL,
        CTRL, CTRL, WILD, WILD, ESCP, WILD, WILD, WILD, WILD, YAML_WILD | YAML_QUOTE,
        WILD, WILD, WILD, WILD, WILD, TAME, TAME, TAME, TAME, TAME,
        TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, WILD, WILD,
        WILD, WILD, WILD, WILD, WILD, TAME, TAME, TAME, TAME, TAME,
        TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME,
        TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME,
        TAME, WILD, ESCP, WILD, WILD, TAME, WILD, TAME, TAME, TAME,
        TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME,
        TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME, TAME,
        TAME, TAME, TAME, WILD, WILD, WILD, WILD, CTRL,
    };

    return c < 128 ? ascii[c] : HIGH;
}

bool yaml_is_printable(uint32_t c)
{
    if (c < 0x7f)
        return c >= 0x20;
    if (c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff)
        return false;
    return c <= 0xfffd || c >= 0x10000;
}

static unsigned high_traits(struct rse_str text)
{
    unsigned traits = 0;

    for (size_t at = 0, len; at < text.len; at += len) {
        uint32_t c;

        len = rse_utf8_step(rse_str_from(text, at), &c);
        if (len == 0)
            return YAML_INVALID | YAML_CONTROL;
        if (!yaml_is_printable(c))
            traits |= YAML_CONTROL;
    }
    return traits;
}

unsigned yaml_traits(struct rse_str text)
{
    unsigned traits = 0;

    if (text.len == 0)
        return YAML_WILD;
    for (size_t i = 0; i < text.len; i++)
        traits |= byte_traits((unsigned char)text.p[i]);
    if (traits & YAML_HIGH)
        traits |= high_traits(text);
    if (text.p[0] == ' ')
        traits |= YAML_LEADING_BLANK;
    if (text.p[0] == '-' || text.p[0] == '.')
        traits |= YAML_WILD;
    return traits;
}

size_t yaml_count_chars(struct rse_str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return count;
}

static void add_escape(struct rse_buf *out, uint32_t c)
{
    switch (c) {
    case '"':
        rse_buf_adds(out, "\\\"");
        break;
    case '\\':
        rse_buf_adds(out, "\\\\");
        break;
    case '\n':
        rse_buf_adds(out, "\\n");
        break;
    case '\r':
        rse_buf_adds(out, "\\r");
        break;
    case '\t':
        rse_buf_adds(out, "\\t");
        break;
    default:
        rse_buf_addf(out, "\\u%04x", (unsigned)c);
    }
}

void yaml_add_escaped(struct rse_buf *out, struct rse_str text)
{
    size_t clean = 0; /* from here to `at` nothing needs an escape */

    for (size_t at = 0, len; at < text.len; at += len) {
        uint32_t c = 0xfffd;

        len = rse_utf8_step(rse_str_from(text, at), &c);
        if (len != 0 && c != '"' && c != '\\' && yaml_is_printable(c))
            continue;
        rse_buf_addn(out, text.p + clean, at - clean);
        if (len == 0) {
            rse_buf_adds(out, "\xef\xbf\xbd");
            len = 1;
        } else {
            add_escape(out, c);
        }
        clean = at + len;
    }
    rse_buf_addn(out, text.p + clean, text.len - clean);
}
