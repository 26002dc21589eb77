/*
 * template.h - a manifest with placeholders, compiled once into literal pieces and slots.
 *
 * A placeholder is rea.cluster.<key>, rea.namespace.<key> or rea.application.<key>. Which keys exist is an input
 * (struct rse_keys: the fields of each noun and the metadata keys of the whole fleet): the longest known key wins, and
 * the byte after it may not be a letter, digit or '_'. So `rea.application.name.rea.cluster.name.example.com` and
 * `rea.namespace.name-redis-pvc` mean what they look like, and rea.cluster.regionn is an error. What counts is the
 * parsed value of a scalar. "rea." begins a placeholder where no letter, digit or '_' stands in front of it (area.cluster.x
 * is none), and where a word and a '.' follow; the word has to be a scope: rea.clutser.name is an error too. Only in a
 * comment may a scope stand without a key (`rea.cluster.<key>`).
 *
 * A value is data. It is put in according to the YAML context it stands in, and can neither change the structure of
 * the document nor turn into another type: what the rendered file parses to is what the template parses to, with the
 * values substituted in its scalars (an ordinary integer or decimal in a plain scalar is a number; everything
 * else is a string).
 */
#ifndef RESEDGE_TEMPLATE_H
#define RESEDGE_TEMPLATE_H

#include "arena.h"
#include "base.h"
#include "buf.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whose key a placeholder names. */
enum rse_scope { RSE_SCOPE_CLUSTER, RSE_SCOPE_NAMESPACE, RSE_SCOPE_APPLICATION, RSE_SCOPE_COUNT };

/* "cluster", "namespace", "application" */
RSE_API const char *rse_scope_name(enum rse_scope scope);

/* The set of keys that exist, per scope. Each key has a small number, stable for the life of the set. */
struct rse_keys;
RSE_API struct rse_keys *rse_keys_new(void);
RSE_API void rse_keys_free(struct rse_keys *keys);
/* Adds a key (again: the same number). */
RSE_API uint32_t rse_keys_add(struct rse_keys *keys, enum rse_scope scope, struct rse_str key);
RSE_API uint32_t rse_keys_count(const struct rse_keys *keys, enum rse_scope scope);
RSE_API struct rse_str rse_keys_name(const struct rse_keys *keys, enum rse_scope scope, uint32_t number);
/* UINT32_MAX when unknown. */
RSE_API uint32_t rse_keys_find(const struct rse_keys *keys, enum rse_scope scope, struct rse_str key);
/* Two sets with the same keys, in whatever order added, have the same digest: compiled templates depend on it. The numbers
 * of the keys may differ all the same: a template uses those of the set that it was compiled with. */
RSE_API uint64_t rse_keys_digest(const struct rse_keys *keys);

/* Where values come from while a file is rendered. */
struct rse_values {
    /* The value of a key, or false when this object has none (or a null field): that is an error of the render.
     * *out is borrowed until the next render. */
    bool (*get)(void *arg, enum rse_scope scope, uint32_t key, struct rse_str *out);
    void *arg;
};

struct rse_template;

/* Compiles one file. path: for errors, and its name tells YAML (.yaml, .yml) from other files, which have no slots and
 * are copied as they are, as are files with a top-level `sops` mapping. keys and text may go after the call. Errors (RSE_INVALID) say
 * file, line and placeholder: not YAML, invalid UTF-8, an unknown scope or key, a placeholder where none can stand (tag,
 * anchor, alias, directive). Limits: 4 MiB of text, 20,000 slots, collections nested 100 deep. A template never changes
 * once it is compiled: any number of threads may render it at once. */
RSE_API bool rse_template_compile(struct rse_template **out, struct rse_str path, struct rse_str text,
                                  const struct rse_keys *keys, struct rse_err *err) RSE_MUST;
RSE_API void rse_template_free(struct rse_template *tpl);

RSE_API struct rse_str rse_template_path(const struct rse_template *tpl);
RSE_API bool rse_template_is_constant(const struct rse_template *tpl); /* no slots: the rendered file is the text */
/* Whether any slot names a key of this scope: a file without cluster slots is the same on every cluster. */
RSE_API bool rse_template_uses_scope(const struct rse_template *tpl, enum rse_scope scope);
/* The distinct (scope, key number) pairs it uses, for the catalogue and for planning what a change touches. */
RSE_API size_t rse_template_uses(const struct rse_template *tpl, const uint32_t **keys, const uint8_t **scopes);

/* Appends the rendered file to out. The error names file, line, placeholder; the caller adds the cluster. Besides a value
 * that is missing or not UTF-8, refused are two equal keys in a mapping, where a placeholder makes one of them, and a
 * key longer than YAML allows. After an error, what was appended is of no use. */
RSE_API bool rse_template_render(const struct rse_template *tpl, const struct rse_values *values, struct rse_buf *out,
                                 struct rse_err *err) RSE_MUST;

/* The same, and tells which spans of the output are literal bytes of the template, in order, so that a rendered file can be
 * written as a delta against a sibling of the same template without comparing anything. */
struct rse_span {
    uint32_t out; /* offset in the rendered file */
    uint32_t tpl; /* offset in the text of the template */
    uint32_t len;
};
struct rse_spans {
    struct rse_span *at;
    size_t count, cap;
};
RSE_API void rse_spans_release(struct rse_spans *spans);
RSE_API bool rse_template_render_spans(const struct rse_template *tpl, const struct rse_values *values,
                                       struct rse_buf *out, struct rse_spans *spans, struct rse_err *err) RSE_MUST;

/* Renders a short text that is not YAML, e.g. a name: values are put in as they are. */
RSE_API bool rse_template_render_text(struct rse_str text, const struct rse_keys *keys, const struct rse_values *values,
                                      struct rse_buf *out, struct rse_err *err) RSE_MUST;

#ifdef __cplusplus
}
#endif

#endif
