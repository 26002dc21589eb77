#include "automation-worker/job/history.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "automation-worker/member.h"

bool history_has(struct rse_client *client, const struct trailers *trailers, bool *has, struct rse_err *err)
{
    struct rse_err asked = RSE_ERR_INIT;
    cJSON *answer;
    char path[64];

    *has = false;
    if (trailers->revision < 1)
        return true;
    snprintf(path, sizeof(path), "/api/v1/revisions/%" PRId64, trailers->revision);
    if (!rse_client_json(client, "GET", path, NULL, &answer, &asked)) {
        *err = asked;
        return asked.code == RSE_NOT_FOUND && (rse_err_clear(err), true);
    }
    *has = strcmp(member_text(answer, "changeId"), trailers->change) == 0;
    cJSON_Delete(answer);
    return true;
}
