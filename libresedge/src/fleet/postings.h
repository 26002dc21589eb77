/*
 * postings.h - from what a cluster says of itself (its terms: tag, metadata key, key and value, store, group, target) to
 * the set of clusters that say it. One hash table per kind of term.
 *
 * Kept right at every put and remove by comparing the cluster's old and new terms. Closed clusters are in here too: their
 * references count, and whoever answers a question leaves them out at the end.
 *
 * Many values belong to a single cluster (a store's number, its address). Those take a slot of 16 bytes with the cluster's
 * index and no copy of the text: whether a slot is the one that is looked for is asked of the cluster itself.
 */
#ifndef RESEDGE_FLEET_POSTINGS_H
#define RESEDGE_FLEET_POSTINGS_H

#include "libresedge/src/fleet/cset.h"
#include "resedge/model.h"

enum term_kind {
    TERM_TAG,
    TERM_KEY,   /* a metadata key, or the fields environment and timeZone */
    TERM_VALUE, /* key and value */
    TERM_STORE,
    TERM_MEMBER,      /* of a group that is given by id: the eight bytes of it */
    TERM_MEMBER_PATH, /* of a group that is given by path only, without the leading '/' */
    TERM_TARGET,      /* by id */
    TERM_TARGET_NAME, /* by name only */
    TERM_KINDS
};

enum {
    TERMS_AT_ONCE = 32,
};

struct term {
    enum term_kind kind;
    struct rse_str key, value; /* value: TERM_VALUE */
};

struct posting {
    struct cset clusters;
    uint32_t key_len, value_len;
    char text[]; /* key, then value */
};

struct posting_slot {
    uint64_t hash;
    uintptr_t ref; /* 0: free; odd: 2 * index + 1 of the only cluster; else a struct posting * */
};

struct postings {
    struct posting_slot *slots;
    size_t cap, count; /* cap: a power of two, or 0 */
};

/* The clusters by index: entries may be NULL. */
typedef const struct rse_cluster *cluster_lookup(const void *arg, uint32_t index);

struct postings_set {
    struct postings kinds[TERM_KINDS];
    cluster_lookup *lookup;
    const void *lookup_arg;
    /* A metadata key has got its first cluster or lost its last one since this was last set to false. */
    bool keys_changed;
};

void postings_release(struct postings_set *set);
/* All of them at once, so that the memory that one needs comes while another is looked up. At most TERMS_AT_ONCE. */
void postings_add(struct postings_set *set, const struct term *terms, size_t count, uint32_t index);
void postings_remove(struct postings_set *set, const struct term *term, uint32_t index);
/* Adds the clusters with this term to a bitmap. */
void postings_or_into(const struct postings_set *set, const struct term *term, struct rse_bitmap *to);
/* The clusters of a term that never has the short form (not TAG, VALUE, STORE), or NULL. */
const struct cset *postings_get(const struct postings_set *set, const struct term *term);
/* for (size_t it = 0; postings_next_key(set, &it, &key);) - the metadata keys of all clusters, in no order. */
bool postings_next_key(const struct postings_set *set, size_t *it, struct rse_str *key);
size_t postings_bytes(const struct postings_set *set);

/* ---- the terms of a cluster ---- */

typedef void term_visitor(void *arg, const struct term *term);
void cluster_each_term(const struct rse_cluster *cluster, term_visitor *visit, void *arg);
bool cluster_has_term(const struct rse_cluster *cluster, const struct term *term);

/* A term about something that is given by id. The id must live as long as the term. */
static inline struct term term_of_id(enum term_kind kind, const int64_t *id)
{
    return (struct term){ .kind = kind, .key = rse_str_n((const char *)id, sizeof(*id)) };
}

/* "/stores/central" -> "stores/central". */
static inline struct rse_str path_without_slash(struct rse_str path)
{
    return path.len > 0 && path.p[0] == '/' ? rse_str_from(path, 1) : path;
}

#endif
