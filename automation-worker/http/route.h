/*
 * route.h - from a request to the question it asks, and back with the answer.
 */
#ifndef WORKER_HTTP_ROUTE_H
#define WORKER_HTTP_ROUTE_H

struct evhttp_request;
struct registry;
struct metrics;
struct rse_client;
struct slow;

struct routes {
    const char *secret; /* that a question has to bring as a bearer token */
    struct registry *registry;
    const struct metrics *metrics;
    struct rse_client *client; /* of the Data Service, for slow answers only */
    struct slow *slow;
};

/* evhttp's callback; arg is struct routes. Answers exactly once. */
void route_request(struct evhttp_request *req, void *arg);

#endif
