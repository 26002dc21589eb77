/*
 * parts.h - what document.c puts together.
 */
#ifndef API_OPENAPI_PARTS_H
#define API_OPENAPI_PARTS_H

#include <cjson/cJSON.h>
#include <resedge/resedge.h>

/* embed.c: the YAML files, as they were when the program was compiled. */
struct openapi_part {
    const char *name; /* of the file, for errors */
    struct rse_str text;
    bool per_noun; /* to be read once per noun, with its names put in */
};
/* False behind the last one. */
bool openapi_part(size_t index, struct openapi_part *out);

/* schemas.c: adds the schemas of a noun: as it is answered (Cluster, or with $select and
 * $expand ClusterSelection), as it is written (ClusterWrite), and as a patch
 * of it (ClusterPatch). */
void openapi_add_noun_schemas(cJSON *schemas, enum rse_noun noun);
/* "Cluster", "MetadataKey". Appended to out. */
void openapi_schema_name(enum rse_noun noun, struct rse_buf *out);

/* answers.c: adds the answers that a route may give whatever it does. */
struct route;
void openapi_add_answers(cJSON *operation, const struct route *route);

#endif
