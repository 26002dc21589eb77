#include "libresedge/src/template/scan.h"

bool scan_init(struct scan *scan, struct rse_str path, struct rse_str text, struct rse_err *err)
{
    *scan = (struct scan){ .before = YAML_NO_TOKEN };
    if (!yaml_reader_init(&scan->reader, path, text, err))
        return false;
    scan->bytes = scan->reader.bom;
    return true;
}

/* Deletes the current token. */
static void drop_token(struct scan *scan)
{
    if (scan->have_token)
        yaml_token_delete(&scan->token);
    scan->have_token = false;
    scan->spent = false;
}

void scan_release(struct scan *scan)
{
    drop_token(scan);
    yaml_reader_release(&scan->reader);
}

/* The byte at which the character with this index begins. Marks are asked for in ascending order. */
static size_t byte_of(struct scan *scan, yaml_mark_t mark)
{
    struct rse_str text = scan->reader.text;

    while (scan->chars < mark.index && scan->bytes < text.len) {
        scan->bytes++;
        while (scan->bytes < text.len && ((unsigned char)text.p[scan->bytes] & 0xc0) == 0x80)
            scan->bytes++;
        scan->chars++;
    }
    return scan->bytes;
}

static const char *name_of(yaml_token_type_t type)
{
    switch (type) {
    case YAML_VERSION_DIRECTIVE_TOKEN:
    case YAML_TAG_DIRECTIVE_TOKEN:
        return "a directive";
    case YAML_ALIAS_TOKEN:
        return "an alias";
    case YAML_ANCHOR_TOKEN:
        return "an anchor";
    case YAML_TAG_TOKEN:
        return "a tag";
    default:
        return NULL;
    }
}

static bool in_mapping(const struct scan *scan)
{
    return scan->depth > 0 && scan->is_mapping[scan->depth - 1];
}

/* A key comes after '?' or, unmarked, before a ':' (libyaml then puts a KEY token in front of it); in a flow mapping
 * also where neither is to be seen: {a, b}. */
static void fill_scalar(struct scan *scan, struct scan_item *item)
{
    const yaml_token_t *token = &scan->token;
    bool after_key = scan->before == YAML_KEY_TOKEN;
    bool bare_key = scan->flow_depth > 0 && in_mapping(scan) &&
                    (scan->before == YAML_FLOW_MAPPING_START_TOKEN || scan->before == YAML_FLOW_ENTRY_TOKEN);

    item->value = rse_str_n((const char *)token->data.scalar.value, token->data.scalar.length);
    item->style = token->data.scalar.style;
    item->in_flow = scan->flow_depth > 0;
    item->is_key = in_mapping(scan) && (after_key || bare_key);
    item->is_implicit_key = after_key && scan->key_is_implicit;
    item->key_lead = item->is_implicit_key ? token->start_mark.index - scan->key_start.index : 0;
}

static bool enter(struct scan *scan, struct scan_item *item, bool mapping, bool flow, struct rse_err *err)
{
    if (scan->depth == RSE_COUNT(scan->is_mapping))
        return rse_fail(err, RSE_INTERNAL, "lost count of nested collections");
    scan->is_mapping[scan->depth++] = mapping;
    scan->flow_depth += flow;
    if (mapping)
        item->type = SCAN_ENTER_MAPPING;
    return true;
}

static void leave(struct scan *scan, struct scan_item *item, bool flow)
{
    if (in_mapping(scan))
        item->type = SCAN_LEAVE_MAPPING;
    scan->depth -= scan->depth > 0;
    scan->flow_depth -= flow && scan->flow_depth > 0;
}

/* Follows the structure; item gets a type only where a mapping begins or ends. */
static bool take_structure(struct scan *scan, struct scan_item *item, struct rse_err *err)
{
    switch (scan->token.type) {
    case YAML_BLOCK_MAPPING_START_TOKEN:
        return enter(scan, item, true, false, err);
    case YAML_BLOCK_SEQUENCE_START_TOKEN:
        return enter(scan, item, false, false, err);
    case YAML_FLOW_MAPPING_START_TOKEN:
        return enter(scan, item, true, true, err);
    case YAML_FLOW_SEQUENCE_START_TOKEN:
        return enter(scan, item, false, true, err);
    case YAML_BLOCK_END_TOKEN:
        leave(scan, item, false);
        return true;
    case YAML_FLOW_MAPPING_END_TOKEN:
    case YAML_FLOW_SEQUENCE_END_TOKEN:
        leave(scan, item, true);
        return true;
    case YAML_KEY_TOKEN:
        scan->key_start = scan->token.start_mark;
        scan->key_is_implicit = scan->token.start_mark.index == scan->token.end_mark.index;
        return true;
    default:
        return true;
    }
}

static bool is_stretch(yaml_token_type_t type)
{
    return type == YAML_SCALAR_TOKEN || name_of(type) != NULL;
}

/* What lies between the last scalar or name and the current token, if that is one too, or the end. */
static bool give_gap(struct scan *scan, struct scan_item *item)
{
    size_t end = scan->pos;

    if (scan->token.type == YAML_STREAM_END_TOKEN)
        end = scan->reader.text.len;
    else if (is_stretch(scan->token.type))
        end = byte_of(scan, scan->token.start_mark);
    if (end <= scan->pos)
        return false;
    *item = (struct scan_item){ .type = SCAN_GAP, .start = scan->pos, .end = end };
    scan->pos = end;
    return true;
}

static void take_stretch(struct scan *scan, struct scan_item *item)
{
    item->name = name_of(scan->token.type);
    item->type = item->name != NULL ? SCAN_NAME : SCAN_SCALAR;
    item->start = scan->pos;
    item->end = byte_of(scan, scan->token.end_mark);
    scan->pos = item->end;
    if (item->type == SCAN_SCALAR)
        fill_scalar(scan, item);
}

/* item is SCAN_END for tokens that are nothing to be told about. */
static bool take_token(struct scan *scan, struct scan_item *item, struct rse_err *err)
{
    yaml_token_type_t type = scan->token.type;

    *item = (struct scan_item){ .type = SCAN_END };
    if (is_stretch(type))
        take_stretch(scan, item);
    else if (!take_structure(scan, item, err))
        return false;
    if (type != YAML_ANCHOR_TOKEN && type != YAML_TAG_TOKEN)
        scan->before = type;
    return true;
}

bool scan_next(struct scan *scan, struct scan_item *item, struct rse_err *err)
{
    do {
        if (scan->spent)
            drop_token(scan);
        if (!scan->have_token && !yaml_reader_token(&scan->reader, &scan->token, err))
            return false;
        scan->have_token = true;
        if (give_gap(scan, item))
            return true; /* the token is for the next call */
        if (!take_token(scan, item, err))
            return false;
        scan->spent = scan->token.type != YAML_STREAM_END_TOKEN;
    } while (item->type == SCAN_END && scan->spent);
    return true;
}
