#include <stdlib.h>

#include "libresedge/src/base/utf8.h"
#include "libresedge/src/template/placeholder.h"
#include "libresedge/src/template/program.h"
#include "libresedge/src/template/yaml_reader.h"
#include "libresedge/src/template/yaml_text.h"

#include "resedge/yaml.h"

struct render {
    const struct rse_template *tpl;
    const struct rse_values *values;
    struct rse_buf *out;
    size_t base;             /* length of out before the file */
    struct rse_spans *spans; /* NULL: not wanted */
    struct rse_err *err;
};

/* How it went with a unit, or with one value of it. UNFIT: the style can't be kept with these values. */
enum outcome { DONE, UNFIT, FAILED };

/* A place to return to when a unit turns out not to fit. */
struct mark {
    size_t out_len, span_count;
    uint32_t span_len;
};

static struct mark mark_here(const struct render *r)
{
    struct mark mark = { .out_len = r->out->len };

    if (r->spans != NULL && r->spans->count > 0) {
        mark.span_count = r->spans->count;
        mark.span_len = r->spans->at[mark.span_count - 1].len;
    }
    return mark;
}

static void return_to(const struct render *r, struct mark mark)
{
    rse_buf_truncate(r->out, mark.out_len);
    if (r->spans == NULL)
        return;
    r->spans->count = mark.span_count;
    if (mark.span_count > 0)
        r->spans->at[mark.span_count - 1].len = mark.span_len;
}

static void add_span(struct rse_spans *spans, struct rse_span span)
{
    struct rse_span *last = spans->count > 0 ? &spans->at[spans->count - 1] : NULL;

    if (last != NULL && last->out + last->len == span.out && last->tpl + last->len == span.tpl) {
        last->len += span.len;
        return;
    }
    RSE_GROW(spans->at, spans->count, spans->cap);
    spans->at[spans->count++] = span;
}

/* Copies literal bytes of the template. */
static void copy_text(const struct render *r, size_t from, size_t to)
{
    if (from == to)
        return;
    if (r->spans != NULL)
        add_span(r->spans, (struct rse_span){ .out = (uint32_t)(r->out->len - r->base),
                                              .tpl = (uint32_t)from,
                                              .len = (uint32_t)(to - from) });
    rse_buf_addn(r->out, r->tpl->text.p + from, to - from);
}

bool slot_value(const struct rse_template *tpl, const struct slot *slot, const struct rse_values *values,
                struct rse_str *value, struct rse_err *err)
{
    struct rse_str name;

    if (values->get(values->arg, (enum rse_scope)slot->scope, slot->key, value))
        return true;
    name = slot_name(tpl, slot);
    return yaml_fail(err, rse_str(tpl->path), slot->line, "%.*s has no value", RSE_STR_ARG(name));
}

static enum outcome fail_encoding(const struct render *r, const struct slot *slot)
{
    struct rse_str name = slot_name(r->tpl, slot);

    yaml_fail(r->err, rse_str(r->tpl->path), slot->line, "the value of %.*s is not UTF-8", RSE_STR_ARG(name));
    return FAILED;
}

static void add_single_quoted(struct rse_buf *out, struct rse_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] == '\'')
            rse_buf_addc(out, '\'');
        rse_buf_addc(out, value.p[i]);
    }
}

/* Nothing but a line break ends a comment; other control characters have no business in it either. */
static void add_in_comment(struct rse_buf *out, struct rse_str value)
{
    for (size_t at = 0, len; at < value.len; at += len) {
        uint32_t c;

        len = rse_utf8_step(rse_str_from(value, at), &c);
        if (yaml_is_printable(c))
            rse_buf_addn(out, value.p + at, len);
        else
            rse_buf_addc(out, ' ');
    }
}

/* Puts in one value, in the style of the unit. */
static enum outcome put_value(const struct render *r, const struct unit *unit, const struct slot *slot,
                              struct rse_str value, unsigned traits)
{
    if (slot->in_comment) {
        if (traits & YAML_CONTROL)
            add_in_comment(r->out, value);
        else
            rse_buf_add_str(r->out, value);
        return DONE;
    }
    if (unit->multi_line && (traits & YAML_WILD))
        return UNFIT; /* it might be folded, or taken for something else at the beginning of a line */
    switch ((enum unit_style)unit->style) {
    case UNIT_DOUBLE:
        if (traits & (YAML_CONTROL | YAML_ESCAPE)) {
            yaml_add_escaped(r->out, value);
            return DONE;
        }
        break;
    case UNIT_SINGLE:
        if (traits & YAML_CONTROL)
            return UNFIT;
        if (traits & YAML_QUOTE) {
            add_single_quoted(r->out, value);
            return DONE;
        }
        break;
    case UNIT_BLOCK:
        /* A line that begins with a blank, or becomes one, would change how indentation or folding is understood. */
        if ((traits & YAML_CONTROL) || (slot->at_line_start && (value.len == 0 || (traits & YAML_LEADING_BLANK))))
            return UNFIT;
        break;
    case UNIT_PLAIN:
    case UNIT_COMMENT:
        break;
    }
    rse_buf_add_str(r->out, value);
    return DONE;
}

/* Whether a plain scalar, written from `start` on, is still one. What tame values can't break needs no look. */
static bool plain_is_kept(const struct render *r, const struct unit *unit, size_t start, unsigned traits)
{
    if (unit->never_typed && !(traits & YAML_WILD))
        return true;
    if (unit->multi_line || r->out->overflow)
        return false;
    return rse_yaml_plain_safe(rse_str_n(r->out->p + start, r->out->len - start), unit->in_flow);
}

/* Writes a unit as it stands in the file, with the values in place of the placeholders. */
static enum outcome keep_style(const struct render *r, const struct unit *unit)
{
    size_t start = r->out->len, at = unit->start;
    unsigned all_traits = 0;

    for (uint32_t i = 0; i < unit->slot_count; i++) {
        const struct slot *slot = &r->tpl->slots[unit->slot + i];
        enum outcome outcome;
        struct rse_str value;
        unsigned traits;

        if (!slot_value(r->tpl, slot, r->values, &value, r->err))
            return FAILED;
        traits = yaml_traits(value);
        if (traits & YAML_INVALID)
            return fail_encoding(r, slot);
        copy_text(r, at, slot->raw_start);
        outcome = put_value(r, unit, slot, value, traits);
        if (outcome != DONE)
            return outcome;
        all_traits |= traits;
        at = slot->raw_end;
    }
    copy_text(r, at, unit->end);
    return unit->style != UNIT_PLAIN || plain_is_kept(r, unit, start, all_traits) ? DONE : UNFIT;
}

/* Writes the value of a scalar anew, double quoted, on one line. */
static enum outcome write_anew(const struct render *r, const struct unit *unit)
{
    const char *values = r->tpl->values.p;
    size_t at = unit->value_start;

    rse_buf_adds(r->out, unit->needs_space ? " \"" : "\"");
    for (uint32_t i = 0; i < unit->slot_count; i++) {
        const struct slot *slot = &r->tpl->slots[unit->slot + i];
        struct rse_str value;

        if (slot->in_comment)
            continue;
        if (!slot_value(r->tpl, slot, r->values, &value, r->err))
            return FAILED;
        if (yaml_traits(value) & YAML_INVALID)
            return fail_encoding(r, slot);
        yaml_add_escaped(r->out, rse_str_n(values + at, slot->value_start - at));
        yaml_add_escaped(r->out, value);
        at = slot->value_end;
    }
    yaml_add_escaped(r->out, rse_str_n(values + at, unit->value_end - at));
    rse_buf_addc(r->out, '"');
    return DONE;
}

static bool fits_as_key(const struct render *r, const struct unit *unit, size_t start)
{
    const struct slot *slot = &r->tpl->slots[unit->slot];
    struct rse_str written = rse_str_n(r->out->p + start, r->out->len - start);

    if (unit->key_room == 0 || written.len <= unit->key_room || yaml_count_chars(written) <= unit->key_room)
        return true;
    return yaml_fail(r->err, rse_str(r->tpl->path), slot->line, "%.*s makes a key longer than %d characters",
                     RSE_STR_ARG(slot_name(r->tpl, slot)), YAML_MAX_KEY);
}

static bool render_unit(const struct render *r, const struct unit *unit)
{
    struct mark mark = mark_here(r);
    enum outcome outcome = unit->rewrite ? UNFIT : keep_style(r, unit);

    if (outcome == UNFIT) {
        return_to(r, mark);
        outcome = write_anew(r, unit);
    }
    return outcome == DONE && fits_as_key(r, unit, mark.out_len);
}

static bool render_file(const struct render *r)
{
    const struct rse_template *tpl = r->tpl;
    size_t at = 0;

    if (!mappings_check(tpl, r->values, r->err))
        return false;
    for (size_t i = 0; i < tpl->unit_count; i++) {
        copy_text(r, at, tpl->units[i].start);
        if (!render_unit(r, &tpl->units[i]))
            return false;
        at = tpl->units[i].end;
    }
    copy_text(r, at, tpl->text.len);
    return rse_buf_ok(r->out, r->err);
}

bool rse_template_render_spans(const struct rse_template *tpl, const struct rse_values *values, struct rse_buf *out,
                               struct rse_spans *spans, struct rse_err *err)
{
    struct render r = { tpl, values, out, out->len, spans, err };

    if (spans != NULL)
        spans->count = 0;
    return render_file(&r);
}

bool rse_template_render(const struct rse_template *tpl, const struct rse_values *values, struct rse_buf *out,
                         struct rse_err *err)
{
    return rse_template_render_spans(tpl, values, out, NULL, err);
}

void rse_spans_release(struct rse_spans *spans)
{
    free(spans->at);
    *spans = (struct rse_spans){ 0 };
}

bool rse_template_render_text(struct rse_str text, const struct rse_keys *keys, const struct rse_values *values,
                              struct rse_buf *out, struct rse_err *err)
{
    struct placeholder found = { 0 };
    enum placeholder_kind kind;
    size_t at = 0;

    while ((kind = placeholder_find(keys, text, at, false, &found)) != PLACEHOLDER_NONE) {
        struct rse_str name = rse_str_n(text.p + found.start, found.end - found.start);
        struct rse_str value;

        if (kind == PLACEHOLDER_UNKNOWN)
            return placeholder_fail_unknown(err, keys, RSE_STR(""), 0, name);
        if (!values->get(values->arg, found.scope, found.key, &value))
            return rse_fail(err, RSE_INVALID, "%.*s has no value", RSE_STR_ARG(name));
        rse_buf_addn(out, text.p + at, found.start - at);
        rse_buf_add_str(out, value);
        at = found.end;
    }
    rse_buf_addn(out, text.p + at, text.len - at);
    return rse_buf_ok(out, err);
}
