/*
 * changeset_stage.c - the clusters of a big change set, which are brought to the database before it is stored.
 */
#include "api-server/fleet/changeset_internal.h"
#include "api-server/store/change.h"

enum {
    STAGE_MIN = 2000, /* clusters: fewer are as quick in one go */
    BATCH_CLUSTERS = 500,
};

bool changeset_is_staged(const struct changeset *set, const struct change *change)
{
    return set->staged > 0 && change->noun == RSE_CLUSTER && !change->is_delete && !change->is_template;
}

void changeset_choose_staged(struct changeset *set)
{
    size_t clusters = 0;

    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->changes[i];

        clusters += c->noun == RSE_CLUSTER && !c->is_delete && !c->is_template;
    }
    set->staged = clusters >= STAGE_MIN ? clusters : 0;
}

bool changeset_is_big(const struct changeset *set)
{
    return set->staged > 0;
}

size_t changeset_staged(const struct changeset *set)
{
    return set->staged;
}

struct rse_str changeset_doc(const struct changeset *set, const struct change *change)
{
    return change->staged > 0 ? doc_store_get(set->staged_docs, change->staged - 1) : change->doc;
}

bool changeset_batch(const struct changeset *set, size_t *at, struct rse_buf *etags, struct rse_buf *docs,
                     struct change_batch *out)
{
    size_t in_batch = 0, before = 0;

    rse_buf_addc(etags, '{');
    for (size_t i = 0; i < set->count && in_batch < BATCH_CLUSTERS; i++) {
        const struct change *c = &set->changes[i];

        if (!changeset_is_staged(set, c) || before++ < *at)
            continue;
        rse_buf_adds(etags, in_batch > 0 ? "," : "");
        rse_buf_adds(etags, c->etag);
        rse_buf_adds(docs, in_batch++ > 0 ? "\n" : "");
        rse_buf_add_str(docs, changeset_doc(set, c));
    }
    rse_buf_addc(etags, '}');
    *out = (struct change_batch){ .first = *at + 1, .etags = etags->p, .docs = docs->p };
    *at += in_batch;
    return in_batch > 0;
}

uint64_t changeset_staged_digest(const struct changeset *set)
{
    struct {
        uint64_t before;
        int64_t id;
        char etag[16];
    } step = { 0 };

    for (size_t i = 0; i < set->count; i++) {
        if (!changeset_is_staged(set, &set->changes[i]))
            continue;
        step.id = set->changes[i].id;
        memcpy(step.etag, set->changes[i].etag, sizeof(step.etag));
        step.before = rse_hash(&step, sizeof(step));
    }
    return step.before;
}
