/*
 * Which bare scalars are no strings. The patterns are those of yaml.org/type (YAML 1.1), widened by what YAML 1.2 and
 * the parsers of Kubernetes' tools take for a number; to quote a string too many does no harm.
 */
#include <ctype.h>
#include <strings.h>

#include "libresedge/src/template/yaml_text.h"

/* The most digits that an int64, and that a double, gives back unchanged. */
#define MAX_INTEGER_DIGITS 18
#define MAX_DECIMAL_DIGITS 15

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number of leading bytes of s that are digits or, with underscores, '_'. */
static size_t count_digits(struct rse_str s, bool underscores)
{
    size_t n = 0;

    while (n < s.len && (is_digit(s.p[n]) || (underscores && s.p[n] == '_')))
        n++;
    return n;
}

static bool is_case_word(struct rse_str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

static bool is_word(struct rse_str text)
{
    static const char *const words[] = { "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "=" };

    for (size_t i = 0; i < RSE_COUNT(words); i++) {
        if (is_case_word(text, words[i]))
            return true;
    }
    return false;
}

/* After the sign: 0x1F, 0o17, 0b1010_0111. */
static bool is_based(struct rse_str s)
{
    if (s.len < 3 || s.p[0] != '0' || strchr("xXoObB", s.p[1]) == NULL || s.p[1] == '\0')
        return false;
    for (size_t i = 2; i < s.len; i++) {
        if (!isxdigit((unsigned char)s.p[i]) && s.p[i] != '_')
            return false;
    }
    return true;
}

/* After the sign: 190:20:30.15. */
static bool is_sexagesimal(struct rse_str s)
{
    bool colon = false;

    if (s.len == 0 || !is_digit(s.p[0]))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        colon = colon || s.p[i] == ':';
        if (!is_digit(s.p[i]) && s.p[i] != '_' && s.p[i] != ':' && s.p[i] != '.')
            return false;
    }
    return colon;
}

/* After the sign: 1, 0777, 1_000, 1., .5, 6.02e23, 1E-3. */
static bool is_number(struct rse_str s)
{
    size_t whole = count_digits(s, true);
    size_t part = 0;

    s = rse_str_from(s, whole);
    if (s.len > 0 && s.p[0] == '.') {
        s = rse_str_from(s, 1);
        part = count_digits(s, true);
        s = rse_str_from(s, part);
    }
    if (whole + part == 0)
        return false;
    if (s.len > 0 && (s.p[0] == 'e' || s.p[0] == 'E')) {
        s = rse_str_from(s, 1);
        if (s.len > 0 && (s.p[0] == '+' || s.p[0] == '-'))
            s = rse_str_from(s, 1);
        return s.len > 0 && count_digits(s, false) == s.len;
    }
    return s.len == 0;
}

/* 2026-01-01, and with a time after it in whatever form. */
static bool is_date(struct rse_str s)
{
    size_t at = 4;

    if (s.len < 8 || count_digits(rse_str_n(s.p, 4), false) != 4)
        return false;
    for (int i = 0; i < 2; i++) {
        size_t digits;

        if (at >= s.len || s.p[at] != '-')
            return false;
        digits = count_digits(rse_str_from(s, at + 1), false);
        if (digits < 1 || digits > 2)
            return false;
        at += 1 + digits;
    }
    if (at < s.len && strchr("Tt \t", s.p[at]) == NULL)
        return false;
    for (; at < s.len; at++) {
        if (!is_digit(s.p[at]) && strchr("TtZz+-:. \t", s.p[at]) == NULL)
            return false;
    }
    return true;
}

bool yaml_is_typed(struct rse_str text)
{
    struct rse_str number = text;

    if (text.len == 0)
        return true;
    if (yaml_is_letter(text.p[0]))
        return text.len <= YAML_LONGEST_WORD && is_word(text);
    if (text.p[0] == '+' || text.p[0] == '-')
        number = rse_str_from(text, 1);
    return is_word(text) || is_number(number) || is_based(number) || is_sexagesimal(number) || is_date(text) ||
           is_case_word(number, ".inf") || is_case_word(number, ".nan");
}

bool yaml_is_ordinary_number(struct rse_str text)
{
    size_t whole, part;
    bool negative = text.len > 0 && text.p[0] == '-';

    if (negative)
        text = rse_str_from(text, 1);
    whole = count_digits(text, false);
    if (whole == 0 || (whole > 1 && text.p[0] == '0'))
        return false;
    if (whole == text.len)
        return whole <= MAX_INTEGER_DIGITS && !(negative && text.p[0] == '0');
    if (text.p[whole] != '.')
        return false;
    part = count_digits(rse_str_from(text, whole + 1), false);
    return part > 0 && whole + 1 + part == text.len && whole + part <= MAX_DECIMAL_DIGITS;
}

bool yaml_rules_out_type(unsigned char c)
{
    return c >= 0x80 || c == '\0' || strchr("0123456789_:.+-~<= \tabcdefilnorstuxyzABCDEFILNORSTUXYZ", c) == NULL;
}
