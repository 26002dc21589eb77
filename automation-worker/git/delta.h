/*
 * delta.h - instructions that make an object from a sibling (gitformat-pack(5), "Deltified representation").
 *
 * Nothing is searched for. Two files rendered from one template have its literal bytes in common, at places that both
 * know; two trees of one layout have everything but ids in common. What stands between is compared from both ends,
 * since values often differ in a few digits only.
 */
#ifndef WORKER_GIT_DELTA_H
#define WORKER_GIT_DELTA_H

#include <resedge/buf.h>
#include <resedge/template.h>

struct delta_side {
    struct rse_str bytes;
    const struct rse_span *spans; /* which bytes are whose of the template, ascending; NULL with count 0: not known */
    size_t count;
};

/* Appends the instructions. Without spans on either side, places are taken to correspond: for bytes of equal length. */
void delta_make(const struct delta_side *base, const struct delta_side *target, struct rse_buf *out);

/* The size of what instructions make from a base of this size. False: they are for another one, or no instructions. */
bool delta_size(struct rse_str delta, size_t base_len, size_t *len) RSE_MUST;
/* Makes it, into memory of that size. False: they lead out of the base, or make more or less than they say. */
bool delta_apply(struct rse_str base, struct rse_str delta, char *out, size_t len) RSE_MUST;

#endif
