/*
 * api.h - what the server is made of; one of it, handed to every call.
 */
#ifndef API_H
#define API_H

#include <resedge/resedge.h>

struct db;
struct live;        /* the replica's fleet: fleet/live.h */
struct waiters;     /* long polls: http/waiters.h */
struct event_base;
struct config;
struct metrics;

struct api {
    const struct config *config;
    struct event_base *base;
    struct db *db;
    struct live *live;
    struct metrics *metrics;
    struct rse_arena *arena;
    bool draining;
};

#endif
