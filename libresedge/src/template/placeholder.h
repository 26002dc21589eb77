/*
 * placeholder.h - finding rea.<scope>.<key> in text.
 *
 * An occurrence begins with "rea." that no letter, digit or '_' stands in front of (so area.cluster.x is none),
 * continues with a word of letters, digits and '_', a '.', and a byte of [A-Za-z0-9_-]. The word has to be a scope, and
 * what follows has to begin with a key: the longest one after which no letter, digit or '_' comes. Else it is unknown,
 * an error. "rea.cluster." with no key at all is unknown too, but in a comment (`in_comment`), where it is
 * what people write about placeholders. Letters and digits are those of ASCII.
 */
#ifndef RESEDGE_TEMPLATE_PLACEHOLDER_H
#define RESEDGE_TEMPLATE_PLACEHOLDER_H

#include "resedge/template.h"

struct placeholder {
    size_t start, end; /* of an unknown one: as far as the key seems to go */
    enum rse_scope scope;
    uint32_t key;
};

enum placeholder_kind { PLACEHOLDER_NONE, PLACEHOLDER_KNOWN, PLACEHOLDER_UNKNOWN };

/* The first one that begins at `from` or later. */
enum placeholder_kind placeholder_find(const struct rse_keys *keys, struct rse_str text, size_t from, bool in_comment,
                                       struct placeholder *found);

/* Fails for an unknown one, with a hint at what may have been meant. path may be empty: text that is in no file. */
bool placeholder_fail_unknown(struct rse_err *err, const struct rse_keys *keys, struct rse_str path, size_t line,
                              struct rse_str shown);

/* The length of the longest key. */
size_t keys_max_len(const struct rse_keys *keys, enum rse_scope scope);

#endif
