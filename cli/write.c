/* Writes: what --dry-run, --confirm, --reason and --wait mean is the same for all of them. */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/output/output.h"

bool is_dry_run(const struct cli *cli)
{
    return args_has(&cli->args, "dry-run");
}

/* The path with the parameters of the options; false where an option is wrong. */
static bool add_parameters(const struct cli *cli, const struct write *write, struct rse_buf *path, struct rse_err *err)
{
    const char *confirm = args_value(&cli->args, "confirm"), *reason = args_value(&cli->args, "reason");
    char sign = strchr(write->path, '?') != NULL ? '&' : '?';
    int64_t count = write->confirm;

    rse_buf_adds(path, write->path);
    if (confirm != NULL && !rse_parse_int64(rse_str(confirm), 0, INT32_MAX, &count))
        return rse_fail(err, RSE_INVALID, "--confirm takes the number of clusters that are hit, not \"%s\"", confirm);
    if (is_dry_run(cli)) {
        rse_buf_addf(path, "%cdryRun=true", sign);
        sign = '&';
    }
    if (count > 0) {
        rse_buf_addf(path, "%cconfirm=%" PRId64, sign, count);
        sign = '&';
    }
    if (args_has(&cli->args, "urgent")) {
        rse_buf_addf(path, "%curgent=true", sign);
        sign = '&';
    }
    if (reason != NULL) {
        rse_buf_addf(path, "%creason=", sign);
        rse_client_escape(path, rse_str(reason));
    }
    return rse_buf_ok(path, err);
}

bool cli_write(struct cli *cli, const struct write *write, struct reply *reply, struct rse_err *err)
{
    struct rse_request request = { .method = write->method, .content_type = write->content_type };
    char *text = write->body != NULL ? cJSON_PrintUnformatted(write->body) : NULL;
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 8192);
    request.body = text != NULL ? rse_str(text) : write->text;
    request.if_match = write->if_match != NULL && write->if_match[0] != '\0' ? write->if_match : NULL;
    bool ok = add_parameters(cli, write, &path, err);

    request.path = path.p;
    ok = ok && cli_send(cli, &request, reply, err);
    cJSON_free(text);
    if (!ok && err->code == RSE_STALE)
        rse_err_hint(err, "Somebody stored another change meanwhile. Look again at what yours would do.");
    return ok;
}

bool cli_written(struct cli *cli, const struct rse_noun_info *noun, const char *name, const char *done,
                 const struct reply *reply, struct rse_err *err)
{
    if (reply->json == NULL || !output_document(cli, reply->json)) {
        if (cli->format == FORMAT_NAME)
            printf("%s\n", name);
        else if (is_dry_run(cli))
            printf("dry run: %s \"%s\" would be %s\n", noun->name, name, done);
        else
            printf("%s \"%s\" %s (revision %" PRId64 ")\n", noun->name, name, done, reply->revision);
    }
    if (is_dry_run(cli) || !args_has(&cli->args, "wait"))
        return true;
    return cli_wait(cli, reply->revision, err);
}

bool cli_patch(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document, const char *etag,
               const cJSON *patch, const char *done, struct rse_err *err)
{
    const char *name = cli_name_of(cli, noun, document);
    struct write write = {
        .method = "PATCH",
        .path = rse_arena_printf(cli->arena, "/api/v1/%s/%" PRId64, noun->plural, json_int(document, "id")),
        .body = patch,
        .content_type = "application/merge-patch+json",
        .if_match = etag,
    };
    struct reply reply;

    if (!cli_write(cli, &write, &reply, err)) {
        rse_err_object(err, "%s \"%s\"", noun->name, name);
        return false;
    }
    if (reply.json != NULL && strcmp(etag != NULL ? etag : "", reply.etag) == 0)
        done = "unchanged";
    return cli_written(cli, noun, reply.json != NULL ? cli_name_of(cli, noun, reply.json) : name, done, &reply, err);
}

void cli_acted(struct cli *cli, const char *noun, const char *name, const char *op, const char *said)
{
    cJSON *document = cli_new_object(cli);

    cJSON_AddStringToObject(document, "noun", noun);
    cJSON_AddStringToObject(document, "name", name);
    cJSON_AddStringToObject(document, "op", op);
    cJSON_AddBoolToObject(document, "dryRun", is_dry_run(cli));
    if (!output_document(cli, document))
        printf("%s\n", cli->format == FORMAT_NAME ? name : said);
}
