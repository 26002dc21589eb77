/*
 * inventory.h - the inventory of -f: a file, a folder of them, standard input; several become one, so that they are applied all
 * or nothing, whatever refers to what.
 */
#ifndef CLI_INVENTORY_H
#define CLI_INVENTORY_H

#include "cli/cli.h"

struct inventory {
    struct rse_str text;      /* as it is sent */
    const char *content_type; /* of it */
    cJSON *json;              /* the same, parsed */
    struct inventory_part {
        const char *file;
        int counts[RSE_NOUN_COUNT]; /* how many objects of each noun came from it */
    } * parts;
    size_t nparts;
};

bool inventory_read(struct cli *cli, struct inventory *out, struct rse_err *err) RSE_MUST;
/* Says in which of several files the object is that an error's field points to. */
void inventory_locate(const struct inventory *inventory, struct rse_err *err);

#endif
