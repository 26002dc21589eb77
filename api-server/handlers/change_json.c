#include "api-server/handlers/change_json.h"

void change_json(const struct change_row *row, struct rse_buf *out)
{
    rse_buf_addf(out, "{\"revision\":%lld,\"seq\":%lld,\"changeId\":\"%.*s\",\"noun\":\"%.*s\",\"id\":%lld,",
                 (long long)row->revision, (long long)row->seq, RSE_STR_ARG(row->change_id), RSE_STR_ARG(row->noun),
                 (long long)row->id);
    rse_buf_addf(out, "\"op\":\"%.*s\",\"actor\":", RSE_STR_ARG(row->op));
    rse_json_add_string(out, row->actor);
    rse_buf_addf(out, ",\"at\":\"%.*s\",\"confirm\":%.*s", RSE_STR_ARG(row->at),
                 RSE_STR_ARG(row->confirm.p != NULL ? row->confirm : RSE_STR("null")));
    if (row->name.p != NULL) {
        rse_buf_adds(out, ",\"name\":");
        rse_json_add_string(out, row->name);
    }
    rse_buf_adds(out, ",\"doc\":");
    rse_buf_add_str(out, row->doc.p != NULL ? row->doc : RSE_STR("null"));
    rse_buf_addc(out, '}');
}

bool change_page_reaches(const struct change_page *page, struct change_cursor since, struct rse_err *err)
{
    int64_t next = since.seq == CHANGE_SEQ_END ? since.revision + 1 : since.revision;

    if (since.revision > page->revision) {
        rse_err_hint(err, "Take a snapshot: the database may have been restored from a backup.");
        return rse_fail(err, RSE_GONE, "there is no revision %lld: the fleet is at %lld", (long long)since.revision,
                        (long long)page->revision);
    }
    if (next < page->kept) {
        rse_err_hint(err, "Take a snapshot, and go on from its revision.");
        return rse_fail(err, RSE_GONE, "changes are kept from revision %lld on", (long long)page->kept);
    }
    return true;
}

void change_cursor_add(struct rse_buf *out, struct change_cursor cursor)
{
    rse_buf_addf(out, "%lld", (long long)cursor.revision);
    if (cursor.seq != CHANGE_SEQ_END)
        rse_buf_addf(out, ".%lld", (long long)cursor.seq);
}

bool change_cursor_parse(struct rse_str text, struct change_cursor *out, struct rse_err *err)
{
    ptrdiff_t dot = rse_str_find(text, '.');
    struct rse_str revision = dot < 0 ? text : rse_str_n(text.p, (size_t)dot);

    out->seq = CHANGE_SEQ_END;
    if (rse_parse_int64(revision, 0, INT64_MAX - 1, &out->revision) &&
        (dot < 0 || rse_parse_int64(rse_str_from(text, (size_t)dot + 1), 0, CHANGE_SEQ_END, &out->seq)))
        return true;
    rse_err_hint(err,
                 "Send a revision, or a change's place, such as 17.3: the id of an event, or \"next\" of an answer.");
    return rse_fail(err, RSE_INVALID, "\"%.*s\" is no place among the changes", (int)(text.len < 64 ? text.len : 64),
                    text.p);
}
