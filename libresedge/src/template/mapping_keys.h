/*
 * mapping_keys.h - remembers the keys of the mappings that are open while a file is compiled, and keeps those of
 * mappings in which some key has slots: only there can rendering make two keys equal.
 */
#ifndef RESEDGE_TEMPLATE_MAPPING_KEYS_H
#define RESEDGE_TEMPLATE_MAPPING_KEYS_H

#include "libresedge/src/template/program.h"
#include "libresedge/src/template/yaml_reader.h"

struct key_frame {
    struct mapping_key *keys; /* value_start and value_end are places in `text` for constant keys */
    size_t count, cap;
    struct rse_buf text;
    bool has_slots;
};

struct mapping_keys {
    struct key_frame frames[YAML_MAX_DEPTH + 1];
    unsigned depth;
};

void mapping_keys_init(struct mapping_keys *open);
void mapping_keys_release(struct mapping_keys *open);
void mapping_keys_enter(struct mapping_keys *open);
/* Puts the mapping into the template if it matters. */
void mapping_keys_leave(struct mapping_keys *open, struct rse_template *tpl);
void mapping_keys_add(struct mapping_keys *open, struct rse_str constant);
/* The last unit of tpl is a key of the innermost mapping. */
void mapping_keys_add_unit(struct mapping_keys *open, const struct rse_template *tpl);

#endif
