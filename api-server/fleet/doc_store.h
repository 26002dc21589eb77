/*
 * doc_store.h - the documents of a big write, kept until it is stored.
 *
 * Tens of thousands of documents that repeat each other: compressed together (RFC 1951) they take a tenth of their size.
 */
#ifndef API_FLEET_DOC_STORE_H
#define API_FLEET_DOC_STORE_H

#include <resedge/resedge.h>

struct doc_store;

struct doc_store *doc_store_new(void);
void doc_store_free(struct doc_store *store);

/* Appends one; returns its number, counted from 0. */
size_t doc_store_add(struct doc_store *store, struct rse_str doc);
/* Borrowed until another one is asked for, or added. Asking in the order of numbers costs little. */
struct rse_str doc_store_get(struct doc_store *store, size_t number);
/* Of all documents, as they were given. */
size_t doc_store_bytes(const struct doc_store *store);

#endif
