/*
 * events.h - those who watch: changes of the fleet and of jobs, as they happen, as server-sent events.
 */
#ifndef API_HANDLERS_EVENTS_H
#define API_HANDLERS_EVENTS_H

struct api;
struct events;

/* To be made before the loop runs. */
struct events *events_new(struct api *api);
void events_free(struct events *events);

#endif
