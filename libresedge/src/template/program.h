/*
 * program.h - what a template is compiled to.
 *
 * The text, and in ascending order the units in it: stretches that hold slots. To render is to copy the text between
 * the units, and to render each unit. A scalar with slots is one unit, because whether it can stay plain (say) depends
 * on all of it. Two descriptions of a scalar exist: its bytes in the text (raw), used as long as the values let its
 * style be kept, and its parsed value, from which it is written anew, double quoted, when they don't. Of a comment
 * there is only the former.
 */
#ifndef RESEDGE_TEMPLATE_PROGRAM_H
#define RESEDGE_TEMPLATE_PROGRAM_H

#include "resedge/template.h"

#define TEMPLATE_MAX_TEXT  (4u << 20)
#define TEMPLATE_MAX_SLOTS 20000

/* The longest implicit key that YAML parsers accept, in characters, up to its ':'. */
#define YAML_MAX_KEY 1024

/* No range in the text is known. */
#define SLOT_UNPLACED UINT32_MAX

struct slot {
    uint32_t key;
    uint32_t line;                   /* 1-based, for errors */
    uint32_t raw_start, raw_end;     /* its bytes in the text */
    uint32_t value_start, value_end; /* its bytes in the values; of a comment's: none */
    uint8_t scope;
    bool in_comment;
    bool at_line_start; /* in a block scalar: only blanks come before it on its line */
};

enum unit_style { UNIT_COMMENT, UNIT_PLAIN, UNIT_SINGLE, UNIT_DOUBLE, UNIT_BLOCK };

struct unit {
    uint32_t start, end;             /* the bytes of the text that it takes the place of */
    uint32_t value_start, value_end; /* its parsed value, in the values */
    uint32_t slot, slot_count;       /* the first of its slots, ascending; those of a block's header comment too */
    uint16_t key_room;               /* characters that it may have as an implicit key; 0: it is none */
    uint8_t style;
    bool in_flow;
    bool multi_line;  /* a plain or quoted scalar on more than one line */
    bool never_typed; /* a plain scalar whose literal bytes make it a string whatever the values are */
    bool rewrite;     /* its slots have no place in the text: always written anew */
    bool needs_space; /* when written anew: in front of the quote */
};

/* A key of a mapping in which some key has slots. */
struct mapping_key {
    uint32_t unit; /* UINT32_MAX: constant */
    uint32_t value_start, value_end;
};

struct mapping {
    uint32_t key, key_count;
};

struct rse_template {
    char *path;
    struct rse_str text;   /* owned */
    struct rse_buf values; /* parsed values of scalars with slots, and keys beside them */
    struct slot *slots;
    size_t slot_count, slot_cap;
    struct unit *units;
    size_t unit_count, unit_cap;
    struct mapping_key *keys;
    size_t key_count, key_cap;
    struct mapping *mappings;
    size_t mapping_count, mapping_cap;
    uint32_t *use_keys;
    uint8_t *use_scopes;
    size_t use_count;
    bool uses_scope[RSE_SCOPE_COUNT];
};

/* The text of a slot's placeholder. */
static inline struct rse_str slot_name(const struct rse_template *tpl, const struct slot *slot)
{
    if (slot->in_comment)
        return rse_str_n(tpl->text.p + slot->raw_start, slot->raw_end - slot->raw_start);
    return rse_str_n(tpl->values.p + slot->value_start, slot->value_end - slot->value_start);
}

/* Compiles tpl->text, which is YAML. */
bool compile_yaml(struct rse_template *tpl, const struct rse_keys *keys, struct rse_err *err) RSE_MUST;

/* The value for a slot, checked; the error says what is missing, and where. */
bool slot_value(const struct rse_template *tpl, const struct slot *slot, const struct rse_values *values,
                struct rse_str *value, struct rse_err *err) RSE_MUST;

/* Whether, with these values, the keys of each mapping are distinct. */
bool mappings_check(const struct rse_template *tpl, const struct rse_values *values, struct rse_err *err) RSE_MUST;

#endif
