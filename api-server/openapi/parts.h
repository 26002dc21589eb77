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

/* bodies.c: adds the forms that a route's body may have whatever it says; shared: the bodies that several routes refer to. */
void openapi_add_forms(const cJSON *operation, const struct route *route);
void openapi_add_shared_forms(const cJSON *shared);

/* headers.c: adds the headers of a route's answers that follow from what it is. shared: the answers that several routes
 * refer to, which have got theirs before. */
void openapi_add_headers(cJSON *operation, const struct route *route, const cJSON *shared);
void openapi_add_shared_headers(cJSON *shared);

#endif
