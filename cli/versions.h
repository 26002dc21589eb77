/* versions.h - which version of an application each of its clusters has: the highest release whose expression selects it. */
#ifndef CLI_VERSIONS_H
#define CLI_VERSIONS_H

#include "cli/cli.h"

struct versions {
    const char **names; /* of the releases, the highest first; the last one is "base" */
    size_t nreleases;   /* "base" counted */
    const char **clusters;
    size_t *at; /* for each cluster, which of the names */
    size_t count;
};

/* releases: those of the application, or others that it may get. All in the arena. */
bool versions_read(struct cli *cli, const cJSON *application, const cJSON *releases, struct versions *out,
                   struct rse_err *err) RSE_MUST;
/* A table of clusters and versions. */
bool versions_print(struct cli *cli, const struct versions *versions, struct rse_err *err) RSE_MUST;

#endif
