/*
 * align.h - from a place in a scalar's parsed value back to the bytes in the file that it was read from.
 */
#ifndef RESEDGE_TEMPLATE_ALIGN_H
#define RESEDGE_TEMPLATE_ALIGN_H

#include <yaml.h>

#include "libresedge/src/template/program.h"

/* raw: the scalar's bytes in the file, quotes or block header included; value: what libyaml made of it; slots: places
 * in the value (value_start and value_end count from its beginning), ascending. Sets raw_start and raw_end of each,
 * counted from the beginning of raw. False, when the value can't be followed byte by byte (line breaks such as
 * U+2028): then nothing is known of any slot. */
bool align_slots(yaml_scalar_style_t style, struct rse_str raw, struct rse_str value, struct slot *slots, size_t count);

/* The length of a block scalar's first line, with its break: the header and a comment on it. */
size_t align_header_len(struct rse_str raw);

#endif
