/* resedge release: which version of an application goes to which clusters, with what that changes shown first. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"
#include "cli/versions.h"

const char *const release_verbs[] = { "list", "promote", "rollback", NULL };

static cJSON *find_release(cJSON *releases, const char *version)
{
    cJSON *release;

    cJSON_ArrayForEach(release, releases)
    {
        if (strcmp(json_text(release, "version"), version) == 0)
            return release;
    }
    return NULL;
}

static cJSON *highest_release(cJSON *releases)
{
    cJSON *release, *best = NULL;

    cJSON_ArrayForEach(release, releases)
    {
        if (best == NULL ||
            rse_version_cmp(rse_str(json_text(release, "version")), rse_str(json_text(best, "version"))) > 0)
            best = release;
    }
    return best;
}

static void set_expression(cJSON *release, const char *expression)
{
    cJSON_DeleteItemFromObjectCaseSensitive(release, "expression");
    cJSON_AddStringToObject(release, "expression", expression);
}

/* ---- what changes ---- */

/* "2 clusters: base -> 2.1.0" with their names, for each pair of versions. Returns how many clusters change. */
static int64_t print_changes(struct cli *cli, const struct versions *before, const struct versions *after)
{
    int64_t all = 0;

    for (size_t from = 0; from < before->nreleases; from++) {
        for (size_t to = 0; to < after->nreleases; to++) {
            cJSON *names = cJSON_CreateArray();

            for (size_t c = 0; c < before->count && strcmp(before->names[from], after->names[to]) != 0; c++) {
                if (before->at[c] == from && after->at[c] == to)
                    cJSON_AddItemToArray(names, cJSON_CreateStringReference(before->clusters[c]));
            }
            int n = cJSON_GetArraySize(names);

            if (n > 0 && is_table(cli)) {
                printf("%s: %s -> %s\n", plural(cli->arena, n, "cluster"), before->names[from], after->names[to]);
                print_names("~", names);
            }
            all += n;
            cJSON_Delete(names);
        }
    }
    if (all == 0 && is_table(cli))
        printf("no cluster changes\n");
    return all;
}

/* Shows what the new releases change, asks, stores them. */
static bool store(struct cli *cli, const struct reply *app, cJSON *releases, const char *done, struct rse_err *err)
{
    const struct rse_noun_info *noun = rse_noun_info(RSE_APPLICATION);
    cJSON *patch = cli_new_object(cli);
    struct versions before, after;

    cJSON_AddItemToObject(patch, "releases", cJSON_Duplicate(releases, true));
    if (!versions_read(cli, app->json, json_list(app->json, "releases"), &before, err) ||
        !versions_read(cli, app->json, releases, &after, err))
        return false;
    print_changes(cli, &before, &after);
    if (!is_dry_run(cli) && !cli_confirm(cli, "Store it?", err))
        return false;
    return cli_patch(cli, noun, app->json, app->etag, patch, done, err);
}

/* ---- the verbs ---- */

static bool list(struct cli *cli, const struct reply *app, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "VERSION", .member = "version" },
        { .header = "CLUSTERS", .member = "clusters" },
        { .header = "EXPRESSION", .member = "expression" },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "version", .nothing = "no releases" };
    cJSON *answer = cli_new_object(cli), *rows = cJSON_AddArrayToObject(answer, "value");
    cJSON *releases = cJSON_GetObjectItemCaseSensitive(app->json, "releases"), *release;
    struct versions versions;

    if (!versions_read(cli, app->json, json_list(app->json, "releases"), &versions, err))
        return false;
    for (size_t i = 0; i < versions.nreleases; i++) {
        cJSON *row = cJSON_CreateObject();
        int64_t n = 0;

        for (size_t c = 0; c < versions.count; c++)
            n += versions.at[c] == i;
        release = find_release(releases, versions.names[i]);
        cJSON_AddStringToObject(row, "version", versions.names[i]);
        cJSON_AddNumberToObject(row, "clusters", (double)n);
        if (release != NULL)
            cJSON_AddStringToObject(row, "expression", json_text(release, "expression"));
        cJSON_AddItemToArray(rows, row);
    }
    return output_rows(cli, &view, answer, err);
}

/* More clusters for a version: those that it has and those of --clusters; all with --all. Nothing binds less than `or`, so
 * neither needs parentheses. */
static bool promote(struct cli *cli, const struct reply *app, cJSON *releases, const char *version, struct rse_err *err)
{
    const char *more = args_value(&cli->args, "clusters");
    cJSON *release = find_release(releases, version);

    if (release == NULL) {
        rse_err_hint(err, "`resedge release list` shows those there are.");
        return rse_fail(err, RSE_NOT_FOUND, "there is no release of version \"%s\"", version);
    }
    if ((more == NULL) != args_has(&cli->args, "all")) {
        rse_err_hint(err, "Give --clusters EXPRESSION, or --all.");
        return rse_fail(err, RSE_INVALID, "promote to which clusters?");
    }
    set_expression(release, more == NULL
                                ? "all"
                                : rse_arena_printf(cli->arena, "%s or %s", json_text(release, "expression"), more));
    return store(cli, app, releases, "promoted", err);
}

static bool roll_back(struct cli *cli, const struct reply *app, cJSON *releases, const char *version,
                      struct rse_err *err)
{
    cJSON *release = version != NULL ? find_release(releases, version) : highest_release(releases);

    if (release == NULL)
        return rse_fail(err, RSE_NOT_FOUND,
                        version != NULL ? "there is no release of version \"%s\"" : "there are no releases", version);
    cJSON_Delete(cJSON_DetachItemViaPointer(releases, release));
    return store(cli, app, releases, "rolled back", err);
}

static bool put(struct cli *cli, const struct reply *app, cJSON *releases, const char *version, struct rse_err *err)
{
    const char *clusters = args_value(&cli->args, "clusters");
    cJSON *release = find_release(releases, version);

    if (clusters == NULL) {
        rse_err_hint(err, "For example: --clusters /g/rings/canary");
        return rse_fail(err, RSE_INVALID, "to which clusters? --clusters is missing");
    }
    if (release == NULL) {
        release = cJSON_CreateObject();
        cJSON_AddStringToObject(release, "version", version);
        cJSON_AddItemToArray(releases, release);
    }
    set_expression(release, clusters);
    return store(cli, app, releases, "released", err);
}

bool command_release(struct cli *cli, struct rse_err *err)
{
    const char *verb = cli->args.words[0];
    bool is_verb = strcmp(verb, "list") == 0 || strcmp(verb, "promote") == 0 || strcmp(verb, "rollback") == 0;
    const char *name = cli->args.words[is_verb ? 1 : 0];
    const char *version = cli->args.nwords > 1 + is_verb ? cli->args.words[1 + is_verb] : NULL;
    cJSON *releases;
    struct reply app;

    if (cli->args.nwords > 2 + is_verb ||
        (version == NULL && strcmp(verb, "list") != 0 && strcmp(verb, "rollback") != 0)) {
        rse_err_hint(err, "Usage: resedge release APP VERSION --clusters EXPRESSION, resedge release list APP,\n"
                          "resedge release promote APP VERSION --clusters EXPRESSION, resedge release rollback APP");
        return rse_fail(err, RSE_INVALID, "which version of which application?");
    }
    if (!cli_get_object(cli, rse_noun_info(RSE_APPLICATION), name, &app, err))
        return false;
    releases = cli_own(cli, cJSON_Duplicate(json_list(app.json, "releases"), true));
    if (strcmp(verb, "list") == 0)
        return list(cli, &app, err);
    if (strcmp(verb, "promote") == 0)
        return promote(cli, &app, releases, version, err);
    if (strcmp(verb, "rollback") == 0)
        return roll_back(cli, &app, releases, version, err);
    return put(cli, &app, releases, version, err);
}
