/*
 * inventory_lines.h - which line of the body has which object of an inventory that came as lines (NDJSON, CSV), and what is wrong with
 * lines that have none.
 */
#ifndef API_HANDLERS_INVENTORY_LINES_H
#define API_HANDLERS_INVENTORY_LINES_H

#include <resedge/resedge.h>

struct inventory_lines {
    const char *within;       /* the object's place in its line, "/doc"; NULL: the body doesn't come as lines */
    struct rse_faults faults; /* of lines; its arena is set by whoever makes one, all else is zero */
    bool table;               /* each of an object's members may have a column */
    bool left_out;            /* a line that has no object: others may refer to it */
    struct {
        uint32_t *at; /* from 1; one an object, in its order */
        size_t count, cap;
    } of[RSE_NOUN_COUNT];
};

void inventory_lines_release(struct inventory_lines *lines);

/* "/clusters/3/name": clusters, 3 and "/name". False where it is no object's. */
bool inventory_pointer_split(const char *pointer, const struct rse_noun_info **noun, size_t *index, char **rest);

/* The next object of the noun is in that line. */
void inventory_lines_add(struct inventory_lines *lines, enum rse_noun noun, size_t line);

/* Adds a fault of that line; err is clear then. */
void inventory_lines_add_fault(struct inventory_lines *lines, size_t line, struct rse_err *err);
/* The faults from that index on are of that line. */
void inventory_lines_number(struct inventory_lines *lines, size_t from, size_t line);

/* The faults of the objects, which point into the inventory as JSON, then say their line and where in it: "/clusters/3/name" is "/doc/name"
 * of line 7. All are in the order of the lines then. */
void inventory_lines_point(const struct inventory_lines *lines, struct rse_err *err);

/* All that is wrong: with lines, and with objects (err, or none yet), in the order of the body. False with err, if there is anything; of
 * objects it is yet to be pointed. */
bool inventory_lines_check(struct inventory_lines *lines, struct rse_err *err) RSE_MUST;

#endif
