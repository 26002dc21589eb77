/*
 * list_page.c - {"value": [...], "@odata.count": n, "@odata.nextLink": "..."}
 */
#include "api-server/api.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"

enum {
    PAGE_SOFT_BYTES = 8 * 1024 * 1024, /* of documents: a page ends there, and the next link goes on */
    PAGE_MAX_BYTES = 64 * 1024 * 1024,
    LINK_MAX_BYTES = 64 * 1024,
};

struct page {
    struct list *list;
    struct list_reader reader;
    struct shown shown;
    struct odata_cursor last; /* the place of the last one shown */
    size_t bytes;
    int64_t count;
    bool more;
    struct rse_buf out;
};

static bool take_head(void *arg, const struct list_head *head)
{
    struct page *page = arg;

    call_set_revision(page->list->call, head->revision);
    page->count = head->count;
    return true;
}

/* The query asked for one more than a page has. */
static bool take_row(void *arg, const struct list_row *row)
{
    struct page *page = arg;

    page->more = page->shown.count == (size_t)page->list->options.top || page->bytes >= PAGE_SOFT_BYTES;
    if (page->more)
        return false;
    page->shown.items[page->shown.count++] = (struct shown_item){ row->id, row->doc };
    page->bytes += row->doc.len;
    page->last = row->place;
    return true;
}

static bool render(struct page *page)
{
    struct rse_buf *out = &page->out;

    rse_buf_adds(out, "{\"value\":[");
    for (size_t i = 0; i < page->shown.count; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        if (!shown_render(&page->shown, i, out))
            return false;
    }
    rse_buf_addc(out, ']');
    if (page->count >= 0)
        rse_buf_addf(out, ",\"@odata.count\":%lld", (long long)page->count);
    if (page->more) {
        RSE_BUF_AUTO link = { 0 };

        rse_buf_init(&link, LINK_MAX_BYTES);
        list_next_link(page->list, &page->last, &link);
        rse_buf_adds(out, ",\"@odata.nextLink\":");
        rse_json_add_string(out, rse_buf_str(&link));
    }
    rse_buf_addc(out, '}');
    return true;
}

static void reply(void *arg, bool ok)
{
    struct page *page = arg;

    if (ok && render(page))
        call_reply_buf(page->list->call, 200, &page->out);
    else
        call_fail(page->list->call);
}

/* The rows go with the result: what is still needed after it is copied. */
static void keep_rows(struct page *page)
{
    struct rse_arena *arena = page->list->call->arena;

    for (size_t i = 0; i < page->shown.count; i++)
        page->shown.items[i].doc = rse_arena_str(arena, page->shown.items[i].doc);
    for (size_t i = 0; i < page->last.count; i++)
        if (page->last.values[i].p != NULL)
            page->last.values[i] = rse_arena_str(arena, page->last.values[i]);
}

static void take_end(void *arg, const struct rse_err *err)
{
    struct page *page = arg;

    if (err != NULL)
        return call_fail_with(page->list->call, err);
    if (page->list->options.nexpand > 0)
        keep_rows(page);
    shown_load(&page->shown, reply, page);
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

void list_reply_page(struct list *list)
{
    struct call *call = list->call;
    struct page *page = rse_arena_new_of(call->arena, struct page);
    int64_t top = list->options.top;

    if (top > ODATA_TOP_MAX) {
        rse_err_field(&call->err, "$top");
        rse_err_hint(&call->err, "Follow @odata.nextLink, or ask for application/x-ndjson to have all in one answer.");
        rse_fail(&call->err, RSE_INVALID, "a page has at most %d objects", ODATA_TOP_MAX);
        return call_fail(call);
    }
    page->list = list;
    page->shown = (struct shown){ .call = call,
                                  .options = &list->options,
                                  .items = rse_arena_calloc(call->arena, (size_t)top, sizeof(struct shown_item)) };
    page->reader = (struct list_reader){ take_head, take_row, take_end, page };
    rse_buf_init(&page->out, PAGE_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &page->out);
    list->query.count = list->options.count;
    list->query.limit = top > 0 ? top + 1 : 0;
    if (!store_list_page(call->api->db, &list->query, &page->reader, &call->err))
        call_fail(call);
}
