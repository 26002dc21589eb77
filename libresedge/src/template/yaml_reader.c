#include "libresedge/src/template/yaml_reader.h"

#include <stdio.h>

/* libyaml compares each new tag directive with all before. */
#define MAX_TAG_DIRECTIVES 64
/* What fits into an error beside the message. */
#define MAX_SHOWN_PATH 160

static bool fail_at(struct rse_err *err, enum rse_code code, struct rse_str path, size_t line, const char *message)
{
    const char *dots = "";

    if (path.len == 0) {
        if (err != NULL && err->code == RSE_OK)
            err->line = (uint32_t)line;
        return rse_fail(err, code, "%s", message);
    }
    if (path.len > MAX_SHOWN_PATH) { /* its end tells more than its beginning */
        path = rse_str_from(path, path.len - MAX_SHOWN_PATH);
        dots = "...";
    }
    return rse_fail(err, code, "%s%.*s:%zu: %s", dots, RSE_STR_ARG(path), line, message);
}

bool yaml_fail(struct rse_err *err, struct rse_str path, size_t line, const char *fmt, ...)
{
    char message[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    return fail_at(err, RSE_INVALID, path, line, message);
}

bool yaml_fail_value(struct rse_err *err, struct rse_str path, size_t line, const char *message)
{
    return fail_at(err, RSE_UNPROCESSABLE, path, line, message);
}

size_t yaml_line_at(struct rse_str text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.p[i] == '\n' || (text.p[i] == '\r' && (i + 1 == text.len || text.p[i + 1] != '\n'));
    return line;
}

static bool has_too_many_tag_directives(struct rse_str text)
{
    size_t count = 0;
    const char *end = text.p + text.len;

    for (const char *p = text.p; (p = memmem(p, (size_t)(end - p), "%TAG", 4)) != NULL; p += 4)
        count += p == text.p || p[-1] == '\n' || p[-1] == '\r';
    return count > MAX_TAG_DIRECTIVES;
}

bool yaml_reader_init(struct yaml_reader *reader, struct rse_str path, struct rse_str text, struct rse_err *err)
{
    static const char bom[] = "\xef\xbb\xbf";
    size_t bad_at = 0;

    *reader = (struct yaml_reader){
        .path = path,
        .text = text.len > 0 ? text : RSE_STR(""),
        .bom = rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? sizeof(bom) - 1 : 0,
        .max_depth = YAML_MAX_DEPTH,
        .max_nodes = SIZE_MAX,
    };
    if (!rse_utf8_valid(reader->text, &bad_at))
        return yaml_fail(err, path, yaml_line_at(text, bad_at), "not UTF-8");
    if (has_too_many_tag_directives(reader->text))
        return yaml_fail(err, path, 1, "more than %d %%TAG directives", MAX_TAG_DIRECTIVES);
    if (!yaml_parser_initialize(&reader->parser))
        return rse_fail(err, RSE_INTERNAL, "could not start the YAML parser");
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)reader->text.p, reader->text.len);
    return true;
}

void yaml_reader_release(struct yaml_reader *reader)
{
    yaml_parser_delete(&reader->parser);
}

/* libyaml says where it stood, and where the thing began that it could not finish; the former is the useful one. */
static bool fail_parse(const struct yaml_reader *reader, struct rse_err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "syntax error";

    if (parser->error == YAML_READER_ERROR)
        return yaml_fail(err, reader->path, yaml_line_at(reader->text, parser->problem_offset), "not YAML: %s",
                         problem);
    if (parser->context != NULL)
        return yaml_fail(err, reader->path, parser->problem_mark.line + 1, "not YAML: %s: %s", parser->context,
                         problem);
    return yaml_fail(err, reader->path, parser->problem_mark.line + 1, "not YAML: %s", problem);
}

/* Keeps count of depth and nodes. */
static bool count_event(struct yaml_reader *reader, const yaml_event_t *event, struct rse_err *err)
{
    size_t line = event->start_mark.line + 1;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        reader->nodes = 0;
        return true;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        reader->depth--;
        return true;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (++reader->depth > reader->max_depth)
            return yaml_fail(err, reader->path, line, "nested deeper than %u levels", reader->max_depth);
        break;
    case YAML_SCALAR_EVENT:
    case YAML_ALIAS_EVENT:
        break;
    default:
        return true;
    }
    if (++reader->nodes > reader->max_nodes)
        return yaml_fail(err, reader->path, line, "more than %zu nodes", reader->max_nodes);
    return true;
}

bool yaml_reader_event(struct yaml_reader *reader, yaml_event_t *event, struct rse_err *err)
{
    if (!yaml_parser_parse(&reader->parser, event))
        return fail_parse(reader, err);
    if (!count_event(reader, event, err)) {
        yaml_event_delete(event);
        return false;
    }
    return true;
}

bool yaml_reader_token(struct yaml_reader *reader, yaml_token_t *token, struct rse_err *err)
{
    if (!yaml_parser_scan(&reader->parser, token))
        return fail_parse(reader, err);
    return true;
}
