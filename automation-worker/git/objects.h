/*
 * objects.h - the objects of one repository: old ones are read, new ones go through here.
 *
 * A new object is hashed first, and stored only if it was not stored through this sink before. What is written counts
 * as durable after objects_finish(), not earlier; until then nothing may name it. Reading back what was written before
 * objects_finish() is not promised. How objects are stored is nobody else's business.
 */
#ifndef WORKER_GIT_OBJECTS_H
#define WORKER_GIT_OBJECTS_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/err.h>

#include "automation-worker/git/encode.h"
#include "automation-worker/git/hash.h"

enum objects_mode {
    OBJECTS_STORE,
    OBJECTS_HASH, /* nothing is stored: to see what would be written */
};

struct objects;

/* Borrows repo. */
bool objects_new(struct objects **out, git_repository *repo, enum objects_mode mode, struct rse_err *err) RSE_MUST;
/* For reading only, by a thread of its own: shares nothing with others of the same repository. */
bool objects_new_reader(struct objects **out, git_repository *repo, struct rse_err *err) RSE_MUST;
void objects_free(struct objects *objects);
void objects_freep(struct objects **objects);

bool objects_add(struct objects *objects, const struct new_object *object, struct rse_err *err) RSE_MUST;
/* One that was encoded before, against objects_sibling(), from bytes of this length. stream: of the entry. */
bool objects_add_encoded(struct objects *objects, const git_oid *id, size_t len, const struct encoded *encoded,
                         struct rse_str stream, struct rse_err *err) RSE_MUST;

/* From here on other threads may ask for the siblings known now, to encode objects before they are added. False:
 * nothing is stored, or nothing was yet. */
bool objects_share(struct objects *objects);
/* What an object of the group is encoded against; NULL: it is added without. On any thread, after objects_share(). */
const struct sibling *objects_sibling(const struct objects *objects, uint64_t group);

/* Says that it comes soon: then it takes less time. */
void objects_expect(const struct objects *objects, const git_oid *id);
/* One that resembles no other. What waits for it is bounded. */
bool objects_write(struct objects *objects, git_object_t type, struct rse_str bytes, const git_oid *id,
                   struct rse_err *err) RSE_MUST;
/* Makes everything written durable. */
bool objects_finish(struct objects *objects, struct rse_err *err) RSE_MUST;

struct objects_counts {
    uint64_t objects, bytes; /* stored through this sink */
    uint64_t packed;         /* bytes of the packs that were finished */
};
struct objects_counts objects_counted(const struct objects *objects);

/* The bytes of a tree that was there before, as fast as can be; to be freed. */
bool objects_read_tree(struct objects *objects, const git_oid *id, char **bytes, size_t *len,
                       struct rse_err *err) RSE_MUST;
/* Reads an object that was there before. To be freed with git_odb_object_free(). Another type than the one wanted is an
 * error. */
bool objects_read(git_odb_object **out, struct objects *objects, const git_oid *id, git_object_t type,
                  struct rse_err *err) RSE_MUST;

#endif
