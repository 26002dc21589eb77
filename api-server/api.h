/*
 * api.h - what the server is made of; one of it, handed to every call.
 */
#ifndef API_H
#define API_H

#include <resedge/resedge.h>

struct auth; /* tokens: http/auth.h */
struct config;
struct db;        /* store/db.h */
struct docs_page; /* handlers/docs_page.h */
struct event_base;
struct events; /* who watches: handlers/events.h */
struct evdns_base;
struct live;           /* the replica's fleet: fleet/live.h */
struct metrics;        /* http/metrics.h */
struct live_freshener; /* fleet/live_fresh.h */
struct live_reader;    /* fleet/live_read.h */
struct noun_reader;    /* store/noun.h */
struct offload;        /* threads for long computations: offload.h */
struct proxies;        /* in front of us: http/forwarded.h */
struct queue;          /* who waits for work: handlers/queue.h */
struct schema;         /* whether the database is at our version: store/schema.h */
struct server;         /* http/server.h */
struct tls;            /* http/tls.h */

struct api {
    const struct config *config;
    struct event_base *base;
    struct db *db;
    struct schema *schema;
    struct live *live;
    struct noun_reader *nouns;
    struct live_reader *reader;
    struct live_freshener *freshener;
    struct auth *auth;
    struct metrics *metrics;
    struct queue *queue;
    struct events *events;
    struct offload *offload;
    struct docs_page *docs_page;
    struct server *server;
    const struct proxies *proxies;
    struct tls *tls;        /* NULL: plain HTTP */
    struct evdns_base *dns; /* made when a worker's address is a name */
    bool draining;          /* SIGTERM came: no waiting any more */
};

#endif
