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

void rse_json_add_string(struct rse_buf *out, struct rse_str text)
{
    rse_buf_add_json_str(out, text);
}

/* A number with few decimals, as people write them. n / 10^k, both exact, is rounded as a decimal's text is (IEEE 754), so the first
 * k that gives the number back gives the shortest text. */
static bool add_decimal(struct rse_buf *out, double number)
{
    static const double LEAST = 1e-4, LARGEST = 1e15; /* below: with an exponent; above: not exact */
    double size = fabs(number);
    int64_t scale = 1;

    for (int k = 1; k <= 9 && size >= LEAST && size * 10 * (double)scale < LARGEST; k++) {
        scale *= 10;
        int64_t n = (int64_t)rint(size * (double)scale);

        if ((double)n / (double)scale != size)
            continue;
        rse_buf_adds(out, number < 0 ? "-" : "");
        rse_buf_add_int(out, n / scale);
        rse_buf_addc(out, '.');
        for (int64_t digit = scale / 10; digit > 0; digit /= 10)
            rse_buf_addc(out, (char)('0' + n / digit % 10));
        return true;
    }
    return false;
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
    if (add_decimal(out, number))
        return;
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

static void add_items(struct rse_buf *out, const cJSON *json)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (item != json->child)
            rse_buf_addc(out, ',');
        if (cJSON_IsObject(json)) {
            rse_json_add_string(out, rse_str(item->string));
            rse_buf_addc(out, ':');
        }
        rse_json_add(out, item);
    }
}

void rse_json_add(struct rse_buf *out, const struct cJSON *json)
{
    bool object = cJSON_IsObject(json);

    if (object || cJSON_IsArray(json)) {
        rse_buf_addc(out, object ? '{' : '[');
        add_items(out, json);
        rse_buf_addc(out, object ? '}' : ']');
    } else if (cJSON_IsString(json)) {
        rse_json_add_string(out, rse_str(json->valuestring));
    } else if (cJSON_IsNumber(json)) {
        json_number_text(json, out);
    } else if (cJSON_IsBool(json)) {
        rse_buf_adds(out, cJSON_IsTrue(json) ? "true" : "false");
    } else {
        rse_buf_adds(out, "null");
    }
}

void rse_json_add_compact(struct rse_buf *out, struct rse_str text)
{
    bool in_string = false;
    size_t from = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += c == '\\';
        } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            rse_buf_addn(out, text.p + from, i - from);
            from = i + 1;
        }
    }
    rse_buf_add_str(out, rse_str_from(text, from));
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
