/*
 * on_cluster.h - GET /clusters/{id}/applications and /clusters/{id}/values (in cluster_values.c); their rows are in membership.c.
 */
#ifndef API_HANDLERS_ON_CLUSTER_H
#define API_HANDLERS_ON_CLUSTER_H

#include "api-server/http/call.h"

void on_cluster_applications(struct call *call);
void on_cluster_values(struct call *call);

#endif
