#include "libresedge/src/template/yaml_core.h"

#include <math.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "resedge/base.h"

#include "libresedge/src/template/yaml_reader.h"

/* The integers that a double holds exactly. */
#define MAX_EXACT 9007199254740992.0

enum kind { STRING, NULL_VALUE, TRUE_VALUE, FALSE_VALUE, INTEGER, REAL, NOT_JSON };

static enum kind kind_of_word(struct rse_str text)
{
    static const struct {
        const char *word;
        enum kind kind;
    } words[] = {
        { "", NULL_VALUE },       { "~", NULL_VALUE },      { "null", NULL_VALUE },   { "Null", NULL_VALUE },
        { "NULL", NULL_VALUE },   { "true", TRUE_VALUE },   { "True", TRUE_VALUE },   { "TRUE", TRUE_VALUE },
        { "false", FALSE_VALUE }, { "False", FALSE_VALUE }, { "FALSE", FALSE_VALUE }, { ".nan", NOT_JSON },
        { ".NaN", NOT_JSON },     { ".NAN", NOT_JSON },     { ".inf", NOT_JSON },     { ".Inf", NOT_JSON },
        { ".INF", NOT_JSON },     { "-.inf", NOT_JSON },    { "-.Inf", NOT_JSON },    { "-.INF", NOT_JSON },
        { "+.inf", NOT_JSON },    { "+.Inf", NOT_JSON },    { "+.INF", NOT_JSON },
    };

    for (size_t i = 0; i < RSE_COUNT(words); i++) {
        if (rse_str_is(text, words[i].word))
            return words[i].kind;
    }
    return STRING;
}

static size_t skip_of(struct rse_str s, size_t at, const char *set)
{
    while (at < s.len && s.p[at] != '\0' && strchr(set, s.p[at]) != NULL)
        at++;
    return at;
}

#define DIGITS "0123456789"

static enum kind kind_of_number(struct rse_str s)
{
    size_t sign = s.p[0] == '-' || s.p[0] == '+' ? 1 : 0;
    size_t whole, at;

    if (s.len > 2 && s.p[0] == '0' && s.p[1] == 'o')
        return skip_of(s, 2, "01234567") == s.len ? INTEGER : STRING;
    if (s.len > 2 && s.p[0] == '0' && s.p[1] == 'x')
        return skip_of(s, 2, DIGITS "abcdefABCDEF") == s.len ? INTEGER : STRING;
    whole = skip_of(s, sign, DIGITS);
    if (whole == s.len && whole > sign)
        return INTEGER;
    at = whole;
    if (at < s.len && s.p[at] == '.') {
        at = skip_of(s, at + 1, DIGITS);
        if (whole == sign && at == whole + 1)
            return STRING;
    } else if (whole == sign) {
        return STRING;
    }
    if (at < s.len && (s.p[at] == 'e' || s.p[at] == 'E')) {
        size_t exponent = at + 1;

        if (exponent < s.len && (s.p[exponent] == '-' || s.p[exponent] == '+'))
            exponent++;
        at = skip_of(s, exponent, DIGITS);
        if (at == exponent)
            return STRING;
    }
    return at == s.len ? REAL : STRING;
}

static cJSON *make_number(struct rse_str text, enum kind kind, const char **problem)
{
    double value;
    cJSON *node;

    if (text.len > 1 && text.p[1] == 'o')
        value = (double)strtoull(text.p + 2, NULL, 8);
    else
        value = strtod(text.p, NULL); /* libyaml ends values with a NUL; knows 0x as well */
    if (!isfinite(value) || (kind != REAL && fabs(value) > MAX_EXACT)) {
        *problem = "a number too large to be kept exactly: put it in quotes";
        return NULL;
    }
    node = cJSON_CreateNumber(value);
    if (node != NULL)
        node->valuestring = rse_xstrndup(text); /* as rse_json_parse() does: a metadata value 1.10 stays 1.10 */
    return node;
}

/* How the tag, if there is one, says to read the scalar. */
static bool tag_says_string(const yaml_event_t *event, bool *string, const char **problem)
{
    static const char *const others[] = { YAML_NULL_TAG, YAML_BOOL_TAG, YAML_INT_TAG, YAML_FLOAT_TAG };
    const char *tag = (const char *)event->data.scalar.tag;

    *string = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (tag == NULL)
        return true;
    if (strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0) {
        *string = true;
        return true;
    }
    *string = false;
    for (size_t i = 0; i < RSE_COUNT(others); i++) {
        if (strcmp(tag, others[i]) == 0)
            return true;
    }
    *problem = "a tag that is not supported here";
    return false;
}

struct cJSON *yaml_core_scalar(const yaml_event_t *event, const char **problem)
{
    struct rse_str text = yaml_event_text(event);
    enum kind kind = STRING;
    bool string;

    if (!tag_says_string(event, &string, problem))
        return NULL;
    if (rse_str_find(text, '\0') >= 0) {
        *problem = "a string that holds a NUL character";
        return NULL;
    }
    if (!string)
        kind = kind_of_word(text);
    if (!string && kind == STRING)
        kind = kind_of_number(text);
    switch (kind) {
    case NULL_VALUE:
        return cJSON_CreateNull();
    case TRUE_VALUE:
    case FALSE_VALUE:
        return cJSON_CreateBool(kind == TRUE_VALUE);
    case INTEGER:
    case REAL:
        return make_number(text, kind, problem);
    case NOT_JSON:
        *problem = "a number that JSON does not have";
        return NULL;
    case STRING:
        break;
    }
    return cJSON_CreateString(text.p);
}
