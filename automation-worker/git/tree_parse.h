/*
 * tree_parse.h - Git's own form of a tree: its bytes and its order.
 */
#ifndef WORKER_GIT_TREE_PARSE_H
#define WORKER_GIT_TREE_PARSE_H

#include <resedge/buf.h>

#include "automation-worker/git/tree.h"

/* Calls entry for each one; names point into bytes. */
bool tree_parse(struct rse_str bytes, bool (*entry)(void *arg, const struct tree_entry *entry, struct rse_err *err),
                void *arg, struct rse_err *err) RSE_MUST;
void tree_entry_write(const struct tree_entry *entry, struct rse_buf *out);
/* <0, 0, >0: by bytes, a folder's name as if it ended in '/'. */
int tree_entry_order(const struct tree_entry *a, const struct tree_entry *b);

#endif
