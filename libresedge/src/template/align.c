#include "libresedge/src/template/align.h"

/* Reads the scalar again, as libyaml did, and compares: each stretch of raw bytes with what it became. */
struct aligner {
    struct rse_str raw;
    struct rse_str value;
    size_t at; /* bytes of the value met so far */
    struct slot *slots;
    size_t count;
    size_t starts, ends; /* slots whose beginning, and whose end, has been met */
};

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* raw[from, from + raw_len) became these bytes; each byte came from its own one where the lengths are equal. */
static bool meet(struct aligner *al, size_t from, size_t raw_len, const char *bytes, size_t len)
{
    bool one_to_one = raw_len == len;

    if (len > al->value.len - al->at || memcmp(al->value.p + al->at, bytes, len) != 0)
        return false;
    while (al->starts < al->count && al->slots[al->starts].value_start < al->at + len) {
        struct slot *slot = &al->slots[al->starts++];

        slot->raw_start = (uint32_t)(from + (one_to_one ? slot->value_start - al->at : 0));
    }
    while (al->ends < al->count && al->slots[al->ends].value_end <= al->at + len) {
        struct slot *slot = &al->slots[al->ends++];

        slot->raw_end = (uint32_t)(from + (one_to_one ? slot->value_end - al->at : raw_len));
    }
    al->at += len;
    return true;
}

static bool meet_raw(struct aligner *al, size_t from, size_t to)
{
    return meet(al, from, to - from, al->raw.p + from, to - from);
}

/* The end of the run of blanks and line breaks at `at`; counts the breaks (CR LF is one). */
static size_t skip_white(struct rse_str raw, size_t at, size_t *breaks)
{
    *breaks = 0;
    while (at < raw.len && (is_blank(raw.p[at]) || is_break(raw.p[at]))) {
        if (is_break(raw.p[at])) {
            ++*breaks;
            at += raw.p[at] == '\r' && at + 1 < raw.len && raw.p[at + 1] == '\n';
        }
        at++;
    }
    return at;
}

static bool meet_breaks(struct aligner *al, size_t from, size_t to, size_t count)
{
    for (; count > 0; count--) {
        if (!meet(al, from, to - from, "\n", 1))
            return false;
    }
    return true;
}

/* Blanks; or a line break, with blanks around it, that is folded: one becomes a space, more become one less. */
static bool meet_white(struct aligner *al, size_t *at)
{
    size_t breaks, from = *at;

    *at = skip_white(al->raw, from, &breaks);
    if (breaks == 0)
        return meet_raw(al, from, *at);
    return breaks == 1 ? meet(al, from, *at - from, " ", 1) : meet_breaks(al, from, *at, breaks - 1);
}

static size_t encode_utf8(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (c >> 18 & 7));
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The character of a one-letter escape; UINT32_MAX for what is none. */
static uint32_t simple_escape(char c)
{
    static const char letters[] = "0abt\tnvfre \"/\\N_LP";
    static const uint16_t chars[] = { 0,    7,   8,   9,   9,    '\n', 0x0b, 0x0c,   '\r',
                                      0x1b, ' ', '"', '/', '\\', 0x85, 0xa0, 0x2028, 0x2029 };
    const char *found = c != '\0' ? strchr(letters, c) : NULL;

    return found != NULL ? chars[found - letters] : UINT32_MAX;
}

static size_t hex_digits(char c)
{
    return c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
}

static uint32_t hex_value(struct rse_str digits)
{
    uint32_t value = 0;

    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.p[i];
        uint32_t digit = (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

        value = value << 4 | (digit & 0xf);
    }
    return value;
}

/* A backslash and what belongs to it. */
static bool meet_escape(struct aligner *al, size_t *at)
{
    struct rse_str raw = al->raw;
    size_t from = *at, breaks, len;
    uint32_t c;
    char bytes[4];

    if (from + 1 >= raw.len)
        return false;
    if (is_break(raw.p[from + 1])) {
        *at = skip_white(raw, from + 1, &breaks);
        return meet_breaks(al, from, *at, breaks - 1);
    }
    len = hex_digits(raw.p[from + 1]);
    if (len > raw.len - from - 2)
        return false;
    c = len > 0 ? hex_value(rse_str_n(raw.p + from + 2, len)) : simple_escape(raw.p[from + 1]);
    if (c == UINT32_MAX)
        return false;
    *at = from + 2 + len;
    return meet(al, from, *at - from, bytes, encode_utf8(c, bytes));
}

static bool align_flow(struct aligner *al, char quote)
{
    size_t at = quote != '\0' ? 1 : 0;
    size_t end = al->raw.len - at;

    if (al->raw.len < 2 * at)
        return false;
    al->raw.len = end;
    while (at < end) {
        char c = al->raw.p[at];
        size_t from = at;
        bool met;

        if (is_blank(c) || is_break(c)) {
            met = meet_white(al, &at);
        } else if (c == '\'' && quote == '\'') {
            at += 2;
            met = meet(al, from, 2, "'", 1);
        } else if (c == '\\' && quote == '"') {
            met = meet_escape(al, &at);
        } else {
            while (at < end && !is_blank(al->raw.p[at]) && !is_break(al->raw.p[at]) &&
                   (at == from || al->raw.p[at] != quote) && (quote != '"' || al->raw.p[at] != '\\'))
                at++;
            met = meet_raw(al, from, at);
        }
        if (!met)
            return false;
    }
    return true;
}

static size_t line_len(struct rse_str s)
{
    size_t len = 0;

    while (len < s.len && !is_break(s.p[len]))
        len++;
    return len;
}

static size_t count_spaces(struct rse_str s)
{
    size_t n = 0;

    while (n < s.len && s.p[n] == ' ')
        n++;
    return n;
}

/* The length of the line break at the start of s. */
static size_t break_len(struct rse_str s)
{
    if (s.len == 0)
        return 0;
    return s.len > 1 && s.p[0] == '\r' && s.p[1] == '\n' ? 2 : 1;
}

size_t align_header_len(struct rse_str raw)
{
    size_t len = line_len(raw);

    return len + break_len(rse_str_from(raw, len));
}

static void skip_value(struct aligner *al, char c)
{
    while (al->at < al->value.len && al->value.p[al->at] == c)
        al->at++;
}

/* What stands in the value between two lines: breaks, or the space that one break was folded to. */
static void skip_separator(struct aligner *al, bool folded)
{
    if (folded && al->at < al->value.len && al->value.p[al->at] == ' ')
        al->at++;
    else
        skip_value(al, '\n');
}

/* The indentation is told by the first line that isn't blank: what the value doesn't have of its spaces. */
static bool find_indent(struct aligner *al, struct rse_str line, size_t *indent)
{
    size_t kept;

    skip_value(al, '\n');
    kept = count_spaces(rse_str_from(al->value, al->at));
    *indent = count_spaces(line);
    if (*indent < kept)
        return false;
    *indent -= kept;
    return true;
}

static bool align_block(struct aligner *al, bool folded)
{
    size_t from = align_header_len(al->raw);
    size_t indent = 0;
    bool found = false;

    while (from < al->raw.len) {
        struct rse_str line = rse_str_n(al->raw.p + from, line_len(rse_str_from(al->raw, from)));
        bool blank = count_spaces(line) == line.len;

        if (!found && !blank) {
            if (!find_indent(al, line, &indent))
                return false;
            found = true;
        } else if (found && line.len > indent) {
            skip_separator(al, folded);
        }
        if (found && line.len > indent &&
            (count_spaces(line) < indent || !meet_raw(al, from + indent, from + line.len)))
            return false;
        from += line.len;
        from += break_len(rse_str_from(al->raw, from));
    }
    skip_value(al, '\n');
    return true;
}

bool align_slots(yaml_scalar_style_t style, struct rse_str raw, struct rse_str value, struct slot *slots, size_t count)
{
    struct aligner al = { .raw = raw, .value = value, .slots = slots, .count = count };
    bool followed;

    switch (style) {
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        followed = align_block(&al, style == YAML_FOLDED_SCALAR_STYLE);
        break;
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        followed = align_flow(&al, '\'');
        break;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        followed = align_flow(&al, '"');
        break;
    default:
        followed = align_flow(&al, '\0');
        break;
    }
    return followed && al.at == value.len && al.starts == count && al.ends == count;
}
