/* resedge set expression: which clusters have a namespace, with what that changes shown first. */
#include <inttypes.h>

#include "../commands.h"
#include "../output.h"

enum { SHOWN = 10, MOST_NAMED = 100000 };

static void print_names(const char *sign, const cJSON *names)
{
    const cJSON *name;
    int shown = 0, count = cJSON_GetArraySize(names);

    cJSON_ArrayForEach(name, names)
    {
        if (shown++ == SHOWN && count > SHOWN + 1) {
            printf("  %s and %d more\n", sign, count - SHOWN);
            break;
        }
        printf("  %s %s\n", sign, cJSON_IsString(name) ? name->valuestring : "?");
    }
}

static void print_preview(struct cli *cli, const char *namespace_, const cJSON *preview)
{
    const cJSON *gains = json_list(preview, "gains"), *loses = json_list(preview, "loses");

    printf("%s: %s selected by %s; %d gained, %d lost\n", namespace_,
           plural(cli->arena, json_int(preview, "count"), "cluster"), json_text(preview, "expression"),
           cJSON_GetArraySize(gains), cJSON_GetArraySize(loses));
    print_names("+", gains);
    print_names("-", loses);
}

static bool preview(struct cli *cli, const char *name, cJSON **out, struct rse_err *err)
{
    cJSON *body = cli_new_object(cli);

    cJSON_AddStringToObject(body, "expression", cli->expression);
    cJSON_AddStringToObject(body, "namespace", name);
    cJSON_AddNumberToObject(body, "limit", MOST_NAMED);
    return cli_request(cli, "POST", "/api/v1/expressions/evaluate", body, out, err);
}

/* With the ETag of what was shown: somebody else's change in between is refused, not overwritten. */
static bool store(struct cli *cli, const char *path, const char *name, const char *etag, int64_t *revision,
                  struct rse_err *err)
{
    struct rse_request request = { .method = "PATCH", .path = path, .if_match = etag[0] != '\0' ? etag : NULL };
    struct reply reply;
    RSE_BUF_AUTO body;

    rse_buf_init(&body, 1 << 20);
    rse_buf_adds(&body, "{\"expression\":");
    rse_json_add_string(&body, rse_str(cli->expression));
    rse_buf_addc(&body, '}');
    request.body = rse_buf_str(&body);
    request.content_type = "application/merge-patch+json";
    if (!rse_buf_ok(&body, err) || !cli_send(cli, &request, &reply, err)) {
        if (err->code == RSE_STALE)
            rse_err_hint(err, "Somebody stored another change meanwhile. Look again at what yours would do.");
        rse_err_object(err, "namespace \"%s\"", name);
        return false;
    }
    *revision = reply.revision;
    return true;
}

static bool set_expression(struct cli *cli, struct rse_err *err)
{
    const char *path = cli_object_path(cli, rse_noun_info(RSE_NAMESPACE), cli->args.words[1]), *name;
    struct reply before;
    cJSON *changes;
    int64_t revision;

    if (!cli_send(cli, &(struct rse_request){ .method = "GET", .path = path }, &before, err))
        return false;
    name = json_text(before.json, "name");
    if (!preview(cli, name, &changes, err))
        return false;
    if (!output_document(cli, changes))
        print_preview(cli, name, changes);
    if (args_has(&cli->args, "dry-run"))
        return true;
    if (!cli_confirm(cli, "Store it?", err) || !store(cli, path, name, before.etag, &revision, err))
        return false;
    if (cli->format == FORMAT_TABLE)
        printf("stored (revision %" PRId64 ")\n", revision);
    return !args_has(&cli->args, "wait") || cli_wait(cli, revision, err);
}

bool command_set(struct cli *cli, struct rse_err *err)
{
    if (strcmp(cli->args.words[0], "expression") != 0) {
        rse_err_hint(err, "Usage: resedge set expression NAMESPACE EXPRESSION");
        return rse_fail(err, RSE_INVALID, "unknown thing to set: \"%s\"", cli->args.words[0]);
    }
    cli->expression = cli->args.words[2];
    return set_expression(cli, err);
}
