/* resedge apply: an inventory, all or nothing. */
#include <inttypes.h>

#include "../commands.h"
#include "../output.h"

/* YAML is sent as YAML: the server's messages then speak of the file's own lines. */
static const char *content_type_of(struct rse_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(" \t\r\n", text.p[i]) == NULL)
            return text.p[i] == '{' ? "application/json" : "application/yaml";
    }
    return "application/json";
}

static void delete_json(void *json)
{
    cJSON_Delete(json);
}

static bool send_inventory(struct cli *cli, struct rse_str text, cJSON **answer, struct rse_err *err)
{
    struct rse_request request = {
        .method = "POST",
        .path = args_has(&cli->args, "dry-run") ? "/api/v1/apply?dryRun=true" : "/api/v1/apply",
        .body = text,
        .content_type = content_type_of(text),
    };
    struct rse_answer raw;
    bool ok;

    rse_answer_init(&raw);
    ok = cli_client(cli, err) && rse_client_send(cli->client, &request, &raw, err) &&
         rse_json_parse(answer, rse_buf_str(&raw.body), err);
    rse_answer_release(&raw);
    if (ok)
        rse_arena_defer(cli->arena, delete_json, *answer);
    return ok;
}

static int64_t sum(const cJSON *counts)
{
    const cJSON *count;
    int64_t total = 0;

    cJSON_ArrayForEach(count, counts)
    {
        total += (int64_t)count->valuedouble;
    }
    return total;
}

static void print_summary(struct cli *cli, const cJSON *answer)
{
    const cJSON *created = cJSON_GetObjectItemCaseSensitive(answer, "created");
    const cJSON *updated = cJSON_GetObjectItemCaseSensitive(answer, "updated");
    const cJSON *change;

    if (args_has(&cli->args, "dry-run")) {
        cJSON_ArrayForEach(change, json_list(answer, "changes"))
        {
            printf("would %s %s %s\n", json_text(change, "op"), json_text(change, "noun"), json_text(change, "name"));
        }
    }
    printf("%s%" PRId64 " created, %" PRId64 " updated, %" PRId64 " unchanged (revision %" PRId64 ")\n",
           args_has(&cli->args, "dry-run") ? "dry run: " : "", sum(created), sum(updated),
           json_int(answer, "unchanged"), json_int(answer, "revision"));
}

bool command_apply(struct cli *cli, struct rse_err *err)
{
    const char *file = args_value(&cli->args, "file");
    struct rse_str text;
    cJSON *answer;

    if (file == NULL)
        return rse_fail(err, RSE_INVALID, "which inventory? Give it with -f FILE");
    if (!cli_read_file(cli, file, &text, err))
        return false;
    if (!send_inventory(cli, text, &answer, err)) {
        rse_err_object(err, "%s", file);
        return false;
    }
    if (!output_document(cli, answer))
        print_summary(cli, answer);
    if (args_has(&cli->args, "wait") && !args_has(&cli->args, "dry-run"))
        return cli_wait(cli, json_int(answer, "revision"), err);
    return true;
}
