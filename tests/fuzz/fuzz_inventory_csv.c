/*
 * fuzz_inventory_csv.c - whatever bytes come, they are a table of clusters, or faults with their lines; and what a table says is JSON with
 * a cluster for each row that has none.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "api-server/handlers/inventory_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_json(struct rse_str text, size_t wanted)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_inventory_places places;
    struct rse_arena *arena = rse_arena_new();
    cJSON *json = NULL, *clusters, *cluster;

    must(rse_json_parse(&json, text, &err));
    clusters = cJSON_GetObjectItemCaseSensitive(json, "clusters");
    must(cJSON_IsArray(clusters) && cJSON_GetArraySize(json) == 1);
    must((size_t)cJSON_GetArraySize(clusters) == wanted);
    cJSON_ArrayForEach(cluster, clusters) must(cJSON_IsObject(cluster));
    if (rse_inventory_scan(&places, text, RSE_PARSE_PART, arena, &err))
        must(places.of[RSE_CLUSTER].count == (size_t)cJSON_GetArraySize(clusters));
    rse_inventory_places_release(&places);
    cJSON_Delete(json);
    rse_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct inventory_lines lines = { .faults = { .arena = arena } };
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 4 << 20);
    if (!inventory_csv_read(rse_str_n((const char *)data, size), &out, &lines, &err))
        must(err.code == RSE_TOO_LARGE);
    else if (out.len > 0)
        check_json(rse_buf_str(&out), lines.of[RSE_CLUSTER].count);
    else
        must(lines.faults.count > 0);
    for (size_t i = 0; i < lines.faults.count; i++)
        must(lines.faults.at[i].line > 0 && lines.faults.at[i].what[0] != '\0');
    inventory_lines_release(&lines);
    return 0;
}
