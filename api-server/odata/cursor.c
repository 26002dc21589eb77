/*
 * cursor.c - a checksum and a JSON array of texts and nulls, in base64url (RFC 4648, section 5).
 */
#include "api-server/odata/cursor.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>

#include <resedge/parse.h>

enum { SUM_BYTES = 8 };

/* ---- checksums ---- */

static uint64_t first_bytes(EVP_MD_CTX *ctx)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    uint64_t sum = 0;

    EVP_DigestFinal_ex(ctx, digest, NULL);
    EVP_MD_CTX_free(ctx);
    for (int i = 0; i < SUM_BYTES; i++)
        sum = sum << 8 | digest[i];
    return sum;
}

static EVP_MD_CTX *digest_new(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
        abort();
    return ctx;
}

/* With its length, so that "a", "bc" is not "ab", "c". */
static void add_part(EVP_MD_CTX *ctx, struct rse_str part)
{
    uint64_t len = part.len;

    EVP_DigestUpdate(ctx, &len, sizeof(len));
    EVP_DigestUpdate(ctx, part.p, part.len);
}

uint64_t odata_fingerprint(const struct rse_str *parts, size_t count)
{
    EVP_MD_CTX *ctx = digest_new();

    for (size_t i = 0; i < count; i++)
        add_part(ctx, parts[i]);
    return first_bytes(ctx);
}

static uint64_t sum_of(struct rse_str json, uint64_t fingerprint)
{
    EVP_MD_CTX *ctx = digest_new();

    add_part(ctx, rse_str_n((const char *)&fingerprint, sizeof(fingerprint)));
    add_part(ctx, json);
    return first_bytes(ctx);
}

/* ---- base64url ---- */

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void add_base64(struct rse_buf *out, struct rse_str bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t word = 0;

        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (k < n ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k <= n; k++)
            rse_buf_addc(out, ALPHABET[word >> (18 - 6 * k) & 63]);
    }
}

static bool add_decoded(struct rse_buf *out, struct rse_str text)
{
    uint32_t word = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.p[i] != '\0' ? strchr(ALPHABET, text.p[i]) : NULL;

        if (digit == NULL)
            return false;
        word = word << 6 | (uint32_t)(digit - ALPHABET);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        rse_buf_addc(out, (char)(word >> bits & 0xff));
    }
    return true;
}

/* ---- cursors ---- */

void odata_cursor_write(const struct odata_cursor *cursor, uint64_t fingerprint, struct rse_buf *out)
{
    RSE_BUF_AUTO bytes = { 0 };
    uint64_t sum;

    rse_buf_init(&bytes, ODATA_CURSOR_MAX_TEXT);
    rse_buf_addn(&bytes, &(uint64_t){ 0 }, SUM_BYTES);
    rse_buf_addc(&bytes, '[');
    for (size_t i = 0; i < cursor->count; i++) {
        if (i > 0)
            rse_buf_addc(&bytes, ',');
        if (cursor->values[i].p != NULL)
            rse_json_add_string(&bytes, cursor->values[i]);
        else
            rse_buf_adds(&bytes, "null");
    }
    rse_buf_addc(&bytes, ']');
    sum = sum_of(rse_str_from(rse_buf_str(&bytes), SUM_BYTES), fingerprint);
    memcpy(bytes.p, &sum, SUM_BYTES);
    add_base64(out, rse_buf_str(&bytes));
}

static bool fits(const struct odata_path *path, struct rse_str value)
{
    int64_t whole;
    double number;

    switch (path->type) {
    case ODATA_TEXT:
        return true;
    case ODATA_INT:
        return rse_parse_int64(value, INT64_MIN, INT64_MAX, &whole);
    case ODATA_DOUBLE:
        return rse_parse_double(value, &number);
    case ODATA_BOOL:
        return rse_str_is(value, "true") || rse_str_is(value, "false");
    case ODATA_TIME:
        return rse_parse_time(value, &whole);
    }
    return false;
}

static bool read_values(struct odata_cursor *out, const struct odata_order *order, const cJSON *array,
                        struct rse_arena *arena)
{
    const cJSON *item;

    if (!cJSON_IsArray(array) || (size_t)cJSON_GetArraySize(array) != order->nkeys)
        return false;
    cJSON_ArrayForEach(item, array)
    {
        struct rse_str *value = &out->values[out->count];

        if (!cJSON_IsNull(item) && !cJSON_IsString(item))
            return false;
        if (cJSON_IsString(item))
            *value = rse_arena_str(arena, rse_str(item->valuestring));
        if (value->p != NULL && !fits(&order->keys[out->count].path, *value))
            return false;
        out->count++;
    }
    /* The last key is the id, which is never null. */
    return out->values[out->count - 1].p != NULL;
}

static bool read_json(struct odata_cursor *out, const struct odata_order *order, struct rse_str json,
                      struct rse_arena *arena)
{
    cJSON *array = NULL;
    struct rse_err ignored = RSE_ERR_INIT;
    bool ok = rse_json_parse(&array, json, &ignored) && read_values(out, order, array, arena);

    cJSON_Delete(array);
    return ok;
}

bool odata_cursor_read(struct odata_cursor *out, const struct odata_order *order, uint64_t fingerprint,
                       struct rse_str text, struct rse_arena *arena, struct rse_err *err)
{
    struct odata_cursor cursor = { .count = 0 };
    RSE_BUF_AUTO bytes = { 0 };
    struct rse_str json;
    uint64_t sum;

    rse_buf_init(&bytes, ODATA_CURSOR_MAX_TEXT);
    if (text.len <= ODATA_CURSOR_MAX_TEXT && add_decoded(&bytes, text) && bytes.len > SUM_BYTES) {
        json = rse_str_from(rse_buf_str(&bytes), SUM_BYTES);
        memcpy(&sum, bytes.p, SUM_BYTES);
        if (sum == sum_of(json, fingerprint) && read_json(&cursor, order, json, arena)) {
            *out = cursor;
            return true;
        }
    }
    rse_err_hint(err, "Follow @odata.nextLink as it is, or begin again without $skiptoken.");
    return rse_fail(err, RSE_INVALID, "this place in a list is damaged, or belongs to another list");
}
