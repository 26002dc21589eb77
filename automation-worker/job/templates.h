/*
 * templates.h - the templates of a target: what stands under apps/ and policies/ of a tree, compiled, kept from job
 * to job.
 *
 * Only these two folders are read. Files that are the same blob are not read or compiled again.
 */
#ifndef WORKER_JOB_TEMPLATES_H
#define WORKER_JOB_TEMPLATES_H

#include <resedge/catalogue.h>
#include <resedge/fleet.h>

#include "automation-worker/git/tree.h"

struct templates;

struct templates *templates_new(void);
void templates_free(struct templates *templates);

/* The id of a tree that holds just apps/ and policies/ of this folder ("" is the root): equal ids, equal templates. */
bool templates_id(struct tree *root, struct rse_str folder, git_oid *id, struct rse_err *err) RSE_MUST;

/* Brings the catalogue to this tree and to the placeholders of this fleet. */
bool templates_load(struct templates *templates, struct tree *root, struct rse_str folder,
                    const struct rse_fleet *fleet, struct rse_err *err) RSE_MUST;

/* After a templates_load() that succeeded; borrowed until the next. */
const struct rse_catalogue *templates_catalogue(const struct templates *templates);
/* Counts the times that the catalogue was made anew, from other files or for other placeholders. */
uint64_t templates_generation(const struct templates *templates);

#endif
