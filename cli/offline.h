/* offline.h - the fleet of the server's snapshot and the templates of a checkout, planned here with the worker's own code. */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include "cli/cli.h"

struct offline {
    struct rse_fleet *fleet;
    struct rse_keys *keys;
    struct rse_catalogue *catalogue;
    struct rse_plan *plan;
    const struct rse_target *target;
};

/* The whole fleet, by the snapshot. */
bool offline_fleet(struct cli *cli, struct offline *out, struct rse_err *err) RSE_MUST;
/* The templates below a folder that has apps/ (and policies/). After the fleet. */
bool offline_templates(struct offline *out, const char *folder, struct rse_err *err) RSE_MUST;
/* Plans one of the targets. */
bool offline_plan(struct offline *out, const struct rse_target *target, struct rse_err *err) RSE_MUST;
void offline_free(struct offline *offline);

/*
 * All files of a cluster's folder, by sink. A part that fails is told by failed() (which may be NULL). Automation leaves such a
 * part, and one whose application is paused, as it was: kept() says whether it was there. Without kept(), what fails is left out
 * and what is paused is rendered.
 */
struct offline_sink {
    rse_file_sink *file;
    void (*failed)(void *arg, const struct rse_part *part, const struct rse_err *err);
    bool (*kept)(void *arg, const struct rse_part *part);
    void *arg;
    struct rse_str application; /* only the parts of this one, by name; empty: all */
};
bool offline_render(const struct offline *offline, uint32_t cluster, const struct offline_sink *sink,
                    struct rse_err *err) RSE_MUST;

#endif
