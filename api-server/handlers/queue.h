/*
 * queue.h - those who wait for work: long polls, woken when the database says that there may be some.
 */
#ifndef API_HANDLERS_QUEUE_H
#define API_HANDLERS_QUEUE_H

struct api;
struct call;
struct queue;

/* To be made before the loop runs. */
struct queue *queue_new(struct api *api);
void queue_free(struct queue *queue);

#endif
