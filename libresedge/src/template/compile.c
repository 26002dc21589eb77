#include <stdlib.h>

#include "libresedge/src/template/align.h"
#include "libresedge/src/template/mapping_keys.h"
#include "libresedge/src/template/placeholder.h"
#include "libresedge/src/template/program.h"
#include "libresedge/src/template/scan.h"
#include "libresedge/src/template/yaml_text.h"

/* Parsed scalars, and keys beside them: each byte of the text at most twice, grown by half at worst. */
#define MAX_VALUES (4 * TEMPLATE_MAX_TEXT)

struct compiler {
    struct rse_template *tpl;
    const struct rse_keys *keys;
    struct scan scan;
    struct mapping_keys open;
    size_t line_offset, line; /* a place in the text, and its line: places are asked for in ascending order */
};

static void compiler_release(struct compiler *c)
{
    scan_release(&c->scan);
    mapping_keys_release(&c->open);
}

static size_t line_of(struct compiler *c, size_t offset)
{
    if (offset > c->line_offset) {
        c->line += yaml_line_at(rse_str_from(c->tpl->text, c->line_offset), offset - c->line_offset) - 1;
        c->line_offset = offset;
    }
    return c->line;
}

static struct rse_str text_between(const struct compiler *c, size_t start, size_t end)
{
    return rse_str_n(c->tpl->text.p + start, end - start);
}

static bool push_slot(struct compiler *c, const struct placeholder *found, struct slot slot, struct rse_err *err)
{
    struct rse_template *tpl = c->tpl;

    if (tpl->slot_count == TEMPLATE_MAX_SLOTS)
        return yaml_fail(err, rse_str(tpl->path), c->line, "more than %d placeholders", TEMPLATE_MAX_SLOTS);
    slot.key = found->key;
    slot.scope = (uint8_t)found->scope;
    RSE_GROW(tpl->slots, tpl->slot_count, tpl->slot_cap);
    tpl->slots[tpl->slot_count++] = slot;
    return true;
}

static void push_unit(struct rse_template *tpl, struct unit unit)
{
    RSE_GROW(tpl->units, tpl->unit_count, tpl->unit_cap);
    tpl->units[tpl->unit_count++] = unit;
}

/* The slots of one comment, '#' to the end of the line. */
static bool push_comment_slots(struct compiler *c, size_t start, size_t end, struct rse_err *err)
{
    struct rse_str text = text_between(c, start, end);
    struct placeholder found = { 0 };
    enum placeholder_kind kind;

    while ((kind = placeholder_find(c->keys, text, found.end, true, &found)) != PLACEHOLDER_NONE) {
        size_t line = line_of(c, start + found.start);
        struct slot slot = {
            .line = (uint32_t)line,
            .raw_start = (uint32_t)(start + found.start),
            .raw_end = (uint32_t)(start + found.end),
            .in_comment = true,
        };

        if (kind == PLACEHOLDER_UNKNOWN)
            return placeholder_fail_unknown(err, c->keys, rse_str(c->tpl->path), line,
                                            text_between(c, slot.raw_start, slot.raw_end));
        if (!push_slot(c, &found, slot, err))
            return false;
    }
    return true;
}

static size_t comment_end(struct rse_str text, size_t at, size_t limit)
{
    while (at < limit && text.p[at] != '\n' && text.p[at] != '\r')
        at++;
    return at;
}

/* Makes a unit of the slots of a comment, those from first_slot on. */
static void push_comment_unit(struct rse_template *tpl, size_t first_slot)
{
    struct unit unit = {
        .slot = (uint32_t)first_slot,
        .slot_count = (uint32_t)(tpl->slot_count - first_slot),
        .style = UNIT_COMMENT,
    };

    if (unit.slot_count == 0)
        return;
    unit.start = tpl->slots[first_slot].raw_start;
    unit.end = tpl->slots[tpl->slot_count - 1].raw_end;
    push_unit(tpl, unit);
}

/* In a gap, the first '#' of a line begins a comment: no indicator has one, and white space neither. */
static bool compile_gap(struct compiler *c, const struct scan_item *item, struct rse_err *err)
{
    struct rse_str text = c->tpl->text;
    size_t at = item->start, first_slot;
    const char *hash;

    while ((hash = memchr(text.p + at, '#', item->end - at)) != NULL) {
        size_t start = (size_t)(hash - text.p);

        at = comment_end(text, start, item->end);
        first_slot = c->tpl->slot_count;
        if (!push_comment_slots(c, start, at, err))
            return false;
        push_comment_unit(c->tpl, first_slot);
    }
    return true;
}

/* An anchor, alias, tag or directive. */
static bool refuse_in_name(struct compiler *c, const struct scan_item *item, struct rse_err *err)
{
    struct rse_str text = text_between(c, item->start, item->end);
    struct placeholder found;

    if (placeholder_find(c->keys, text, 0, true, &found) == PLACEHOLDER_NONE)
        return true;
    rse_err_hint(err, "Placeholders can stand in scalars, keys and comments.");
    return yaml_fail(err, rse_str(c->tpl->path), line_of(c, item->start), "the placeholder %.*s can not stand in %s",
                     (int)(found.end - found.start), text.p + found.start, item->name);
}

/* The slots of a scalar, placed in its value only. An unknown placeholder becomes the last of them. */
static bool push_scalar_slots(struct compiler *c, struct rse_str value, bool *unknown, struct rse_err *err)
{
    struct placeholder found = { 0 };
    enum placeholder_kind kind;

    *unknown = false;
    while (!*unknown && (kind = placeholder_find(c->keys, value, found.end, false, &found)) != PLACEHOLDER_NONE) {
        struct slot slot = { .value_start = (uint32_t)found.start, .value_end = (uint32_t)found.end };

        if (!push_slot(c, &found, slot, err))
            return false;
        *unknown = kind == PLACEHOLDER_UNKNOWN;
    }
    return true;
}

static bool is_block_style(yaml_scalar_style_t style)
{
    return style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
}

/* The length of the line break, or of one as YAML 1.1 has them, that ends at `end`. */
static size_t break_before(struct rse_str text, size_t end)
{
    struct rse_str before = rse_str_n(text.p, end);

    if (end > 0 && (text.p[end - 1] == '\n' || text.p[end - 1] == '\r'))
        return 1;
    if (rse_str_ends(before, RSE_STR("\xc2\x85")))
        return 2;
    return rse_str_ends(before, RSE_STR("\xe2\x80\xa8")) || rse_str_ends(before, RSE_STR("\xe2\x80\xa9")) ? 3 : 0;
}

/* Where the last line of a scalar that is not blank ends: the breaks that libyaml counts to a block scalar separate it
 * from what comes next, also when it is written anew on one line. */
static size_t visible_end(struct rse_str text, const struct scan_item *item)
{
    size_t end = item->end;
    size_t at = end, len;

    if (!is_block_style(item->style))
        return end;
    for (;;) {
        while (at > item->start && text.p[at - 1] == ' ')
            at--;
        len = break_before(text, at);
        if (len == 0)
            return end;
        at -= len;
        end = at;
    }
}

static bool is_at_line_start(struct rse_str text, size_t offset)
{
    while (offset > 0 && (text.p[offset - 1] == ' ' || text.p[offset - 1] == '\t'))
        offset--;
    return offset == 0 || break_before(text, offset) > 0;
}

/* Finds where the slots of a scalar stand in the text. Returns whether they do. */
static bool place_slots(struct compiler *c, const struct scan_item *item, struct slot *slots, size_t count)
{
    size_t end = visible_end(c->tpl->text, item);
    bool placed = align_slots(item->style, text_between(c, item->start, end), item->value, slots, count);

    for (size_t i = 0; i < count; i++) {
        slots[i].raw_start = placed ? slots[i].raw_start + (uint32_t)item->start : SLOT_UNPLACED;
        slots[i].raw_end = placed ? slots[i].raw_end + (uint32_t)item->start : SLOT_UNPLACED;
        slots[i].line = (uint32_t)line_of(c, placed ? slots[i].raw_start : item->start);
        slots[i].at_line_start = placed && is_at_line_start(c->tpl->text, slots[i].raw_start);
    }
    return placed;
}

static bool fail_unknown(struct compiler *c, const struct scan_item *item, const struct slot *slot, struct rse_err *err)
{
    struct rse_str shown = rse_str_n(item->value.p + slot->value_start, slot->value_end - slot->value_start);

    return placeholder_fail_unknown(err, c->keys, rse_str(c->tpl->path), slot->line, shown);
}

/* The characters that an implicit key has until the ':' would come too late. */
static uint16_t room_of_key(const struct compiler *c, const struct scan_item *item)
{
    struct rse_str text = c->tpl->text;
    size_t colon = item->end;
    size_t taken;

    if (!item->is_implicit_key)
        return 0;
    while (colon < text.len && (text.p[colon] == ' ' || text.p[colon] == '\t'))
        colon++;
    taken = item->key_lead + (colon - item->end);
    return taken < YAML_MAX_KEY ? (uint16_t)(YAML_MAX_KEY - taken) : 1;
}

/* Whether the bytes beside the slots make a plain scalar a string: they hold a byte that no other type has, or begin
 * like a word and are too long for one. */
static bool is_never_typed(const struct rse_template *tpl, const struct unit *unit)
{
    const char *values = tpl->values.p;
    uint32_t at = unit->value_start;
    size_t literal = 0;

    for (uint32_t i = 0; i <= unit->slot_count; i++) {
        const struct slot *slot = i < unit->slot_count ? &tpl->slots[unit->slot + i] : NULL;
        uint32_t end = slot != NULL ? slot->value_start : unit->value_end;

        for (; at < end; at++, literal++) {
            if (yaml_rules_out_type((unsigned char)values[at]))
                return true;
        }
        at = slot != NULL ? slot->value_end : at;
    }
    return tpl->slots[unit->slot].value_start > unit->value_start && yaml_is_letter(values[unit->value_start]) &&
           literal > YAML_LONGEST_WORD;
}

static enum unit_style unit_style_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return UNIT_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return UNIT_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return UNIT_BLOCK;
    default:
        return UNIT_PLAIN;
    }
}

/* Also one that only YAML 1.1 takes for a line break. */
static bool has_line_break(struct rse_str text)
{
    static const char *const breaks[] = { "\n", "\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9" };

    for (size_t i = 0; i < RSE_COUNT(breaks); i++) {
        if (memmem(text.p, text.len, breaks[i], strlen(breaks[i])) != NULL)
            return true;
    }
    return false;
}

/* The comment on a block scalar's first line: `key: | # like this`. */
static bool push_header_slots(struct compiler *c, const struct scan_item *item, struct rse_err *err)
{
    struct rse_str raw = text_between(c, item->start, item->end);
    const char *hash;
    size_t end;

    if (!is_block_style(item->style))
        return true;
    end = comment_end(raw, 0, raw.len);
    hash = memchr(raw.p, '#', end);
    return hash == NULL || push_comment_slots(c, item->start + (size_t)(hash - raw.p), item->start + end, err);
}

/* Whether a quote may not stand where this scalar begins: first on its line, libyaml takes a block scalar also at the
 * column of the keys around it, where a quoted scalar would have to be a key; and after an anchor, ":x" but no quote. */
static bool needs_space(struct rse_str text, const struct scan_item *item)
{
    char before = item->start > 0 ? text.p[item->start - 1] : ' ';

    if (is_block_style(item->style) && is_at_line_start(text, item->start))
        return true;
    return yaml_is_letter(before) || (before >= '0' && before <= '9') || before == '_' || before == '-';
}

static void push_scalar_unit(struct compiler *c, const struct scan_item *item, size_t first_slot, size_t scalar_slot,
                             bool placed)
{
    struct rse_template *tpl = c->tpl;
    struct rse_str raw = text_between(c, item->start, item->end);
    uint32_t base = (uint32_t)tpl->values.len;
    struct unit unit = {
        .start = (uint32_t)item->start,
        .end = (uint32_t)visible_end(tpl->text, item),
        .value_start = base,
        .value_end = base + (uint32_t)item->value.len,
        .slot = (uint32_t)first_slot,
        .slot_count = (uint32_t)(tpl->slot_count - first_slot),
        .key_room = room_of_key(c, item),
        .style = (uint8_t)unit_style_of(item->style),
        .in_flow = item->in_flow,
        .multi_line = !is_block_style(item->style) && has_line_break(raw),
        .rewrite = !placed,
        .needs_space = needs_space(tpl->text, item),
    };

    rse_buf_add_str(&tpl->values, item->value);
    for (size_t i = scalar_slot; i < tpl->slot_count; i++) {
        tpl->slots[i].value_start += base;
        tpl->slots[i].value_end += base;
    }
    unit.never_typed = unit.style == UNIT_PLAIN && is_never_typed(tpl, &unit);
    push_unit(tpl, unit);
}

static bool compile_scalar(struct compiler *c, const struct scan_item *item, struct rse_err *err)
{
    struct rse_template *tpl = c->tpl;
    size_t first_slot = tpl->slot_count, scalar_slot;
    bool unknown, placed;

    if (!push_header_slots(c, item, err))
        return false;
    scalar_slot = tpl->slot_count;
    if (!push_scalar_slots(c, item->value, &unknown, err))
        return false;
    if (tpl->slot_count == scalar_slot) {
        push_comment_unit(tpl, first_slot);
        if (item->is_key)
            mapping_keys_add(&c->open, item->value);
        return true;
    }
    placed = place_slots(c, item, tpl->slots + scalar_slot, tpl->slot_count - scalar_slot);
    if (unknown)
        return fail_unknown(c, item, &tpl->slots[tpl->slot_count - 1], err);
    push_scalar_unit(c, item, first_slot, scalar_slot, placed);
    if (item->is_key)
        mapping_keys_add_unit(&c->open, tpl);
    return true;
}

static bool compile_item(struct compiler *c, const struct scan_item *item, struct rse_err *err)
{
    switch (item->type) {
    case SCAN_GAP:
        return compile_gap(c, item, err);
    case SCAN_NAME:
        return refuse_in_name(c, item, err);
    case SCAN_SCALAR:
        return compile_scalar(c, item, err);
    case SCAN_ENTER_MAPPING:
        mapping_keys_enter(&c->open);
        return true;
    case SCAN_LEAVE_MAPPING:
        mapping_keys_leave(&c->open, c->tpl);
        return true;
    case SCAN_END:
        break;
    }
    return true;
}

bool compile_yaml(struct rse_template *tpl, const struct rse_keys *keys, struct rse_err *err)
{
    RSE_CLEANUP(compiler_release) struct compiler c = { .tpl = tpl, .keys = keys, .line = 1 };
    struct scan_item item;

    mapping_keys_init(&c.open);
    rse_buf_init(&tpl->values, MAX_VALUES);
    if (!scan_init(&c.scan, rse_str(tpl->path), tpl->text, err))
        return false;
    do {
        if (!scan_next(&c.scan, &item, err) || !compile_item(&c, &item, err))
            return false;
    } while (item.type != SCAN_END);
    return rse_buf_ok(&tpl->values, err);
}
