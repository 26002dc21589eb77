/* resedge where: on which clusters an application is, by version and by group. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"
#include "cli/versions.h"

static cJSON *count_row(cJSON *list, const char *by, const char *name, int64_t clusters)
{
    cJSON *row = cJSON_CreateObject();

    cJSON_AddStringToObject(row, "by", by);
    cJSON_AddStringToObject(row, "name", name);
    cJSON_AddNumberToObject(row, "clusters", (double)clusters);
    cJSON_AddItemToArray(list, row);
    return row;
}

static void count_versions(const struct versions *versions, cJSON *list)
{
    for (size_t i = 0; i < versions->nreleases; i++) {
        int64_t n = 0;

        for (size_t c = 0; c < versions->count; c++)
            n += versions->at[c] == i;
        count_row(list, "version", versions->names[i], n);
    }
}

/* Two levels of groups, or those right below the one that --under names. */
static bool is_counted(const char *path, const char *under)
{
    size_t len = under != NULL ? strlen(under) : 0;
    int slashes = 0;

    if (under != NULL && (strncmp(path, under, len) != 0 || path[len] != '/'))
        return false;
    for (const char *c = path + len; *c != '\0'; c++)
        slashes += *c == '/';
    return under != NULL ? slashes == 1 : slashes <= 2;
}

static bool count_groups(struct cli *cli, const char *namespace_, cJSON *list, struct rse_err *err)
{
    const char *under = args_value(&cli->args, "under"), *path = "/api/v1/groups";
    const cJSON *group;
    cJSON *groups, *answer;

    if (!cli_get_pages(cli, path, &groups, err))
        return false;
    cJSON_ArrayForEach(group, json_list(groups, "value"))
    {
        const char *name = json_text(group, "namePath");

        if (!is_counted(name, under))
            continue;
        if (!cli_evaluate(cli, rse_arena_printf(cli->arena, "/n/%s and /g/%" PRId64, namespace_, json_int(group, "id")),
                          NULL, 0, &answer, err))
            return false;
        if (json_int(answer, "count") > 0)
            count_row(list, "group", name, json_int(answer, "count"));
    }
    return true;
}

bool command_where(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "BY", .member = "by" },
        { .header = "NAME", .member = "name" },
        { .header = "CLUSTERS", .member = "clusters" },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "name" };
    const struct rse_noun_info *noun = rse_noun_info(RSE_APPLICATION);
    cJSON *answer = cli_new_object(cli), *list, *clusters;
    struct versions versions;
    struct reply app;

    if (!cli_get_object(cli, noun, cli->args.words[0], &app, err) ||
        !versions_read(cli, app.json, json_list(app.json, "releases"), &versions, err))
        return false;
    if (args_has(&cli->args, "clusters") || cli->format == FORMAT_NAME)
        return versions_print(cli, &versions, err);
    cJSON_AddStringToObject(answer, "application", cli_name_of(cli, noun, app.json));
    cJSON_AddNumberToObject(answer, "count", (double)versions.count);
    list = cJSON_AddArrayToObject(answer, "value");
    clusters = cJSON_AddArrayToObject(answer, "clusters");
    for (size_t c = 0; c < versions.count; c++)
        cJSON_AddItemToArray(clusters, cJSON_CreateString(versions.clusters[c]));
    count_versions(&versions, list);
    if (versions.count > 0 && !count_groups(cli, json_text(app.json, "namespace"), list, err))
        return false;
    if (is_table(cli))
        printf("%s is on %s\n", cli_name_of(cli, noun, app.json),
               plural(cli->arena, (int64_t)versions.count, "cluster"));
    return output_rows(cli, &view, answer, err);
}
