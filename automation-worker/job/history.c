#include "history.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "automation-worker/member.h"

/* The first change of a revision. */
static bool ask(struct rse_client *client, int64_t revision, cJSON **answer, struct rse_err *err)
{
    char path[96];

    snprintf(path, sizeof(path), "/api/v1/changes?since=%" PRId64 "&until=%" PRId64 "&limit=1", revision - 1, revision);
    return rse_client_json(client, "GET", path, NULL, answer, err);
}

bool history_compare(struct rse_client *client, const struct trailers *trailers, int64_t newest, enum history *out,
                     struct rse_err *err)
{
    struct rse_err asked = RSE_ERR_INIT;
    cJSON *answer;

    *out = trailers->revision > newest ? HISTORY_FORKED : HISTORY_UNKNOWN;
    if (trailers->revision > newest || trailers->revision < 1)
        return true;
    if (!ask(client, trailers->revision, &answer, &asked)) {
        *err = asked;
        return asked.code == RSE_GONE && (rse_err_clear(err), true);
    }
    const cJSON *change = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "changes"), 0);
    bool same = change != NULL && strcmp(member_text(change, "changeId"), trailers->change) == 0;
    *out = same ? HISTORY_SAME : HISTORY_FORKED;
    cJSON_Delete(answer);
    return true;
}
