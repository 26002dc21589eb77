#include "automation-worker/job/feed.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "automation-worker/member.h"

/* A page of usual documents is a few megabytes; the client takes 64 MiB. */
#define PAGE_CHANGES 1000

void feed_place(char place[static FEED_PLACE_SIZE], int64_t revision)
{
    snprintf(place, FEED_PLACE_SIZE, "%" PRId64, revision);
}

bool feed_is_amid(const char *place)
{
    return strchr(place, '.') != NULL;
}

bool feed_read(struct rse_client *client, char place[static FEED_PLACE_SIZE], int64_t until, int wait_s, cJSON **answer,
               struct rse_err *err)
{
    char path[160];
    int len = snprintf(path, sizeof(path), "/api/v1/changes?since=%s&limit=%d&wait=%d", place, PAGE_CHANGES, wait_s);

    if (until > 0)
        snprintf(path + len, sizeof(path) - (size_t)len, "&until=%" PRId64, until);
    if (!rse_client_json(client, "GET", path, NULL, answer, err))
        return false;
    snprintf(place, FEED_PLACE_SIZE, "%s", member_text(*answer, "next"));
    return true;
}
