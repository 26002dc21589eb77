#include "libresedge/src/template/mapping_keys.h"

#include <stdlib.h>

/* Every key comes out of the text, once; an escape of two bytes may become three. */
#define MAX_KEY_TEXT (2 * TEMPLATE_MAX_TEXT)

void mapping_keys_init(struct mapping_keys *open)
{
    *open = (struct mapping_keys){ .depth = 0 };
    for (size_t i = 0; i < RSE_COUNT(open->frames); i++)
        rse_buf_init(&open->frames[i].text, MAX_KEY_TEXT);
}

void mapping_keys_release(struct mapping_keys *open)
{
    for (size_t i = 0; i < RSE_COUNT(open->frames); i++) {
        free(open->frames[i].keys);
        rse_buf_release(&open->frames[i].text);
    }
}

void mapping_keys_enter(struct mapping_keys *open)
{
    struct key_frame *frame = &open->frames[open->depth++];

    frame->count = 0;
    frame->has_slots = false;
    rse_buf_reset(&frame->text);
}

static struct mapping_key *push_key(struct mapping_keys *open)
{
    struct key_frame *frame = &open->frames[open->depth - 1];

    RSE_GROW(frame->keys, frame->count, frame->cap);
    return &frame->keys[frame->count++];
}

void mapping_keys_add(struct mapping_keys *open, struct rse_str constant)
{
    struct rse_buf *text = &open->frames[open->depth - 1].text;
    uint32_t start = (uint32_t)text->len;

    rse_buf_add_str(text, constant);
    *push_key(open) = (struct mapping_key){ UINT32_MAX, start, (uint32_t)text->len };
}

void mapping_keys_add_unit(struct mapping_keys *open, const struct rse_template *tpl)
{
    open->frames[open->depth - 1].has_slots = true;
    *push_key(open) = (struct mapping_key){ .unit = (uint32_t)tpl->unit_count - 1 };
}

void mapping_keys_leave(struct mapping_keys *open, struct rse_template *tpl)
{
    struct key_frame *frame = &open->frames[--open->depth];
    uint32_t base = (uint32_t)tpl->values.len;

    if (!frame->has_slots || frame->count < 2)
        return;
    RSE_GROW(tpl->mappings, tpl->mapping_count, tpl->mapping_cap);
    tpl->mappings[tpl->mapping_count++] =
        (struct mapping){ .key = (uint32_t)tpl->key_count, .key_count = (uint32_t)frame->count };
    rse_buf_add_str(&tpl->values, rse_buf_str(&frame->text));
    for (size_t i = 0; i < frame->count; i++) {
        struct mapping_key key = frame->keys[i];

        if (key.unit == UINT32_MAX) {
            key.value_start += base;
            key.value_end += base;
        }
        RSE_GROW(tpl->keys, tpl->key_count, tpl->key_cap);
        tpl->keys[tpl->key_count++] = key;
    }
}

/* One key with the values put in. */
struct made_key {
    size_t start, len; /* in the scratch text */
    uint32_t unit;
    const char *base; /* of the scratch text, for comparing */
};

static int made_key_cmp(const void *a, const void *b)
{
    const struct made_key *x = a, *y = b;

    return rse_str_cmp(rse_str_n(x->base + x->start, x->len), rse_str_n(y->base + y->start, y->len));
}

static bool add_unit_text(const struct rse_template *tpl, const struct unit *unit, const struct rse_values *values,
                          struct rse_buf *out, struct rse_err *err)
{
    uint32_t at = unit->value_start;

    for (uint32_t i = 0; i < unit->slot_count; i++) {
        const struct slot *slot = &tpl->slots[unit->slot + i];
        struct rse_str value;

        if (slot->in_comment)
            continue;
        if (!slot_value(tpl, slot, values, &value, err))
            return false;
        rse_buf_addn(out, tpl->values.p + at, slot->value_start - at);
        rse_buf_add_str(out, value);
        at = slot->value_end;
    }
    rse_buf_addn(out, tpl->values.p + at, unit->value_end - at);
    return true;
}

static bool make_keys(const struct rse_template *tpl, const struct mapping *mapping, const struct rse_values *values,
                      struct made_key *made, struct rse_buf *text, struct rse_err *err)
{
    for (uint32_t i = 0; i < mapping->key_count; i++) {
        const struct mapping_key *key = &tpl->keys[mapping->key + i];

        made[i].start = text->len;
        made[i].unit = key->unit;
        if (key->unit == UINT32_MAX)
            rse_buf_addn(text, tpl->values.p + key->value_start, key->value_end - key->value_start);
        else if (!add_unit_text(tpl, &tpl->units[key->unit], values, text, err))
            return false;
        made[i].len = text->len - made[i].start;
    }
    for (uint32_t i = 0; i < mapping->key_count; i++)
        made[i].base = text->p;
    return rse_buf_ok(text, err);
}

static bool fail_equal(const struct rse_template *tpl, const struct made_key *a, const struct made_key *b,
                       struct rse_err *err)
{
    const struct unit *unit = &tpl->units[a->unit != UINT32_MAX ? a->unit : b->unit];
    const struct slot *slot = &tpl->slots[unit->slot];

    rse_err_hint(err, "Keys of one mapping have to differ: change the value, or the template.");
    return yaml_fail(err, rse_str(tpl->path), slot->line, "%.*s makes two keys equal: \"%.*s\"",
                     RSE_STR_ARG(slot_name(tpl, slot)), (int)(a->len < 80 ? a->len : 80), a->base + a->start);
}

static bool check_mapping(const struct rse_template *tpl, const struct mapping *mapping,
                          const struct rse_values *values, struct rse_err *err)
{
    RSE_CLEANUP(rse_freep) struct made_key *made = rse_xcalloc(mapping->key_count, sizeof(*made));
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, (size_t)1 << 30);
    if (!make_keys(tpl, mapping, values, made, &text, err))
        return false;
    qsort(made, mapping->key_count, sizeof(*made), made_key_cmp);
    for (uint32_t i = 1; i < mapping->key_count; i++) {
        const struct made_key *a = &made[i - 1], *b = &made[i];

        /* Two constant keys that are equal are the template's own business. */
        if ((a->unit != UINT32_MAX || b->unit != UINT32_MAX) && made_key_cmp(a, b) == 0)
            return fail_equal(tpl, a, b, err);
    }
    return true;
}

bool mappings_check(const struct rse_template *tpl, const struct rse_values *values, struct rse_err *err)
{
    for (size_t i = 0; i < tpl->mapping_count; i++) {
        if (!check_mapping(tpl, &tpl->mappings[i], values, err))
            return false;
    }
    return true;
}
