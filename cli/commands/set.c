/* resedge set expression: which clusters have a namespace, with what that changes shown first. */
#include <inttypes.h>

#include "../commands.h"
#include "../output.h"

enum { SHOWN = 10 };

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

static void delete_json(void *json)
{
    cJSON_Delete(json);
}

static cJSON *new_object(struct cli *cli)
{
    cJSON *object = cJSON_CreateObject();

    rse_arena_defer(cli->arena, delete_json, object);
    return object;
}

static bool preview(struct cli *cli, const char *namespace_, const char *expression, cJSON **out, struct rse_err *err)
{
    cJSON *body = new_object(cli);

    cJSON_AddStringToObject(body, "expression", expression);
    cJSON_AddStringToObject(body, "namespace", namespace_);
    return cli_request(cli, "POST", "/api/v1/expressions/evaluate", body, out, err);
}

/* With the ETag of what was shown: somebody else's change in between is refused, not overwritten. */
static bool store(struct cli *cli, const char *path, const char *expression, const char *etag,
                  struct rse_answer *answer, struct rse_err *err)
{
    RSE_BUF_AUTO body;
    struct rse_request request = { .method = "PATCH", .path = path, .if_match = etag };

    rse_buf_init(&body, 1 << 20);
    rse_buf_adds(&body, "{\"expression\":");
    rse_json_add_string(&body, rse_str(expression));
    rse_buf_addc(&body, '}');
    request.body = rse_buf_str(&body);
    request.content_type = "application/merge-patch+json";
    return rse_client_send(cli->client, &request, answer, err);
}

static bool set_expression(struct cli *cli, const char *namespace_, const char *expression, struct rse_err *err)
{
    const char *path = cli_object_path(cli, rse_noun_info(RSE_NAMESPACE), namespace_);
    struct rse_request request = { .method = "GET", .path = path };
    struct rse_answer before, after;
    cJSON *changes;
    int64_t revision;
    bool ok;

    rse_answer_init(&before);
    rse_answer_init(&after);
    ok = cli_client(cli, err) && rse_client_send(cli->client, &request, &before, err) &&
         preview(cli, namespace_, expression, &changes, err);
    if (ok && !output_document(cli, changes))
        print_preview(cli, namespace_, changes);
    if (ok && !args_has(&cli->args, "dry-run")) {
        ok = cli_confirm(cli, "Store it?", err) && store(cli, path, expression, before.etag, &after, err);
        revision = after.revision;
        ok = ok && (!args_has(&cli->args, "wait") || cli_wait(cli, revision, err));
    }
    rse_answer_release(&before);
    rse_answer_release(&after);
    return ok;
}

bool command_set(struct cli *cli, struct rse_err *err)
{
    if (strcmp(cli->args.words[0], "expression") != 0) {
        rse_err_hint(err, "Usage: resedge set expression NAMESPACE EXPRESSION");
        return rse_fail(err, RSE_INVALID, "unknown thing to set: \"%s\"", cli->args.words[0]);
    }
    return set_expression(cli, cli->args.words[1], cli->args.words[2], err);
}
