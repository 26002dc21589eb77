/*
 * live_load.h - reads the whole fleet from the database: PostgreSQL sends, threads parse, the loop puts.
 */
#ifndef API_FLEET_LIVE_LOAD_H
#define API_FLEET_LIVE_LOAD_H

#include <resedge/resedge.h>

struct db;
struct live_load;
struct offload;

/* On the loop, once, and the load ends with it. The fleet is the receiver's; NULL where err is set. change_id: of its revision. */
typedef void live_load_done(void *arg, struct rse_fleet *fleet, const char *change_id, const struct rse_err *err);

struct live_load *live_load_begin(struct db *db, struct offload *offload, live_load_done *done, void *arg);
/* Without calling done: after db_free() and offload_free(), while the loop stands still. NULL is fine. */
void live_load_free(struct live_load *load);

#endif
