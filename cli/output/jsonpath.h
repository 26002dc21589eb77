/* jsonpath.h - what the two halves of JSONPath share: the template with its braces, and the paths within them. */
#ifndef CLI_OUTPUT_JSONPATH_H
#define CLI_OUTPUT_JSONPATH_H

#include "cli/output/output.h"

/* What a path has found so far. Borrows the nodes. */
struct nodes {
    const cJSON **at;
    size_t count, cap;
};

struct eval {
    const char *template; /* for errors */
    struct rse_err *err;
    struct rse_buf *out;
};

void jsonpath_release(struct nodes *nodes);
/* Fails, pointing at a place in the template. */
bool jsonpath_fail(const struct eval *e, const char *place, const char *what);
void jsonpath_skip_spaces(const char **p);
/* A quoted text, or (with false) nothing. */
bool jsonpath_read_quoted(const char **p, struct rse_buf *out);
/* Follows a path from root, up to the first byte that does not belong to it. out is to be released. */
bool jsonpath_read_path(struct eval *e, const char **p, const cJSON *root, struct nodes *out);
/* Appends a node as text: strings as they are, all else as JSON. */
void jsonpath_node_text(const cJSON *node, struct rse_buf *out);

#endif
