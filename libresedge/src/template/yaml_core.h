/*
 * yaml_core.h - a scalar as JSON, by the core schema of YAML 1.2 (10.3): null, true, 12, 0x1f, 0o17, 1.5e3, string.
 */
#ifndef RESEDGE_TEMPLATE_YAML_CORE_H
#define RESEDGE_TEMPLATE_YAML_CORE_H

#include <yaml.h>

struct cJSON;

/* NULL, and the problem, for what JSON can't hold: infinities, integers that a double rounds, NUL characters, and for
 * tags outside the core schema. The caller owns the result. */
struct cJSON *yaml_core_scalar(const yaml_event_t *event, const char **problem);

#endif
