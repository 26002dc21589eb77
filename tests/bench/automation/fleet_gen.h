/*
 * fleet_gen.h - a made-up retailer of any size, the same one every time: for benchmarks.
 *
 * Stores in 8 regions of 6 states, in three rings, each with kiosks or signage; metadata of their own and inherited; 4 to
 * 20 applications. With 4 every cluster has 3 of them and 17 files; each further one is on a part of the clusters. One
 * more, "promo", is on none: its namespace's expression is there to be changed.
 */
#ifndef BENCH_FLEET_GEN_H
#define BENCH_FLEET_GEN_H

#include <resedge/buf.h>
#include <resedge/model.h>

struct fleet_gen {
    uint32_t clusters;
    uint32_t applications; /* FLEET_GEN_MIN to FLEET_GEN_MAX */
    const char *url;       /* of the target's repository */
    const char *pattern;   /* "sharded" or "flat" */
    bool documents;        /* as the Data Service answers them, with ids; else as people write them */
};

enum { FLEET_GEN_MIN = 4, FLEET_GEN_MAX = 20 };

#define FLEET_GEN_TARGET "fleet"

/* One JSON object after the other, those that others refer to first. */
typedef void fleet_gen_take(void *arg, enum rse_noun noun, const char *json);
void fleet_gen_objects(const struct fleet_gen *gen, fleet_gen_take *take, void *arg);

/* The document of one cluster (0 to clusters - 1); tax: the value of one of its metadata, which three of its files hold. */
void fleet_gen_cluster(const struct fleet_gen *gen, uint32_t i, const char *tax, struct rse_buf *out);
void fleet_gen_cluster_name(uint32_t i, struct rse_buf *out);

/* The templates: each file below apps/. */
typedef void fleet_gen_take_file(void *arg, const char *path, struct rse_str text);
void fleet_gen_templates(const struct fleet_gen *gen, fleet_gen_take_file *take, void *arg);

#endif
