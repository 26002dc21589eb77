/*
 * body.c - finds the content among the bytes of a request's body.
 */
#include "api-server/http/head.h"

enum { CHUNK_SIZE, CHUNK_SIZE_LF, CHUNK_DATA, CHUNK_DATA_CR, CHUNK_DATA_LF, LAST_CR, LAST_LF };

enum { MAX_SIZE_DIGITS = 8 };

enum http_body_result http_body_begin(struct http_body *body, const struct http_head *head, uint64_t limit)
{
    *body = (struct http_body){ .chunked = head->chunked, .limit = limit, .state = CHUNK_SIZE };
    if (head->chunked)
        return BODY_MORE;
    if (head->content_length <= 0)
        return BODY_DONE;
    body->left = (uint64_t)head->content_length;
    return body->left > limit ? BODY_TOO_LARGE : BODY_MORE;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum http_body_result size_char(struct http_body *body, char c)
{
    int digit = hex_digit(c);

    if (digit >= 0 && body->digits < MAX_SIZE_DIGITS) {
        body->left = body->left * 16 + (uint64_t)digit;
        body->digits++;
        return BODY_MORE;
    }
    /* Extensions (';') are refused: nobody uses them, and what few know others read differently. */
    if (body->digits == 0 || c != '\r')
        return BODY_BAD;
    body->state = CHUNK_SIZE_LF;
    return BODY_MORE;
}

/* The line of a chunk's size has ended. */
static enum http_body_result size_known(struct http_body *body)
{
    if (body->left > body->limit - body->seen)
        return BODY_TOO_LARGE;
    body->state = body->left > 0 ? CHUNK_DATA : LAST_CR;
    body->digits = 0;
    return BODY_MORE;
}

/* One byte of framing. */
static enum http_body_result framing_char(struct http_body *body, char c)
{
    switch (body->state) {
    case CHUNK_SIZE:
        return size_char(body, c);
    case CHUNK_SIZE_LF:
        return c == '\n' ? size_known(body) : BODY_BAD;
    case CHUNK_DATA_CR:
        body->state = CHUNK_DATA_LF;
        return c == '\r' ? BODY_MORE : BODY_BAD;
    case CHUNK_DATA_LF:
        body->state = CHUNK_SIZE;
        return c == '\n' ? BODY_MORE : BODY_BAD;
    case LAST_CR:
        body->state = LAST_LF;
        return c == '\r' ? BODY_MORE : BODY_BAD;
    default:
        return c == '\n' ? BODY_DONE : BODY_BAD;
    }
}

static struct rse_str take_content(struct http_body *body, const char *bytes, size_t len)
{
    size_t n = len < body->left ? len : (size_t)body->left;

    body->left -= n;
    body->seen += n;
    return rse_str_n(bytes, n);
}

static enum http_body_result feed_chunks(struct http_body *body, const char *bytes, size_t len, size_t *used,
                                         struct rse_str *content)
{
    enum http_body_result result = BODY_MORE;
    size_t at = 0;

    while (at < len && result == BODY_MORE && body->state != CHUNK_DATA)
        result = framing_char(body, bytes[at++]);
    if (at < len && result == BODY_MORE) {
        *content = take_content(body, bytes + at, len - at);
        at += content->len;
        if (body->left == 0)
            body->state = CHUNK_DATA_CR;
    }
    *used = at;
    return result;
}

enum http_body_result http_body_feed(struct http_body *body, const char *bytes, size_t len, size_t *used,
                                     struct rse_str *content)
{
    *content = rse_str_n(NULL, 0);
    if (body->chunked)
        return feed_chunks(body, bytes, len, used, content);
    *content = take_content(body, bytes, len);
    *used = content->len;
    return body->left == 0 ? BODY_DONE : BODY_MORE;
}
