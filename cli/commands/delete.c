/* resedge delete: shows what is hit, asks, deletes. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { LISTED = 10 };

static void print_hit(const cJSON *rows, int count, const char *member, const char *before)
{
    const cJSON *row;
    int shown = 0;

    cJSON_ArrayForEach(row, rows)
    {
        if (shown++ == LISTED && count > LISTED + 1) {
            fprintf(stderr, "  %s and %d more\n", before, count - LISTED);
            break;
        }
        fprintf(stderr, "  %s %s\n", before, json_text(row, member));
    }
}

/* What goes with it. *count: how many clusters are hit, as the server counts them. */
static bool show_hit(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document, int64_t *count,
                     struct rse_err *err)
{
    bool cluster = noun->noun == RSE_CLUSTER;
    cJSON *answer;

    *count = cluster && strcmp(json_text(document, "state"), "active") == 0;
    if (!cluster && noun->noun != RSE_GROUP && noun->noun != RSE_NAMESPACE && noun->noun != RSE_APPLICATION)
        return true;
    const char *path = rse_arena_printf(cli->arena, "/api/v1/%s/%" PRId64 "/%s", noun->plural, json_int(document, "id"),
                                        cluster ? "applications" : "clusters");

    if (!cli_get_list(cli, path, &answer, err))
        return false;
    int n = cli_list_count(answer);

    if (!cluster && noun->noun != RSE_GROUP)
        *count = n;
    if (n == 0)
        return true;
    fprintf(stderr, cluster ? "%s \"%s\" is %s and runs %s:\n" : "%s \"%s\" %sis on %s:\n", noun->name,
            cli_name_of(cli, noun, document), cluster ? json_text(document, "state") : "",
            plural(cli->arena, n, cluster ? "application" : "cluster"));
    print_hit(json_list(answer, "value"), n, cluster ? "application" : "name", "-");
    return true;
}

/* What went with it; reply has that of a cascade. */
static void print_along(const struct reply *reply, const struct rse_noun_info *noun, const char *name)
{
    const cJSON *change;

    cJSON_ArrayForEach(change, json_list(reply->json, "changes"))
    {
        bool itself =
            strcmp(json_text(change, "noun"), noun->name) == 0 && strcmp(json_text(change, "name"), name) == 0;

        if (!itself)
            printf("  %s %s \"%s\"\n", strcmp(json_text(change, "op"), "delete") == 0 ? "-" : "~",
                   json_text(change, "noun"), json_text(change, "name"));
    }
}

static bool delete_one(struct cli *cli, const struct rse_noun_info *noun, const char *word, struct rse_err *err)
{
    struct write write = { .method = "DELETE" };
    struct reply before, reply;
    const char *name;

    if (!cli_get_object(cli, noun, word, &before, err))
        return false;
    name = cli_name_of(cli, noun, before.json);
    write.path = rse_arena_printf(cli->arena, "/api/v1/%s/%" PRId64 "%s", noun->plural, json_int(before.json, "id"),
                                  args_has(&cli->args, "cascade") ? "?cascade=true" : "");
    write.if_match = before.etag;
    if (!is_dry_run(cli)) {
        if (!show_hit(cli, noun, before.json, &write.confirm, err) ||
            !cli_confirm(cli, rse_arena_printf(cli->arena, "Delete %s \"%s\"?", noun->name, name), err))
            return false;
        if (args_has(&cli->args, "yes")) /* a yes given beforehand did not see the number */
            write.confirm = 0;
    }
    if (!cli_write(cli, &write, &reply, err)) {
        rse_err_object(err, "%s \"%s\"", noun->name, name);
        return false;
    }
    if (is_table(cli))
        print_along(&reply, noun, name);
    return cli_written(cli, noun, name, "deleted", &reply, err);
}

bool command_delete(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;

    if (!cli_noun(cli->args.words[0], &noun, err))
        return false;
    for (int i = 1; i < cli->args.nwords; i++) {
        if (!delete_one(cli, noun, cli->args.words[i], err))
            return false;
    }
    return true;
}
