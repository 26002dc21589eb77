/*
 * live.h - the replica's fleet: read from PostgreSQL at the start, then kept at the newest revision by the change feed.
 *
 * It is used on the loop's thread only, and is always at one revision: a revision is put whole or not at all. Writes don't
 * change it directly, they go through write.h.
 */
#ifndef API_FLEET_LIVE_H
#define API_FLEET_LIVE_H

#include <resedge/resedge.h>

struct db;
struct event_base;
struct live;
struct live_waiter;
struct offload;

/* Begins to load at once, and keeps trying while the database is away. */
struct live *live_new(struct event_base *base, struct db *db, struct offload *offload);
void live_free(struct live *live);

/* Loaded, at some revision. Until then the fleet is empty and nothing may be decided with it. */
bool live_is_ready(const struct live *live);
/* False, with RSE_UNAVAILABLE, until it is ready. */
bool live_check_ready(const struct live *live, struct rse_err *err) RSE_MUST;

int64_t live_revision(const struct live *live);
/* Borrowed; what is looked up in it is valid until the handler returns to the loop. */
struct rse_fleet *live_fleet(struct live *live);

/* Calls done once: when the revision is above the one given, or after timeout_ms. Never before it returns. */
struct live_waiter *live_wait(struct live *live, int64_t above, int64_t timeout_ms, void (*done)(void *arg), void *arg);
/* Ends the wait without calling done. */
void live_wait_cancel(struct live_waiter *waiter);

#endif
