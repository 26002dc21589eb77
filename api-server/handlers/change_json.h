/*
 * change_json.h - a change as the feed and the events show it, where a reader of them stands, and what is said to those who
 * ask for a place that is gone.
 */
#ifndef API_HANDLERS_CHANGE_JSON_H
#define API_HANDLERS_CHANGE_JSON_H

#include "api-server/store/change.h"

/* Appends {"revision", "seq", "changeId", "noun", "id", "op", "actor", "at", "confirm", "doc"}. */
void change_json(const struct change_row *row, struct rse_buf *out);

/* Whether the changes behind `since` can be had: else RSE_GONE, with what to do. */
bool change_page_reaches(const struct change_page *page, struct change_cursor since, struct rse_err *err) RSE_MUST;

/* "17.3" is behind that change, "17" behind all of the revision. */
void change_cursor_add(struct rse_buf *out, struct change_cursor cursor);
bool change_cursor_parse(struct rse_str text, struct change_cursor *out, struct rse_err *err) RSE_MUST;

#endif
