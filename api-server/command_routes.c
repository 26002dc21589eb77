/*
 * command_routes.c - `resedge-api routes`: who may ask what, one row a line.
 */
#include <stdio.h>

#include "api-server/commands.h"
#include "api-server/http/route.h"

bool command_routes(const struct config *config RSE_UNUSED, int nwords, char **words, struct rse_err *err)
{
    const struct route *route;

    if (nwords > 0) {
        rse_err_object(err, "%s", words[0]);
        return rse_fail(err, RSE_INVALID, "routes takes nothing more");
    }
    for (size_t it = 0; (route = route_next(&it)) != NULL;) {
        const char *comma = "";

        printf("%s\t%s\t", route->method, route->path);
        for (enum role role = ROLE_NONE; role <= ROLE_WORKER; role++) {
            if (!route_allows(route, role))
                continue;
            printf("%s%s", comma, role_name(role));
            comma = ",";
        }
        printf("\t%s\n", route->help);
    }
    return true;
}
