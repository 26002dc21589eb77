/*
 * answer_head.c - see answer_head.h.
 */
#include <time.h>

#include "api-server/http/answer_head.h"
#include "api-server/http/throttle.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 304, "Not Modified" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
};

const char *status_reason(int status)
{
    for (size_t i = 0; i < RSE_COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

/* What Retry-After says with this status; 0: nothing. */
static int retry_after_s(int status)
{
    return status == 429 ? THROTTLE_AGAIN_S : status == 503 ? 1 : 0;
}

/* RFC 9110, 5.6.7; made once a second. */
static const char *http_date(void)
{
    static char text[32];
    static time_t made;
    time_t now = time(NULL);
    struct tm tm;

    if (now != made && gmtime_r(&now, &tm) != NULL)
        strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    made = now;
    return text;
}

void answer_head_add(struct rse_buf *head, const char *name, const char *value)
{
    rse_buf_adds(head, name);
    rse_buf_addn(head, ": ", 2);
    rse_buf_adds(head, value);
    rse_buf_addn(head, "\r\n", 2);
}

static void add_number(struct rse_buf *head, const char *name, int64_t value)
{
    rse_buf_adds(head, name);
    rse_buf_addn(head, ": ", 2);
    rse_buf_add_int(head, value);
    rse_buf_addn(head, "\r\n", 2);
}

void answer_head_begin(struct rse_buf *head, int status, const char *content_type, const char *request_id,
                       int64_t revision)
{
    rse_buf_adds(head, "HTTP/1.1 ");
    rse_buf_add_int(head, status);
    rse_buf_addc(head, ' ');
    rse_buf_adds(head, status_reason(status));
    rse_buf_addn(head, "\r\n", 2);
    if (content_type != NULL)
        answer_head_add(head, "Content-Type", content_type);
    answer_head_add(head, "X-Request-Id", request_id);
    if (status == 401)
        answer_head_add(head, "WWW-Authenticate", "Bearer");
    if (retry_after_s(status) > 0)
        add_number(head, "Retry-After", retry_after_s(status));
    if (revision >= 0)
        add_number(head, "Resedge-Revision", revision);
    rse_buf_adds(head, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nDate: ");
    rse_buf_adds(head, http_date());
    rse_buf_addn(head, "\r\n", 2);
}

void answer_head_add_length(struct rse_buf *head, size_t len)
{
    add_number(head, "Content-Length", (int64_t)len);
}
