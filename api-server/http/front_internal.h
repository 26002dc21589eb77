/*
 * front_internal.h - a client's connection, for the files of the front.
 */
#ifndef API_HTTP_FRONT_INTERNAL_H
#define API_HTTP_FRONT_INTERNAL_H

#include <event2/buffer.h>
#include <event2/event.h>

#include "api-server/http/address.h"
#include "api-server/http/auth.h"
#include "api-server/http/credential.h"
#include "api-server/http/front.h"
#include "api-server/http/head.h"
#include "api-server/http/route.h"
#include "api-server/http/tls.h"

enum client_state {
    CLIENT_IDLE,     /* waits for a request */
    CLIENT_HEAD,     /* has some of a head */
    CLIENT_CHECK,    /* the head is read, and the database is asked about the token */
    CLIENT_ADMITTED, /* its body may come */
    CLIENT_BODY,     /* its body comes */
    CLIENT_BUSY,     /* it is a call, which is being answered */
    CLIENT_REFUSED,  /* we answer ourselves and end the connection; what comes is thrown away */
};

/* What arrives while nobody may look at it; more is left to the kernel. */
enum { READ_AHEAD = 64 << 10 };
/* Empty arenas that are kept. */
enum { MOST_SPARE = 64 };

struct client {
    TAILQ_ENTRY(client) link;
    struct front *front;
    int fd;
    SSL *ssl;               /* NULL: plain HTTP */
    struct event *readable; /* pending unless `paused` or `ended` */
    struct event *writable; /* pending while the socket is full; with a deadline of its own; NULL until it first was */
    struct event *deadline; /* for what the state waits for */
    struct event *leave;    /* frees the client, from the loop */
    struct evbuffer *in, *out;
    struct address peer;
    enum client_state state;
    bool no_room;     /* came when there were too many already */
    bool turned_away; /* ... and gets a handshake to be told so */
    bool paused;      /* `in` is full */
    bool ended;       /* the client will send nothing more */
    bool gone;        /* is going to be freed: nothing is read or written any more */
    /* The request at hand. */
    struct rse_arena *arena; /* its head's; then the call's */
    struct http_head *head;
    struct http_body body;
    struct rse_buf content;
    bool has_body, body_too_large, keep_alive;
    const struct route *route;
    const struct route *of_path; /* for the log and the metrics: see route_match */
    struct auth_wait *auth;
    struct credential_memo memo;
    struct address address; /* who asks: the peer, or for whom a trusted proxy asks */
    char address_text[ADDRESS_SIZE];
    struct identity *identity; /* NULL: not known, or not asked for */
    char method[16];
    char path[200]; /* for the log, cut off */
    char request_id[REQUEST_ID_SIZE];
    char trace_id[TRACE_ID_SIZE];
    int64_t started_us;
    struct call *call; /* while it is being handled */
};

struct front {
    struct api *api;
    void (*handle)(void *arg, struct call *call);
    void *handle_arg;
    TAILQ_HEAD(, client) clients;
    size_t nclients, nbusy, nturned_away;
    TAILQ_HEAD(, farewell) farewells; /* sockets of refused clients: refuse.c */
    size_t nfarewells;
    struct rse_arena *spare[MOST_SPARE]; /* of requests that were answered, for the next ones */
    size_t nspare;
    void (*idle)(void *arg);
    void *idle_arg;
};

/* front.c */
struct rse_arena *front_take_arena(struct front *front);
/* Takes it over; NULL: there is none. */
void front_give_arena(struct front *front, struct rse_arena *arena);
void client_set_state(struct client *client, enum client_state state);
/* Who asks, from now on. */
void client_set_address(struct client *client, const struct address *address);
/* Ends the connection, from the loop. */
void client_drop(struct client *client);
/* Who asks at the moment; borrowed. */
const struct actor *client_actor(const struct client *client);
/* Lets go of what belongs to the request at hand. */
void client_forget_request(struct client *client);
/* The answer is out: on to the next request, or to the end. */
void client_rest(struct client *client);

/* front_input.c */
/* Reads what has arrived, and takes from it what the state allows. */
void client_read(struct client *client);
/* Has what has arrived looked at again, from the loop. */
void client_look_again(struct client *client);

/* front_output.c */
enum client_written { WRITTEN_ALL, WRITTEN_LATER, WRITTEN_NEVER };
/* Writes pieces behind what still waits; LATER: the rest follows when the socket has room again, but not for ever. */
enum client_written client_write(struct client *client, const struct rse_str *pieces, size_t count);
void client_await_room(struct client *client);
/* Ends TLS, so that the client knows that it has all. */
void client_say_goodbye(struct client *client);

/* refuse.c */
/* Answers with a problem and ends the connection. allow: the header of a 405, or NULL. */
void client_refuse(struct client *client, int status, const char *allow, const struct rse_err *err);
/* Refuses a client that there is no room for, before it has asked anything. */
void client_turn_away(struct client *client);
/* Our answer is out: what the client still sends is thrown away for a while, so that it gets to read it. */
void client_farewell(struct client *client);
/* Ends all farewells. */
void farewells_free(struct front *front);

#endif
