/* resedge render: the files of a cluster, as they are in the repository, or as a checkout's templates would make them. */
#include "cli/commands.h"
#include "cli/offline.h"
#include "cli/output/output.h"

static void print_file(struct rse_str path, struct rse_str bytes)
{
    printf("---\n# %.*s\n", RSE_STR_ARG(path));
    if (rse_str_starts(bytes, RSE_STR("---\n")))
        bytes = rse_str_from(bytes, 4);
    fwrite(bytes.p, 1, bytes.len, stdout);
    if (bytes.len == 0 || bytes.p[bytes.len - 1] != '\n')
        putchar('\n');
}

/* Whether a file below the cluster's folder belongs to the application: namespace/application/... */
static bool belongs(const char *path, const char *application)
{
    const char *slash = strchr(path, '/');
    size_t len = application != NULL ? strlen(application) : 0;

    return application == NULL || (slash != NULL && strncmp(slash + 1, application, len) == 0 && slash[1 + len] == '/');
}

static bool print_stored(struct cli *cli, const char *path, const char *file, struct rse_err *err)
{
    struct rse_arena *outer = cli_begin_round(cli);
    struct rse_str text;
    RSE_BUF_AUTO url = { 0 };

    rse_buf_init(&url, 8192);
    rse_buf_addf(&url, "%s?path=", path);
    rse_client_escape(&url, rse_str(file));
    bool ok = cli_get_text(cli, url.p, "text/plain", &text, err);

    if (ok)
        print_file(rse_str(file), text);
    cli_end_round(cli, outer);
    return ok;
}

static bool render_stored(struct cli *cli, const char *application, struct rse_err *err)
{
    char *path = cli_object_path(cli, rse_noun_info(RSE_CLUSTER), cli->args.words[0], "/manifests");
    const cJSON *file;
    cJSON *answer;
    int shown = 0;

    if (!cli_get_list(cli, path, &answer, err))
        return false;
    if (output_document(cli, answer))
        return true;
    pager_start(cli);
    cJSON_ArrayForEach(file, json_list(answer, "value"))
    {
        if (!belongs(json_text(file, "path"), application))
            continue;
        shown++;
        if (cli->format == FORMAT_NAME)
            printf("%s\n", json_text(file, "path"));
        else if (!print_stored(cli, path, json_text(file, "path"), err))
            return false;
    }
    rse_err_hint(err, "`resedge what %s` tells what runs there.", cli->args.words[0]);
    return shown > 0 || application == NULL ||
           rse_fail(err, RSE_NOT_FOUND, "\"%s\" has no files on that cluster", application);
}

/* ---- from a checkout ---- */

static bool print_planned(void *arg, const struct rse_planned_file *file, struct rse_err *err RSE_UNUSED)
{
    struct cli *cli = arg;

    if (cli->format == FORMAT_NAME)
        printf("%.*s\n", RSE_STR_ARG(file->path));
    else
        print_file(file->path, file->bytes);
    return true;
}

static void print_failed(void *arg, const struct rse_part *part RSE_UNUSED, const struct rse_err *why)
{
    struct cli *cli = arg;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 4096);
    rse_err_print(why, &text);
    fprintf(stderr, "%s\n", text.p);
    cli->status = 1;
}

static bool render_here(struct cli *cli, struct offline *offline, const char *application, struct rse_err *err)
{
    const struct offline_sink sink = {
        .file = print_planned, .failed = print_failed, .arg = cli, .application = rse_str(application)
    };
    const struct rse_object *object;
    const struct rse_cluster *cluster;
    const char *word = cli->args.words[0];

    if (!offline_fleet(cli, offline, err) || !offline_templates(offline, args_value(&cli->args, "from"), err))
        return false;
    object = rse_fleet_find(offline->fleet, RSE_CLUSTER, rse_str(word), err);
    if (object == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no cluster named \"%s\"", word);
    cluster = (const struct rse_cluster *)object;
    object = rse_fleet_get(offline->fleet, RSE_TARGET, cluster->target.id);
    if (object == NULL)
        return rse_fail(err, RSE_INVALID, "the cluster \"%s\" has no target", word);
    pager_start(cli);
    return offline_plan(offline, (const struct rse_target *)object, err) &&
           offline_render(offline, rse_fleet_cluster_index(offline->fleet, cluster->object.id), &sink, err);
}

bool command_render(struct cli *cli, struct rse_err *err)
{
    const char *application = cli->args.nwords > 1 ? cli->args.words[1] : NULL;
    struct offline offline = { .fleet = NULL };
    bool ok;

    if (!args_has(&cli->args, "from"))
        return render_stored(cli, application, err);
    ok = render_here(cli, &offline, application, err);
    offline_free(&offline);
    return ok;
}
