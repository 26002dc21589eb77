/*
 * fuzz_http_head.c - whatever bytes come, a head is read or refused with a status that HTTP has, and says who asks behind a
 * proxy; and a body is framed the same way whether it comes at once or in pieces.
 */
#include <stdlib.h>

#include "api-server/http/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Whoever it is, it is an address that can be written, and the peer's where that is not trusted. */
static void check_client(const struct http_head *head, enum forwarded_header header)
{
    struct rse_arena *arena = rse_arena_new();
    struct proxies proxies = { .header = header };
    struct rse_err err = RSE_ERR_INIT;
    struct address peer = { { [10] = 0xff, 0xff, 10, 0, 0, 1 } }, client, again;
    char text[ADDRESS_SIZE];

    client = forwarded_client(&proxies, head, &peer, arena);
    must(memcmp(&client, &peer, sizeof(peer)) == 0);
    must(networks_parse(RSE_STR("10.0.0.0/8,fd00::/8"), &proxies.trusted, &err));
    client = forwarded_client(&proxies, head, &peer, arena);
    address_format(&client, text);
    must(strcmp(text, "-") == 0 ||
         (address_parse(rse_str(text), &again) && memcmp(&client, &again, sizeof(again)) == 0));
    rse_arena_free(arena);
}

static void check_head(const struct http_head *head, struct rse_str bytes)
{
    must(head->method[0] != '\0' && head->path.len > 0 && head->path.p[0] == '/');
    must(head->path.p > bytes.p && head->path.p + head->path.len < bytes.p + bytes.len);
    must(head->content_length >= -1 && !(head->chunked && head->content_length >= 0));
    for (size_t i = 0; i < head->path.len; i++)
        must(head->path.p[i] > 0x20 && head->path.p[i] < 0x7f && head->path.p[i] != '?');
}

/* Feeds pieces of up to `piece` bytes. */
static enum http_body_result feed(const struct http_head *head, struct rse_str rest, size_t piece, size_t *total)
{
    struct http_body body;
    enum http_body_result result = http_body_begin(&body, head, 4096);

    *total = 0;
    while (result == BODY_MORE && *total < rest.len) {
        size_t len = rest.len - *total < piece ? rest.len - *total : piece, used = 0;
        struct rse_str content;

        result = http_body_feed(&body, rest.p + *total, len, &used, &content);
        must(used <= len && content.len <= used && (result != BODY_MORE || used > 0));
        must(body.seen <= 4096);
        *total += used;
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rse_str all = rse_str_n((const char *)data, size);
    const char *end = size > 0 ? memmem(data, size, "\r\n\r\n", 4) : NULL;
    size_t len = end != NULL ? (size_t)(end - all.p) + 4 : size, at_once, in_pieces;
    struct rse_str bytes = rse_str_n(all.p, len), rest = rse_str_from(all, len);
    struct rse_err err = RSE_ERR_INIT;
    struct http_head head;
    int status = 0;

    if (!http_head_parse(bytes, &head, &status, &err)) {
        must((status == 400 || status == 414 || status == 431 || status == 505) && err.code != RSE_OK &&
             err.what[0] != '\0');
        return 0;
    }
    check_head(&head, bytes);
    check_client(&head, FORWARDED_X_FOR);
    check_client(&head, FORWARDED_RFC7239);
    must(feed(&head, rest, rest.len + 1, &at_once) == feed(&head, rest, 1, &in_pieces));
    must(at_once == in_pieces);
    must(feed(&head, rest, 3, &in_pieces) == feed(&head, rest, 7, &at_once));
    return 0;
}
