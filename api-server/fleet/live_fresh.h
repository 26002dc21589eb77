/*
 * live_fresh.h - before something is answered from memory: that memory has all that was acknowledged, by whichever replica.
 *
 * One small query tells the newest revision, for all who ask while the one before is under way. A fleet that is behind catches up first.
 */
#ifndef API_FLEET_LIVE_FRESH_H
#define API_FLEET_LIVE_FRESH_H

#include <resedge/resedge.h>

struct live;
struct live_freshener;

/* err NULL: the fleet has everything that was stored when it was asked; or it isn't loaded yet. Else RSE_UNAVAILABLE. */
typedef void live_is_fresh(void *arg, const struct rse_err *err);

struct live_freshener *live_freshener_new(struct live *live);
/* After db_free(), and before the live fleet. */
void live_freshener_free(struct live_freshener *freshener);

/* Calls done once, and never before it returns. */
void live_freshen(struct live_freshener *freshener, live_is_fresh *done, void *arg);

#endif
