/*
 * events_internal.h - what events.c (one source for all watchers) and watcher.c (one client) know of each other.
 */
#ifndef API_HANDLERS_EVENTS_INTERNAL_H
#define API_HANDLERS_EVENTS_INTERNAL_H

#include <sys/queue.h>

#include "api-server/api.h"
#include "api-server/handlers/events.h"
#include "api-server/http/call.h"
#include "api-server/store/change.h"

enum {
    EVENT_MAX_BYTES = 8 << 20,   /* one event: a job's document with what it holds back, or a change's */
    UNTAKEN_MAX_BYTES = 1 << 20, /* a client that leaves so much unread is dropped */
};

struct watcher;

struct events {
    struct api *api;
    TAILQ_HEAD(, watcher) watchers;
    struct change_cursor cursor; /* the last change that was sent to all */
    struct change_reader reader;
    bool reading;
    struct live_waiter *waiter;
    struct event *beat;
    struct event *jobs_due; /* after a short while, so that a job's steps come together */
    struct rse_map *jobs;   /* ids of those that changed */
    bool all_jobs;          /* notices may have been missed: each target's last one */
    bool asking_jobs;
    struct rse_buf text; /* the event at hand */
};

/* events.c */
/* From now on the watcher is told. The fleet is followed for as long as somebody watches. */
void events_join(struct events *events, struct watcher *watcher);
/* Appends an event: its type, its id (NULL: none), its data in as many lines as it has. */
void event_render(struct rse_buf *out, const char *type, const struct change_cursor *id, struct rse_str data);
/* doc: as PostgreSQL put it together. */
void event_render_job(struct rse_buf *out, struct rse_str doc);
void event_render_change(struct rse_buf *out, const struct change_row *row);

/* watcher.c */
void watcher_start(struct call *call, struct events *events);
/* A change, for those who are up to date; whoever catches up will find it in the database. */
void watcher_change(struct watcher *watcher, struct change_cursor at, struct rse_str event);
/* Anything that is not numbered: a job, a sign of life. */
void watcher_tell(struct watcher *watcher, struct rse_str event);
bool watcher_wants_jobs(const struct watcher *watcher);
/* Ends its answer; the client comes back with what it has seen last. */
void watcher_end(struct watcher *watcher);
/* The list of those who are told. */
void watcher_link(struct watcher *watcher, struct events *events);
struct watcher *watcher_next(struct watcher *watcher);

#endif
