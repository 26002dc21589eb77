#include <stdlib.h>
#include <string.h>

#include "api-server/api.h"
#include "api-server/files.h"
#include "api-server/handlers/docs_page.h"
#include "api-server/http/route.h"

enum { VIEWER_FILE_MAX = 8 << 20 };

struct docs_page {
    struct rse_arena *arena;
    struct rse_str style, script; /* of the viewer; p NULL: not there */
};

/* Puts one of our files into the program: docs_<name> to docs_<name>_end. */
#define EMBED(name, file)                                                                                            \
    extern const char docs_##name[], docs_##name##_end[];                                                            \
    __asm__(".section .rodata\n.global docs_" #name "\n.global docs_" #name "_end\ndocs_" #name ":\n.incbin \"" file \
            "\"\ndocs_" #name "_end:\n.byte 0\n.previous\n")

EMBED(index_html, "api-server/docs-page/index.html");
EMBED(page_js, "api-server/docs-page/page.js");

struct docs_page *docs_page_new(const char *folder)
{
    static const char *const beside[] = { "docs-page", "../docs-page", "../share/resedge/docs-page" };
    struct docs_page *page = rse_new(struct docs_page);
    struct rse_err err = RSE_ERR_INIT;

    page->arena = rse_arena_new();
    if (folder == NULL)
        folder = beside_program(beside, RSE_COUNT(beside), page->arena);
    if (folder == NULL)
        return page;
    if (!file_read(rse_arena_printf(page->arena, "%s/swagger-ui.css", folder), "the viewer of /docs", VIEWER_FILE_MAX,
                   page->arena, &page->style, &err) ||
        !file_read(rse_arena_printf(page->arena, "%s/swagger-ui-bundle.js", folder), "the viewer of /docs",
                   VIEWER_FILE_MAX, page->arena, &page->script, &err))
        rse_log(RSE_LOG_WARN, "the page at /docs can't be shown", RSE_LOG_ERR(&err));
    return page;
}

void docs_page_free(struct docs_page *page)
{
    if (page == NULL)
        return;
    rse_arena_free(page->arena);
    free(page);
}

static void reply_with(struct call *call, const char *content_type, struct rse_str text)
{
    if (call->api->docs_page->script.p == NULL) {
        rse_err_hint(&call->err, "`make docs-page` fetches it. The description itself is at /api/v1/openapi.json.");
        rse_fail(&call->err, RSE_NOT_FOUND, "the viewer of this page is not installed");
        return call_fail(call);
    }
    /* The viewer sets styles on its elements; nothing else may come from elsewhere or run. */
    call_set_header(call, "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    call_set_header(call, "Referrer-Policy", "no-referrer");
    call_reply(call, 200, content_type, text);
}

static void index_handler(struct call *call)
{
    reply_with(call, "text/html; charset=utf-8",
               rse_str_n(docs_index_html, (size_t)(docs_index_html_end - docs_index_html)));
}

static void script_handler(struct call *call)
{
    reply_with(call, "text/javascript", rse_str_n(docs_page_js, (size_t)(docs_page_js_end - docs_page_js)));
}

static void viewer_style_handler(struct call *call)
{
    reply_with(call, "text/css", call->api->docs_page->style);
}

static void viewer_script_handler(struct call *call)
{
    reply_with(call, "text/javascript", call->api->docs_page->script);
}

const struct route docs_page_routes[] = {
    { "GET", "/docs", ROLE_NONE, ROUTE_PUBLIC, 0, 0, index_handler, "The API's description as a page, to try it" },
    { "GET", "/docs/page.js", ROLE_NONE, ROUTE_PUBLIC, 0, 0, script_handler, "The page's script" },
    { "GET", "/docs/swagger-ui.css", ROLE_NONE, ROUTE_PUBLIC, 0, 0, viewer_style_handler, "The viewer's style" },
    { "GET", "/docs/swagger-ui-bundle.js", ROLE_NONE, ROUTE_PUBLIC, 0, 0, viewer_script_handler, "The viewer" },
    { .method = NULL },
};
