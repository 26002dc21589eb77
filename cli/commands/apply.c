/* resedge apply: an inventory, all or nothing. */
#include <ctype.h>
#include <inttypes.h>

#include "../commands.h"
#include "../output.h"

enum { MOST_NODES = 20 * 1000 * 1000 }; /* more than 64 MiB of YAML have */

static bool looks_like_json(struct rse_str text)
{
    size_t i = rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? 3 : 0;

    while (i < text.len && isspace((unsigned char)text.p[i]))
        i++;
    return i < text.len && (text.p[i] == '{' || text.p[i] == '[');
}

/* Read here only so that a slip of the pen is answered with the file's own name and line. */
static bool check_syntax(const char *file, struct rse_str text, struct rse_err *err)
{
    const char *name = strcmp(file, "-") == 0 ? "standard input" : file;
    cJSON *json = NULL;
    bool ok;

    if (looks_like_json(text)) {
        ok = rse_json_parse(&json, text, err);
        rse_err_object(err, "%s", name);
    } else {
        ok = (json = rse_yaml_to_json(rse_str(name), text, MOST_NODES, err)) != NULL;
    }
    if (ok && cJSON_IsNull(json))
        ok = rse_fail(err, RSE_INVALID, "%s is empty", name);
    cJSON_Delete(json);
    return ok;
}

static bool send_inventory(struct cli *cli, struct rse_str text, struct reply *reply, struct rse_err *err)
{
    struct rse_request request = {
        .method = "POST",
        .path = args_has(&cli->args, "dry-run") ? "/api/v1/apply?dryRun=true" : "/api/v1/apply",
        .body = text,
        .content_type = looks_like_json(text) ? "application/json" : "application/yaml",
    };

    return cli_send(cli, &request, reply, err);
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
    struct reply reply;

    if (file == NULL) {
        rse_err_hint(err, "Give it with -f FILE; -f - is standard input.");
        return rse_fail(err, RSE_INVALID, "no inventory is given");
    }
    if (!cli_read_file(cli, file, &text, err) || !check_syntax(file, text, err) ||
        !send_inventory(cli, text, &reply, err))
        return false;
    if (!output_document(cli, reply.json))
        print_summary(cli, reply.json);
    if (args_has(&cli->args, "wait") && !args_has(&cli->args, "dry-run"))
        return cli_wait(cli, json_int(reply.json, "revision"), err);
    return true;
}
