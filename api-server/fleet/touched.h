/*
 * touched.h - which targets a write may give work: those whose clusters see anything of what changed, before or after it.
 *
 * Correct first: where telling would take long (a key that templates may name comes or goes), all of them are.
 */
#ifndef API_FLEET_TOUCHED_H
#define API_FLEET_TOUCHED_H

#include "api-server/fleet/changeset.h"

struct touched;

struct touched *touched_new(void);
void touched_free(struct touched *touched);

/* Adds what the changes mean in a fleet that has them, and in one that has them not: to be called once with each. */
void touched_add(struct touched *touched, const struct rse_fleet *fleet, const struct change *changes, size_t count);

/* As an array literal, "{1,4}"; NULL: all targets. In the arena. */
const char *touched_targets(const struct touched *touched, struct rse_arena *arena);

#endif
