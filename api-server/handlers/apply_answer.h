/*
 * apply_answer.h - what an inventory did, or would do.
 */
#ifndef API_HANDLERS_APPLY_ANSWER_H
#define API_HANDLERS_APPLY_ANSWER_H

#include <resedge/resedge.h>

struct changeset;

/* Appends {"revision", "dryRun"?, "confirm"?, "created", "updated", "deleted", "unchanged", "changes"}; of a dry run each update comes with
 * the fields that differ, before and after. The fleet must not have the changes yet then. confirm: the number that the write would
 * have to say; 0: none. */
void apply_answer(const struct changeset *set, bool dry_run, int64_t confirm, struct rse_buf *out);

#endif
