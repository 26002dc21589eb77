/*
 * list_page.c - {"value": [...], "@odata.count": n, "@odata.nextLink": "..."}
 *
 * Objects go out while they come; the count, which may take the database longer than the page, stands behind them. Only where
 * something is to be expanded the page waits until it is complete.
 */
#include "api-server/api.h"
#include "api-server/handlers/expansion.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/row_stream.h"

enum {
    PAGE_SOFT_BYTES = 8 * 1024 * 1024, /* of documents: a page ends there, and the next link goes on */
    PAGE_MAX_BYTES = 64 * 1024 * 1024, /* with what is expanded */
    LINK_MAX_BYTES = 64 * 1024,
};

struct page {
    struct list *list;
    struct row_stream stream;
    struct list_reader reader;
    struct shown shown;       /* where something is to be expanded: all of it; else the current object */
    size_t rows, bytes;       /* that are in the page */
    struct odata_cursor last; /* the place of the last one */
    int64_t count;
    bool more;
};

static bool take_head(void *arg, const struct list_head *head)
{
    struct page *page = arg;

    list_set_revision(page->list, head);
    rse_buf_adds(&page->stream.out, "{\"value\":[");
    return true;
}

static bool is_full(const struct page *page)
{
    return page->rows == (size_t)page->list->options.top || page->bytes >= PAGE_SOFT_BYTES;
}

static void keep_place(struct page *page, const struct odata_cursor *place)
{
    page->last = *place;
    for (size_t i = 0; i < place->count; i++)
        if (place->values[i].p != NULL)
            page->last.values[i] = rse_arena_str(page->list->call->arena, place->values[i]);
}

static bool render(struct page *page, size_t item)
{
    if (item > 0 || page->rows > 1)
        rse_buf_addc(&page->stream.out, ',');
    if (shown_render(&page->shown, item, &page->stream.out))
        return true;
    row_stream_fail(&page->stream);
    return false;
}

static bool render_now(struct page *page, const struct list_row *row)
{
    page->shown.items[0] = (struct shown_item){ row->id, row->doc };
    return render(page, 0) && row_stream_next(&page->stream);
}

/* The query asked for one more than a page has. */
static bool take_row(void *arg, const struct list_row *row)
{
    struct page *page = arg;
    struct shown *shown = &page->shown;

    if (is_full(page)) {
        page->more = true;
        return true;
    }
    page->rows++;
    page->bytes += row->doc.len;
    if (is_full(page))
        keep_place(page, &row->place);
    if (page->list->options.nexpand == 0)
        return render_now(page, row);
    shown->items[shown->count++] = (struct shown_item){ row->id, rse_arena_str(shown->call->arena, row->doc) };
    return true;
}

static void add_end(struct page *page)
{
    struct rse_buf *out = &page->stream.out;

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
}

/* Everything is there that is to be expanded. Nothing goes out before all is rendered: it may be too much. */
static void reply_expanded(void *arg, bool ok)
{
    struct page *page = arg;
    struct call *call = page->list->call;

    page->rows = 0; /* rendered so far */
    for (size_t i = 0; ok && i < page->shown.count; i++)
        ok = render(page, i);
    add_end(page);
    row_stream_end(&page->stream, ok ? NULL : &call->err);
}

static void take_end(void *arg, int64_t count, const struct rse_err *err)
{
    struct page *page = arg;

    page->count = count;
    if (err == NULL && page->list->options.nexpand > 0)
        return shown_load(&page->shown, reply_expanded, page);
    if (err == NULL)
        add_end(page);
    row_stream_end(&page->stream, err);
}

static bool check_top(struct call *call, int64_t top)
{
    if (top <= ODATA_TOP_MAX)
        return true;
    call_err_parameter(call, "$top");
    rse_err_hint(&call->err, "Follow @odata.nextLink, or ask for application/x-ndjson to have all in one answer.");
    return rse_fail(&call->err, RSE_INVALID, "a page has at most %d objects", ODATA_TOP_MAX);
}

void list_reply_page(struct list *list)
{
    struct call *call = list->call;
    struct page *page = rse_arena_new_of(call->arena, struct page);
    int64_t top = list->options.top;

    if (!check_top(call, top))
        return call_fail(call);
    page->list = list;
    page->shown = (struct shown){ .call = call,
                                  .arena = call->arena,
                                  .options = &list->options,
                                  .items = rse_arena_calloc(call->arena, (size_t)top + 1, sizeof(struct shown_item)) };
    page->reader = (struct list_reader){ take_head, take_row, take_end, page };
    row_stream_init(&page->stream, call, "application/json", PAGE_MAX_BYTES);
    page->stream.patient = true;
    list->query.count = list->options.count;
    list->query.limit = top > 0 ? top + 1 : 0;
    if (!store_list_read(call->api->db, &list->query, false, &page->reader, &page->stream.query, &call->err))
        call_fail(call);
}
