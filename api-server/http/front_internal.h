/*
 * front_internal.h - a client's connection, for the files of the front.
 */
#ifndef API_HTTP_FRONT_INTERNAL_H
#define API_HTTP_FRONT_INTERNAL_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "auth.h"
#include "front.h"
#include "head.h"
#include "route.h"
#include "tls.h"

enum client_state {
    CLIENT_IDLE,     /* waits for a request */
    CLIENT_HEAD,     /* has some of a head */
    CLIENT_CHECK,    /* the head is read, and the database is asked about the token */
    CLIENT_ADMITTED, /* the head may go to evhttp */
    CLIENT_BODY,     /* the body goes by */
    CLIENT_BUSY,     /* evhttp has the request; it is being answered */
    CLIENT_REFUSED,  /* we answer ourselves, and evhttp is to forget it; what comes is thrown away */
};

struct client {
    TAILQ_ENTRY(client) link;
    struct front *front;
    struct bufferevent *socket, *filter;
    SSL *ssl;               /* NULL: plain HTTP */
    struct event *deadline; /* for what the state waits for */
    struct event *push;     /* sends what evhttp has written */
    bool may_write;         /* push is at it */
    struct event *writable; /* the socket was full; with a deadline of its own */
    struct event *hangup;   /* the client left during a long answer */
    enum client_state state;
    bool no_room; /* came when there were too many already */
    /* The request at hand. */
    struct http_body body;
    bool has_body, body_too_large;
    size_t head_len;
    const struct route *route;
    struct auth_wait *auth;
    struct identity *identity; /* NULL: not known, or not asked for */
    char method[16];
    char path[200]; /* for the log, cut off */
    char request_id[REQUEST_ID_SIZE];
    char trace_id[TRACE_ID_SIZE];
    int64_t started_us;
    struct call *call;        /* while it is being handled */
    struct evbuffer *refusal; /* what is left to write of our own answer */
    size_t refusal_body;      /* bytes of its body */
};

struct front {
    struct api *api;
    TAILQ_HEAD(, client) clients;
    struct rse_map *by_filter; /* struct client by the address of its filter */
    size_t nclients, nbusy;
    TAILQ_HEAD(, farewell) farewells; /* sockets of refused clients: refuse.c */
    size_t nfarewells;
    void (*idle)(void *arg);
    void *idle_arg;
};

/* front.c */
void client_set_state(struct client *client, enum client_state state);
/* Ends the connection: evhttp sees the end of its input, and lets go of it. */
void client_drop(struct client *client);
/* Who asks at the moment; borrowed. */
const struct actor *client_actor(const struct client *client);
void client_forget_identity(struct client *client);
/* Has what evhttp wrote sent, from the loop. */
void client_push(struct client *client);
/* Has what has arrived looked at again, from the loop. */
void client_look_again(struct client *client);
void client_push_now(struct client *client);

/* front_output.c */
enum client_written { WRITTEN_ALL, WRITTEN_LATER, WRITTEN_NEVER };
/* Writes what the socket takes; LATER: the rest follows when it has room again, but not for ever. */
enum client_written client_write(struct client *client, struct evbuffer *out);
void client_await_room(struct client *client);
/* Ends TLS, so that the client knows that it has all. */
void client_say_goodbye(struct client *client);
/* The filter's output. */
enum bufferevent_filter_result client_take_output(struct evbuffer *input, struct evbuffer *output, ev_ssize_t limit,
                                                  enum bufferevent_flush_mode mode, void *arg);

/* front_input.c */
/* Takes from input what the state allows, and puts what evhttp may have into output. */
void client_take_input(struct client *client, struct evbuffer *input, struct evbuffer *output);

/* refuse.c */
/* Answers with a problem and ends the connection. allow: the header of a 405, or NULL. */
void client_refuse(struct client *client, int status, const char *allow, const struct rse_err *err);
/* Goes on writing it. */
void client_write_refusal(struct client *client);
/* Ends all farewells. */
void farewells_free(struct front *front);

#endif
