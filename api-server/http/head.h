/*
 * head.h - the head of an HTTP/1.1 request, read strictly, and the framing of its body. Pure functions.
 *
 * What is ambiguous is refused (two lengths, a length and chunks, folded lines, bare line feeds, chunk extensions,
 * trailers), so that everybody
 * behind us sees the same request that we saw.
 */
#ifndef API_HTTP_HEAD_H
#define API_HTTP_HEAD_H

#include <resedge/resedge.h>

enum { HEAD_MAX = 16 << 10, HEAD_MAX_FIELDS = 100 };

struct http_head {
    char method[16];
    struct rse_str target, path, query; /* as they were sent: all of it, what is before '?', what is behind it */
    struct rse_str fields;              /* the lines of the headers */
    bool keep_alive;                    /* the connection is wanted for another request */
    bool http11;
    bool expects_continue; /* waits with the body until it is told to go on */
    /* Values of headers; p NULL: none. */
    struct rse_str host, authorization, cookie, csrf_token, origin, request_id, traceparent;
    int64_t content_length; /* -1: none */
    bool chunked;
};

/* bytes: up to and with the empty line. False: err, and *status, which HTTP knows better than rse_code. The strings of
 * the head point into bytes. */
bool http_head_parse(struct rse_str bytes, struct http_head *head, int *status, struct rse_err *err) RSE_MUST;

/* The value of the first header of that name; p NULL: none. */
struct rse_str http_head_field(const struct http_head *head, const char *name);
/* The values of all headers of that name as the one list that they are (RFC 9110, 5.3), in the arena; p NULL: none. */
struct rse_str http_head_list(const struct http_head *head, const char *name, struct rse_arena *arena);

enum http_body_result { BODY_MORE, BODY_DONE, BODY_TOO_LARGE, BODY_BAD };

/* Where the body of a request is, while its bytes go by. */
struct http_body {
    bool chunked;
    int state;
    uint64_t left; /* of the body, or of the current chunk */
    uint64_t seen; /* bytes of content so far */
    uint64_t limit;
    unsigned digits;
};

/* BODY_DONE: there is none. BODY_TOO_LARGE: the head says so already. The limit holds for content; the framing has
 * bounds of its own. */
enum http_body_result http_body_begin(struct http_body *body, const struct http_head *head, uint64_t limit);
/* Looks at bytes up to the end of the next piece of content, which lies in bytes too; *used: how many of them that was. To be
 * called again with those that are left, while there are any and the result is BODY_MORE. */
enum http_body_result http_body_feed(struct http_body *body, const char *bytes, size_t len, size_t *used,
                                     struct rse_str *content);

#endif
