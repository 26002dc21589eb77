/*
 * yaml.h - writing a value into YAML so that it stays the value it was.
 *
 * Used by the template engine and by everything that generates manifests. The rules are those of YAML 1.2 (yaml.org/spec/1.2.2),
 * read with the types of YAML 1.1 (yaml.org/type), which is what Kubernetes' parsers resolve.
 */
#ifndef RESEDGE_YAML_H
#define RESEDGE_YAML_H

#include "base.h"
#include "buf.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether text, written bare, is read back as the string it is - or is an ordinary integer or decimal (0, -5, 42,
 * 3.14), which stay bare, as long as int64 and double hold all their digits (18, and 15). False for what YAML 1.1 reads
 * as bool, null, date, sexagesimal, octal, hex, exponent, .inf, for a leading zero, for indicators, ": ", " #", edges of
 * white space, tabs, line breaks, control characters, what is not UTF-8, and the empty string; in a flow collection also
 * for , [ ] { } ?. */
RSE_API bool rse_yaml_plain_safe(struct rse_str text, bool in_flow);

/* Appends text as a scalar on one line: plain where that is safe, else double quoted (escapes as of YAML 1.2, 5.7). */
RSE_API void rse_yaml_add_scalar(struct rse_buf *out, struct rse_str text, bool in_flow);

/* Always double quoted, quotes included. */
RSE_API void rse_yaml_add_quoted(struct rse_buf *out, struct rse_str text);

/* A scalar that is always a string for Kubernetes, also where it looks like a number: names, labels, env values. */
RSE_API void rse_yaml_add_string(struct rse_buf *out, struct rse_str text);

/* What a manifest file holds, as far as planning needs to know. Strings point into the arena given. */
struct rse_yaml_doc {
    struct rse_str api_version; /* empty when absent */
    struct rse_str kind;
    struct rse_str name;       /* metadata.name, as written: may hold placeholders */
    struct rse_str namespace_; /* metadata.namespace */
    bool sops;                 /* has a top-level `sops` mapping: encrypted, passes byte for byte */
    uint32_t line;             /* 1-based line where the document begins */
};

struct rse_arena;

/* Lists the documents of a YAML stream (empty ones are left out). Bounds: depth 100, 100,000 nodes a document, no
 * expansion of aliases. The error carries file and line. */
RSE_API bool rse_yaml_docs(struct rse_arena *arena, struct rse_str path, struct rse_str text,
                           struct rse_yaml_doc **docs, size_t *count, struct rse_err *err) RSE_MUST;

/* A YAML document as a tree, for small files that we must understand (kustomization.yaml, flux.yaml, inventories).
 * Types are resolved as YAML 1.2 core does, quoted scalars are strings. */
struct cJSON;
/* path: where the text is from, which errors name with the line; empty: it has no name, and the line is that of the error.
 * The first (or only) document as cJSON, to be freed with cJSON_Delete(). Refused: aliases (anchors are fine),
 * duplicate keys, more than max_nodes nodes, depth above 64, non-scalar keys, more than one document. NULL and err on
 * failure: RSE_UNPROCESSABLE with the field where it is YAML, but a key is there twice or a scalar is nothing that JSON could
 * hold. An empty stream gives a JSON null. */
RSE_API struct cJSON *rse_yaml_to_json(struct rse_str path, struct rse_str text, size_t max_nodes,
                                       struct rse_err *err) RSE_MUST;

/* The other way: JSON as block-style YAML, for generated manifests and `-o yaml`; members keep their order,
 * and a raw value (cJSON_CreateRaw) is written as it stands. */
RSE_API void rse_yaml_from_json(struct rse_buf *out, const struct cJSON *value);

#ifdef __cplusplus
}
#endif

#endif
