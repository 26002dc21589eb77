/*
 * feed.h - the Data Service's change feed, page by page.
 */
#ifndef WORKER_JOB_FEED_H
#define WORKER_JOB_FEED_H

#include <resedge/resedge.h>

struct cJSON;

/* Where a reader stands: "17" is behind all of revision 17, "17.3" amid it. */
enum { FEED_PLACE_SIZE = 48 };

void feed_place(char place[static FEED_PLACE_SIZE], int64_t revision);
bool feed_is_amid(const char *place);

/* The changes behind `place`, at most 1,000, waiting up to wait_s for the first; until: the last revision, 0: any. On success *answer is
 * yours, for cJSON_Delete(), and `place` is where it ended. RSE_GONE: take a snapshot. */
bool feed_read(struct rse_client *client, char place[static FEED_PLACE_SIZE], int64_t until, int wait_s,
               struct cJSON **answer, struct rse_err *err) RSE_MUST;

#endif
