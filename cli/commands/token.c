/* resedge token: who gets in. */
#include <inttypes.h>
#include <time.h>

#include "../commands.h"
#include "../output.h"

static void delete_json(void *json)
{
    cJSON_Delete(json);
}

static bool add_expiry(struct cli *cli, cJSON *body, struct rse_err *err)
{
    const char *span = args_value(&cli->args, "expires");
    char at[RSE_TIME_SIZE];
    int64_t ms;

    if (span == NULL)
        return true;
    if (!rse_parse_duration_ms(rse_str(span), &ms))
        return rse_fail(err, RSE_INVALID, "\"%s\" is no span of time (12h, 30d)", span);
    rse_format_time((int64_t)time(NULL) * 1000 + ms, at);
    cJSON_AddStringToObject(body, "expiresAt", at);
    return true;
}

static bool create(struct cli *cli, const char *name, struct rse_err *err)
{
    const char *role = args_value(&cli->args, "role");
    cJSON *body = cJSON_CreateObject(), *answer;

    rse_arena_defer(cli->arena, delete_json, body);
    if (role == NULL)
        return rse_fail(err, RSE_INVALID, "which role? Give it with --role (reader, editor, platform, admin, worker)");
    cJSON_AddStringToObject(body, "name", name);
    cJSON_AddStringToObject(body, "role", role);
    if (!add_expiry(cli, body, err) || !cli_request(cli, "POST", "/api/v1/tokens", body, &answer, err))
        return false;
    if (output_document(cli, answer))
        return true;
    fprintf(stderr, "Token %" PRId64 " \"%s\", role %s. It is shown this once:\n", json_int(answer, "id"), name, role);
    printf("%s\n", json_text(answer, "token"));
    return true;
}

static bool list(struct cli *cli, struct rse_err *err)
{
    static const char *const headers[] = { "ID", "NAME", "ROLE", "CREATED", "EXPIRES", "LAST USED", "REVOKED", NULL };
    struct table table;
    const cJSON *token;
    cJSON *answer;

    if (!cli_request(cli, "GET", "/api/v1/tokens", NULL, &answer, err))
        return false;
    if (output_document(cli, answer))
        return true;
    table_begin(&table, cli->arena, headers);
    cJSON_ArrayForEach(token, json_list(answer, "value"))
    {
        table_cellf(&table, "%" PRId64, json_int(token, "id"));
        table_cell(&table, json_text(token, "name"));
        table_cell(&table, json_text(token, "role"));
        table_cell(&table, ago(cli->arena, json_text(token, "createdAt")));
        table_cell(&table, json_text(token, "expiresAt"));
        table_cell(&table, ago(cli->arena, json_text(token, "lastUsedAt")));
        table_cell(&table, ago(cli->arena, json_text(token, "revokedAt")));
    }
    table_print(&table, "no tokens");
    return true;
}

bool command_token(struct cli *cli, struct rse_err *err)
{
    const char *verb = cli->args.words[0], *word = cli->args.nwords > 1 ? cli->args.words[1] : NULL;

    if (strcmp(verb, "list") == 0 && word == NULL)
        return list(cli, err);
    if (strcmp(verb, "create") == 0 && word != NULL)
        return create(cli, word, err);
    if (strcmp(verb, "revoke") == 0 && word != NULL && rse_is_digits(rse_str(word)))
        return cli_request(cli, "DELETE", rse_arena_printf(cli->arena, "/api/v1/tokens/%s", word), NULL, NULL, err);
    return rse_fail(err, RSE_INVALID, "usage: resedge token create NAME --role ROLE | list | revoke ID");
}
