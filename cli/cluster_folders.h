/* cluster_folders.h - which clusters have a folder in a checkout. */
#ifndef CLI_CLUSTER_FOLDERS_H
#define CLI_CLUSTER_FOLDERS_H

#include <resedge/resedge.h>

/* Names of clusters; to be freed with rse_map_free(), keys only. A checkout without clusters/ has none. */
bool cluster_folders_read(const char *checkout, enum rse_folder_pattern pattern, struct rse_map **out,
                          struct rse_err *err) RSE_MUST;

#endif
