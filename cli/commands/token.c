/* resedge token: who gets in. */
#include <inttypes.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/output/output.h"

static bool add_expiry(struct cli *cli, cJSON *body, struct rse_err *err)
{
    const char *span = args_value(&cli->args, "expires");
    char at[RSE_TIME_SIZE];
    int64_t ms;

    if (span == NULL)
        return true;
    if (!rse_parse_duration_ms(rse_str(span), &ms))
        return rse_fail(err, RSE_INVALID, "\"%s\" is no span of time, such as 12h or 30d", span);
    rse_format_time((int64_t)time(NULL) * 1000 + ms, at);
    cJSON_AddStringToObject(body, "expiresAt", at);
    return true;
}

/* "retail,fuel" as a member of the body. */
static void add_names(struct cli *cli, cJSON *body, const char *flag, const char *member)
{
    const char *names = args_value(&cli->args, flag);
    cJSON *list;

    if (names == NULL)
        return;
    list = cJSON_AddArrayToObject(body, member);
    for (struct rse_str rest = rse_str(names); rest.len > 0;) {
        ptrdiff_t comma = rse_str_find(rest, ',');
        size_t len = comma < 0 ? rest.len : (size_t)comma;

        cJSON_AddItemToArray(list, cJSON_CreateString(rse_arena_str(cli->arena, rse_str_n(rest.p, len)).p));
        rest = rse_str_from(rest, comma < 0 ? len : len + 1);
    }
}

static bool try_create(struct cli *cli, const cJSON *body, struct rse_err *err)
{
    if (!cli_request(cli, "POST", "/api/v1/tokens?dryRun=true", body, NULL, err))
        return false;
    cli_acted(cli, "token", json_text(body, "name"), "create",
              rse_arena_printf(cli->arena, "dry run: token \"%s\" with the role %s would be created",
                               json_text(body, "name"), json_text(body, "role")));
    return true;
}

static bool create(struct cli *cli, const char *name, struct rse_err *err)
{
    const char *role = args_value(&cli->args, "role");
    cJSON *body = cli_new_object(cli), *answer;

    if (role == NULL) {
        rse_err_hint(err, "Give it with --role: viewer, app-team, platform, admin or worker.");
        return rse_fail(err, RSE_INVALID, "no role is given");
    }
    cJSON_AddStringToObject(body, "name", name);
    cJSON_AddStringToObject(body, "role", role);
    add_names(cli, body, "business-units", "businessUnits");
    add_names(cli, body, "owners", "owners");
    if (!add_expiry(cli, body, err))
        return false;
    if (is_dry_run(cli))
        return try_create(cli, body, err);
    if (!cli_request(cli, "POST", "/api/v1/tokens", body, &answer, err))
        return false;
    if (output_document(cli, answer))
        return true;
    fprintf(stderr, "Token %" PRId64 " \"%s\", role %s. It is shown this once:\n", json_int(answer, "id"), name, role);
    printf("%s\n", json_text(answer, "token"));
    return true;
}

static bool list(struct cli *cli, struct rse_err *err)
{
    static const struct column columns[] = {
        { .header = "ID", .member = "id" },
        { .header = "NAME", .member = "name" },
        { .header = "ROLE", .member = "role" },
        { .header = "CREATED", .member = "createdAt", .cell = CELL_AGE },
        { .header = "EXPIRES", .member = "expiresAt", .cell = CELL_AGE },
        { .header = "LAST USED", .member = "lastUsedAt", .cell = CELL_AGE },
        { .header = "REVOKED", .member = "revokedAt", .cell = CELL_AGE },
        { .header = NULL },
    };
    static const struct view view = { .columns = columns, .name = "id", .nothing = "no tokens" };
    cJSON *answer;

    return cli_get_pages(cli, "/api/v1/tokens", &answer, err) && output_rows(cli, &view, answer, err);
}

static bool revoke(struct cli *cli, const char *id, struct rse_err *err)
{
    if (!rse_is_digits(rse_str(id)))
        return rse_fail(err, RSE_INVALID, "\"%s\" is not the id of a token", id);
    if (!cli_request(cli, "DELETE",
                     rse_arena_printf(cli->arena, "/api/v1/tokens/%s%s", id, is_dry_run(cli) ? "?dryRun=true" : ""),
                     NULL, NULL, err))
        return false;
    if (is_dry_run(cli))
        cli_acted(cli, "token", id, "revoke", rse_arena_printf(cli->arena, "dry run: token %s would be revoked", id));
    return true;
}

const char *const token_verbs[] = { "create", "list", "revoke", NULL };

bool command_token(struct cli *cli, struct rse_err *err)
{
    const char *verb = cli->args.words[0], *word = cli->args.nwords > 1 ? cli->args.words[1] : NULL;

    if (!cli_verb(verb, token_verbs, err))
        return false;
    if ((word == NULL) != (strcmp(verb, "list") == 0)) {
        rse_err_hint(err, "Usage: resedge token create NAME --role ROLE, resedge token list, resedge token revoke ID");
        return rse_fail(err, RSE_INVALID, word == NULL ? "%s what?" : "%s takes nothing more", verb);
    }
    if (word == NULL)
        return list(cli, err);
    return strcmp(verb, "create") == 0 ? create(cli, word, err) : revoke(cli, word, err);
}
