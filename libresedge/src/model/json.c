/*
 * json.c - writes strings and numbers as JSON, and reads the finer points of a cJSON tree.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "libresedge/src/model/json.h"
#include "resedge/parse.h"

static const double EXACT_INTEGER_MAX = 9007199254740992.0; /* 2^53 */

/* How many bytes of s from `at` on can be copied as they are. */
static size_t plain_run(struct rse_str s, size_t at)
{
    size_t i = at;

    while (i < s.len && (unsigned char)s.p[i] >= 0x20 && s.p[i] != '"' && s.p[i] != '\\')
        i++;
    return i - at;
}

static void add_escape(struct rse_buf *out, char c)
{
    static const char FROM[] = "\"\\\b\f\n\r\t";
    static const char TO[] = "\"\\bfnrt";
    const char *found = c != '\0' ? strchr(FROM, c) : NULL;

    if (found != NULL) {
        rse_buf_addc(out, '\\');
        rse_buf_addc(out, TO[found - FROM]);
    } else {
        rse_buf_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
    }
}

static void add_valid(struct rse_buf *out, struct rse_str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t run = plain_run(text, i);

        rse_buf_addn(out, text.p + i, run);
        i += run;
        if (i < text.len)
            add_escape(out, text.p[i++]);
    }
}

void rse_json_add_string(struct rse_buf *out, struct rse_str text)
{
    size_t bad_at;

    rse_buf_addc(out, '"');
    /* Whatever comes in, JSON goes out: a byte that is no UTF-8 becomes the replacement character. */
    while (!rse_utf8_valid(text, &bad_at)) {
        add_valid(out, rse_str_n(text.p, bad_at));
        rse_buf_adds(out, "\xef\xbf\xbd");
        text = rse_str_from(text, bad_at + 1);
    }
    add_valid(out, text);
    rse_buf_addc(out, '"');
}

void rse_json_add_double(struct rse_buf *out, double number)
{
    char text[40];

    if (!isfinite(number)) {
        rse_buf_adds(out, "null"); /* JSON has no word for it */
        return;
    }
    if (trunc(number) == number && fabs(number) <= EXACT_INTEGER_MAX) {
        rse_buf_add_int(out, (int64_t)number);
        return;
    }
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    for (char *c = text; *c != '\0'; c++) {
        if (*c == ',') /* the decimal point of the process' locale */
            *c = '.';
    }
    rse_buf_adds(out, text);
}

const char *json_kind(const cJSON *json)
{
    if (json == NULL)
        return "nothing";
    switch (json->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
        return "a boolean";
    case cJSON_NULL:
        return "null";
    case cJSON_Number:
        return "a number";
    case cJSON_String:
        return "a string";
    case cJSON_Array:
        return "an array";
    case cJSON_Object:
        return "an object";
    default:
        return "something else";
    }
}

void json_add_pointer_segment(struct rse_buf *out, struct rse_str key)
{
    rse_buf_addc(out, '/');
    for (size_t i = 0; i < key.len; i++) {
        if (key.p[i] == '~')
            rse_buf_adds(out, "~0");
        else if (key.p[i] == '/')
            rse_buf_adds(out, "~1");
        else
            rse_buf_addc(out, key.p[i]);
    }
}

void json_err_within_key(struct rse_err *err, const char *key)
{
    RSE_BUF_AUTO segment;

    rse_buf_init(&segment, 256);
    json_add_pointer_segment(&segment, rse_str(key));
    rse_err_field_within(err, "%s", segment.p != NULL ? segment.p : "/");
}

void json_number_text(const cJSON *number, struct rse_buf *out)
{
    if (number->valuestring != NULL)
        rse_buf_adds(out, number->valuestring);
    else
        rse_json_add_double(out, number->valuedouble);
}

bool json_int64(const cJSON *number, int64_t *out)
{
    if (number->valuestring != NULL && rse_parse_int64(rse_str(number->valuestring), INT64_MIN, INT64_MAX, out))
        return true;
    double d = number->valuedouble;

    if (trunc(d) != d || fabs(d) > EXACT_INTEGER_MAX)
        return false;
    *out = (int64_t)d;
    return true;
}
