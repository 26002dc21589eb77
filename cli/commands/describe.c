/* resedge describe: all about one object, and what goes with it. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { NAME_WIDTH = 18, LISTED = 10 };

static void print_fields(const struct rse_noun_info *noun, const struct rse_object *object, struct cli *cli)
{
    for (const struct rse_field *field = noun->fields; field->name != NULL; field++) {
        bool time = field->type == RSE_FIELD_TIME;
        RSE_BUF_AUTO text = { 0 };

        rse_buf_init(&text, 1 << 20);
        if (!rse_object_field_text(object, field, &text) || text.len == 0)
            continue;
        printf("%-*s %s", NAME_WIDTH, field->name, text_plain(cli->arena, text.p));
        printf(time ? " (%s)\n" : "\n", time ? ago(cli->arena, text.p) : "");
    }
}

static bool print_members(struct cli *cli, const char *path, const char *title, const char *member, struct rse_err *err)
{
    const cJSON *row;
    cJSON *answer;
    int shown = 0, count;

    if (!cli_get_list(cli, path, &answer, err))
        return false;
    count = cli_list_count(answer);
    printf("\n%s: %d\n", title, count);
    cJSON_ArrayForEach(row, json_list(answer, "value"))
    {
        const char *state = json_text(row, "state"), *version = json_text(row, "version");

        if (shown++ == LISTED && count > LISTED + 1) {
            printf("  and %d more\n", count - LISTED);
            break;
        }
        printf("  %s%s%s%s%s\n", json_text(row, member), version[0] != '\0' ? " " : "", version,
               state[0] != '\0' ? ", " : "", state);
    }
    return true;
}

static bool print_status(struct cli *cli, const char *path, struct rse_err *err)
{
    const cJSON *job, *worker;
    cJSON *status;

    if (!cli_request(cli, "GET", path, NULL, &status, err))
        return false;
    job = cJSON_GetObjectItemCaseSensitive(status, "job");
    worker = cJSON_GetObjectItemCaseSensitive(status, "worker");
    printf("\nwanted %" PRId64 ", done %" PRId64 "\n", json_int(status, "wanted"), json_int(status, "done"));
    if (cJSON_IsObject(job))
        printf("last job %" PRId64 ": %s, %s\n", json_int(job, "id"), json_text(job, "state"),
               ago(cli->arena, json_text(job, "createdAt")));
    if (cJSON_IsObject(worker))
        printf("worker %s, seen %s\n", json_text(worker, "name"), ago(cli->arena, json_text(worker, "seenAt")));
    return true;
}

static bool print_related(struct cli *cli, const struct rse_noun_info *noun, int64_t id, struct rse_err *err)
{
    const char *path = rse_arena_printf(cli->arena, "/api/v1/%s/%" PRId64, noun->plural, id);

    switch (noun->noun) {
    case RSE_CLUSTER:
        return print_members(cli, rse_arena_printf(cli->arena, "%s/applications", path), "applications", "application",
                             err);
    case RSE_GROUP:
    case RSE_NAMESPACE:
    case RSE_APPLICATION:
        return print_members(cli, rse_arena_printf(cli->arena, "%s/clusters", path), "clusters", "name", err);
    case RSE_TARGET:
        return print_status(cli, rse_arena_printf(cli->arena, "%s/status", path), err);
    default:
        return true;
    }
}

bool command_describe(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun;
    struct rse_object *object;
    struct reply reply;

    if (!cli_noun(cli->args.words[0], &noun, err) || !cli_get_object(cli, noun, cli->args.words[1], &reply, err))
        return false;
    if (output_document(cli, reply.json))
        return true;
    if (!rse_object_parse(&object, noun->noun, reply.json, RSE_PARSE_DOC, cli->arena, err))
        return false;
    pager_start(cli);
    print_fields(noun, object, cli);
    return print_related(cli, noun, object->id, err);
}
