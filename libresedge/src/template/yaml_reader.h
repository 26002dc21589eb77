/*
 * yaml_reader.h - libyaml with bounds, and with errors that say file and line.
 *
 * The text must outlive the reader. Neither reader expands aliases.
 */
#ifndef RESEDGE_TEMPLATE_YAML_READER_H
#define RESEDGE_TEMPLATE_YAML_READER_H

#include <yaml.h>

#include "resedge/base.h"
#include "resedge/err.h"
#include "resedge/yaml.h"

/* Collections inside each other. */
#define YAML_MAX_DEPTH 100

struct yaml_reader {
    yaml_parser_t parser;
    struct rse_str path;
    struct rse_str text;
    size_t bom; /* length of the byte order mark, which libyaml's marks don't count */
    unsigned depth, max_depth;
    size_t nodes, max_nodes; /* of the current document */
};

/* Checks what concerns the whole text: UTF-8, and a number of tag directives that libyaml copes with. */
bool yaml_reader_init(struct yaml_reader *reader, struct rse_str path, struct rse_str text,
                      struct rse_err *err) RSE_MUST;
/* Also after a failed init, once the struct has been zeroed. */
void yaml_reader_release(struct yaml_reader *reader);

/* The next event; the caller deletes it. After YAML_STREAM_END_EVENT there are none. */
bool yaml_reader_event(struct yaml_reader *reader, yaml_event_t *event, struct rse_err *err) RSE_MUST;

/* The next token instead; a reader gives either events or tokens. */
bool yaml_reader_token(struct yaml_reader *reader, yaml_token_t *token, struct rse_err *err) RSE_MUST;

/* Fails with "path:line: message". */
bool yaml_fail(struct rse_err *err, struct rse_str path, size_t line, const char *fmt, ...) RSE_PRINTF(4, 5);
/* The same of what is YAML, but says what can't be: RSE_UNPROCESSABLE. */
bool yaml_fail_value(struct rse_err *err, struct rse_str path, size_t line, const char *message);

/* The 1-based line of a byte. */
size_t yaml_line_at(struct rse_str text, size_t offset);

/* rse_yaml_docs() with a bound of the caller's choice. */
bool yaml_docs_find(struct rse_arena *arena, struct rse_str path, struct rse_str text, size_t max_nodes,
                    struct rse_yaml_doc **docs, size_t *count, struct rse_err *err) RSE_MUST;

static inline struct rse_str yaml_event_text(const yaml_event_t *event)
{
    return rse_str_n((const char *)event->data.scalar.value, event->data.scalar.length);
}

#endif
