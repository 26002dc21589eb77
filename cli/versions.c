#include "cli/versions.h"

#include <stdlib.h>

#include "cli/output/output.h"

enum { MOST_NAMED = 100000 };

static int compare_releases(const void *a, const void *b)
{
    const cJSON *const *left = a, *const *right = b;

    return rse_version_cmp(rse_str(json_text(*right, "version")), rse_str(json_text(*left, "version")));
}

static const cJSON **sorted_releases(struct cli *cli, const cJSON *releases, size_t *count)
{
    const cJSON **sorted = rse_arena_calloc(cli->arena, (size_t)cJSON_GetArraySize(releases) + 1, sizeof(*sorted));
    struct rse_err ignored = RSE_ERR_INIT;
    const cJSON *release;

    *count = 0;
    cJSON_ArrayForEach(release, releases)
    {
        if (rse_check_version(rse_str(json_text(release, "version")), &ignored))
            sorted[(*count)++] = release;
    }
    qsort(sorted, *count, sizeof(*sorted), compare_releases);
    return sorted;
}

static bool read_clusters(struct cli *cli, const cJSON *application, struct versions *out, struct rse_err *err)
{
    char *path =
        rse_arena_printf(cli->arena, "/api/v1/applications/%lld/clusters", (long long)json_int(application, "id"));
    const cJSON *cluster;
    size_t count;
    cJSON *answer;

    if (!cli_get_pages(cli, path, &answer, err))
        return false;
    count = (size_t)cJSON_GetArraySize(json_list(answer, "value"));
    out->clusters = rse_arena_calloc(cli->arena, count + 1, sizeof(*out->clusters));
    out->at = rse_arena_calloc(cli->arena, count + 1, sizeof(*out->at));
    cJSON_ArrayForEach(cluster, json_list(answer, "value"))
    {
        out->clusters[out->count++] = json_text(cluster, "name");
    }
    return true;
}

/* Gives the release to all its clusters that have none yet. */
static bool assign(struct cli *cli, const char *expression, size_t release, struct rse_map *open, struct rse_err *err)
{
    const cJSON *name;
    cJSON *answer;

    cli->expression = expression;
    if (!cli_evaluate(cli, expression, NULL, MOST_NAMED, &answer, err))
        return false;
    cJSON_ArrayForEach(name, json_list(answer, "clusters"))
    {
        size_t *at = cJSON_IsString(name) ? rse_map_remove(open, rse_str(name->valuestring)) : NULL;

        if (at != NULL)
            *at = release;
    }
    cli->expression = NULL;
    return true;
}

bool versions_read(struct cli *cli, const cJSON *application, const cJSON *releases, struct versions *out,
                   struct rse_err *err)
{
    RSE_CLEANUP(rse_map_freep) struct rse_map *open = rse_map_new();
    size_t count;
    const cJSON **sorted = sorted_releases(cli, releases, &count);

    *out = (struct versions){ .nreleases = count + 1 };
    out->names = rse_arena_calloc(cli->arena, count + 1, sizeof(*out->names));
    out->names[count] = "base";
    if (!read_clusters(cli, application, out, err))
        return false;
    for (size_t c = 0; c < out->count; c++) {
        out->at[c] = count;
        rse_map_put(open, rse_str(out->clusters[c]), &out->at[c]);
    }
    for (size_t i = 0; i < count; i++) {
        out->names[i] = json_text(sorted[i], "version");
        if (!assign(cli, json_text(sorted[i], "expression"), i, open, err))
            return false;
    }
    return true;
}

bool versions_print(struct cli *cli, const struct versions *versions, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "CLUSTER", .member = "cluster" },
        { .header = "VERSION", .member = "version" },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "cluster", .nothing = "it is on no cluster" };
    cJSON *answer = cli_new_object(cli), *list = cJSON_AddArrayToObject(answer, "value");

    for (size_t c = 0; c < versions->count; c++) {
        cJSON *row = cJSON_CreateObject();

        cJSON_AddStringToObject(row, "cluster", versions->clusters[c]);
        cJSON_AddStringToObject(row, "version", versions->names[versions->at[c]]);
        cJSON_AddItemToArray(list, row);
    }
    return output_rows(cli, &view, answer, err);
}
