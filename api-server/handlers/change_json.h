/*
 * change_json.h - a change as the feed and the events show it, and what is said to those who ask for one that is gone.
 */
#ifndef API_HANDLERS_CHANGE_JSON_H
#define API_HANDLERS_CHANGE_JSON_H

#include "api-server/store/change.h"

/* Appends {"revision", "seq", "changeId", "noun", "id", "op", "actor", "at", "confirm", "doc"}. */
void change_json(const struct change_row *row, struct rse_buf *out);

/* Whether the changes behind `since` can be had: else RSE_GONE, with what to do. */
bool change_page_reaches(const struct change_page *page, int64_t since, struct rse_err *err) RSE_MUST;

#endif
