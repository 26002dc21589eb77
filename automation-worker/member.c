#include "automation-worker/member.h"

#include <cjson/cJSON.h>

#define MAX_EXACT 9007199254740992.0 /* 2^53: beyond it a JSON number is no integer any more */

int64_t member_int64(const struct cJSON *object, const char *name, int64_t fallback)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!cJSON_IsNumber(member) || member->valuedouble < -MAX_EXACT || member->valuedouble > MAX_EXACT)
        return fallback;
    return (int64_t)member->valuedouble;
}

const char *member_text(const struct cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(member) ? member->valuestring : "";
}
