/*
 * holds.h - what is held for a person: changes that reach more clusters than the target's guard lets through. Kept in
 * the Data Service from job to job, with what people said to it.
 */
#ifndef WORKER_JOB_HOLDS_H
#define WORKER_JOB_HOLDS_H

#include <resedge/arena.h>
#include <resedge/buf.h>
#include <resedge/client.h>
#include <resedge/map.h>

enum hold_kind { HOLD_LOSING, HOLD_CHANGED, HOLD_FILES, HOLD_FORK, HOLD_ADOPT };
enum hold_state { HOLD_HELD, HOLD_APPROVED, HOLD_DISCARDED };

struct hold_counts {
    int64_t losing;  /* clusters that lose an application or a namespace */
    int64_t changed; /* clusters whose folder changes at all */
    int64_t files;
};

struct hold {
    struct rse_str key; /* what causes it: "revision/12", "fork/<change id>", "adopt/<cluster>" */
    enum hold_kind kind;
    enum hold_state state;
    int64_t revision; /* of the write that causes it */
    int64_t seen;     /* of the job that counted it last */
    struct hold_counts counts;
    struct hold_counts approved; /* what was counted when it was approved */
    struct rse_map *parts;       /* paths, see touches.h: their files stay as they are, */
    struct rse_map *clusters;    /* on these, by name */
    struct rse_str subject;      /* "namespace \"shop\"", "a push to the templates" */
    struct rse_str actor;
    int64_t of;   /* clusters that have a folder; 0 on what was read */
    double limit; /* the same */
};

struct holds {
    struct rse_arena *arena;
    struct hold **at;
    size_t count, cap;
};

struct holds *holds_new(void);
void holds_free(struct holds *holds);

/* A new one, with empty sets. The key is copied. */
struct hold *holds_add(struct holds *holds, struct rse_str key);
void hold_add_part(struct hold *hold, struct rse_str part);
void hold_add_cluster(struct hold *hold, struct rse_str cluster);

/* What the Data Service keeps of a target. */
bool holds_load(struct holds *holds, struct rse_client *client, int64_t target_id, struct rse_err *err) RSE_MUST;

/* The one that keeps a part of a cluster as it is, or NULL. Safe for several threads at once. */
const struct hold *holds_find(const struct holds *holds, struct rse_str cluster, struct rse_str part);
/* By its key, or NULL. */
const struct hold *holds_get(const struct holds *holds, struct rse_str key);
/* The first that has the cluster; one that leaves all of it alone comes before others. */
const struct hold *holds_find_cluster(const struct holds *holds, struct rse_str cluster);

/* ---- for the report ---- */

/* Parts times clusters, of what waits for a person. */
int64_t holds_count(const struct holds *holds);
/* The entries of the job's `held`, each with a comma in front of it unless first. */
void holds_render_held(const struct holds *holds, bool first, struct rse_buf *out);
/* The job's `holds`: an array, what the Data Service is to keep. */
void holds_render(const struct holds *holds, struct rse_buf *out);
/* "namespace \"shop\" on 40 clusters", for the log of Git; nothing where nothing waits. */
void holds_summary(const struct holds *holds, struct rse_buf *out);

#endif
