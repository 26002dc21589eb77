/*
 * scan.h - walks a YAML file from its first byte to its last and says what each stretch of it is.
 *
 * libyaml's tokens give the scalars and the structure; what lies between tokens is white space, indicators and, not
 * reported by libyaml, comments. The text has been checked to be YAML before, so nothing is checked here.
 */
#ifndef RESEDGE_TEMPLATE_SCAN_H
#define RESEDGE_TEMPLATE_SCAN_H

#include "libresedge/src/template/yaml_reader.h"

enum scan_type {
    SCAN_END,
    SCAN_GAP,  /* between tokens: the only place of comments, each from a '#' to the end of its line */
    SCAN_NAME, /* an anchor, alias, tag or directive */
    SCAN_SCALAR,
    SCAN_ENTER_MAPPING,
    SCAN_LEAVE_MAPPING,
};

struct scan_item {
    enum scan_type type;
    size_t start, end; /* bytes of the text; of gaps, names and scalars */
    const char *name;  /* what a name is, for errors */
    /* Of scalars: */
    struct rse_str value; /* as parsed; valid until the next item */
    yaml_scalar_style_t style;
    bool in_flow;
    bool is_key;          /* of the mapping that was entered last and not left */
    bool is_implicit_key; /* of a mapping or of a pair in a sequence; not one after '?' */
    size_t key_lead;      /* characters between the beginning of an implicit key (its tag, say) and the scalar */
};

struct scan {
    struct yaml_reader reader;
    yaml_token_t token; /* the current one, when have_token; given out already, when spent */
    bool have_token, spent;
    size_t pos;          /* everything before has been given out */
    size_t chars, bytes; /* the place in the text reached by converting marks */
    bool is_mapping[YAML_MAX_DEPTH + 1];
    unsigned depth, flow_depth;
    yaml_token_type_t before; /* the last token that was no anchor or tag */
    yaml_mark_t key_start;    /* of the last KEY token */
    bool key_is_implicit;
};

bool scan_init(struct scan *scan, struct rse_str path, struct rse_str text, struct rse_err *err) RSE_MUST;
void scan_release(struct scan *scan);
bool scan_next(struct scan *scan, struct scan_item *item, struct rse_err *err) RSE_MUST;

#endif
