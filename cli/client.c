/* The connection to the Data Service, and the readers for its answers. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "near.h"

enum { MAX_FILE = 64 << 20, MAX_TOKEN = 512 };

static void delete_json(void *json)
{
    cJSON_Delete(json);
}

static void free_client(void *client)
{
    rse_client_free(client);
}

static void trace(void *arg RSE_UNUSED, const char *line)
{
    fprintf(stderr, "%s\n", line);
}

/* The token of the environment, else of a file; NULL is fine where a server asks for none. */
static bool read_token(struct cli *cli, const char **token, struct rse_err *err)
{
    const char *file = args_value(&cli->args, "token-file");
    struct rse_str text;

    *token = NULL;
    if (file == NULL && getenv("RESEDGE_TOKEN") != NULL) {
        *token = getenv("RESEDGE_TOKEN");
        return true;
    }
    if (file == NULL)
        file = getenv("RESEDGE_TOKEN_FILE");
    if (file == NULL)
        return true;
    if (!cli_read_file(cli, file, &text, err))
        return false;
    while (text.len > 0 && strchr("\r\n \t", text.p[text.len - 1]) != NULL)
        text.len--;
    if (text.len == 0 || text.len > MAX_TOKEN)
        return rse_fail(err, RSE_INVALID, "the file %s holds no token", file);
    *token = rse_arena_str(cli->arena, text).p;
    return true;
}

bool cli_client(struct cli *cli, struct rse_err *err)
{
    struct rse_client_config config = { .retries = -1 };

    if (cli->client != NULL)
        return true;
    config.url = args_value(&cli->args, "url");
    if (config.url == NULL)
        config.url = getenv("RESEDGE_URL");
    if (config.url == NULL) {
        rse_err_hint(err, "Set RESEDGE_URL, or give --url http://HOST:PORT.");
        return rse_fail(err, RSE_INVALID, "no server is given");
    }
    if (!read_token(cli, &config.token, err))
        return false;
    config.ca_file = args_value(&cli->args, "ca-file");
    config.user_agent = rse_arena_printf(cli->arena, "resedge/%s", rse_version());
    config.timeout_ms = 120 * 1000;
    config.trace = args_has(&cli->args, "verbose") ? trace : NULL;
    if (!rse_client_new(&cli->client, &config, err))
        return false;
    rse_arena_defer(cli->arena, free_client, cli->client);
    return true;
}

bool cli_request(struct cli *cli, const char *method, const char *path, const cJSON *body, cJSON **out,
                 struct rse_err *err)
{
    cJSON *answer = NULL;

    if (!cli_client(cli, err) || !rse_client_json(cli->client, method, path, body, &answer, err))
        return false;
    if (answer != NULL)
        rse_arena_defer(cli->arena, delete_json, answer);
    if (out != NULL)
        *out = answer;
    return true;
}

char *cli_object_path(struct cli *cli, const struct rse_noun_info *noun, const char *name)
{
    RSE_BUF_AUTO path;

    rse_buf_init(&path, 4096);
    rse_buf_addf(&path, "/api/v1/%s/", noun->plural);
    if (!rse_is_digits(rse_str(name)))
        rse_buf_adds(&path, "name:");
    rse_client_escape(&path, rse_str(name));
    return rse_arena_strdup(cli->arena, path.p);
}

bool cli_noun(const char *word, const struct rse_noun_info **out, struct rse_err *err)
{
    struct near near = near_to(rse_str(word));

    *out = rse_noun_find(rse_str(word));
    if (*out != NULL)
        return true;
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        near_offer(&near, rse_noun_info((enum rse_noun)noun)->plural);
    if (near.best != NULL)
        rse_err_hint(err, "Did you mean %s?", near.best);
    else
        rse_err_hint(err, "There are clusters, groups, namespaces, applications, policies, targets and metadataKeys.");
    return rse_fail(err, RSE_INVALID, "unknown noun \"%s\"", word);
}

bool cli_read_file(struct cli *cli, const char *path, struct rse_str *out, struct rse_err *err)
{
    RSE_BUF_AUTO text;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char chunk[16384];
    size_t n;
    bool failed;

    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    rse_buf_init(&text, MAX_FILE);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        rse_buf_addn(&text, chunk, n);
    failed = ferror(file) != 0;
    if (file != stdin)
        fclose(file);
    if (failed)
        return rse_fail(err, RSE_INVALID, "could not read %s", path);
    rse_err_object(err, "file %s", path);
    if (!rse_buf_ok(&text, err))
        return false;
    rse_err_clear(err);
    *out = rse_arena_str(cli->arena, rse_buf_str(&text));
    return true;
}

bool cli_confirm(struct cli *cli, const char *question, struct rse_err *err)
{
    char answer[16] = "";

    if (args_has(&cli->args, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !cli->terminal) {
        rse_err_hint(err, "Add --yes to do it without being asked.");
        return rse_fail(err, RSE_CONFIRM, "this needs to be confirmed, and there is no terminal to ask on");
    }
    printf("%s [y/N] ", question);
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return true;
    return rse_fail(err, RSE_CONFIRM, "not confirmed: nothing was changed");
}

const char *json_text(const cJSON *object, const char *member)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, member);

    return cJSON_IsString(value) ? value->valuestring : "";
}

int64_t json_int(const cJSON *object, const char *member)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, member);

    return cJSON_IsNumber(value) ? (int64_t)value->valuedouble : 0;
}

const cJSON *json_list(const cJSON *object, const char *member)
{
    static const cJSON empty = { .type = cJSON_Array };
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, member);

    return cJSON_IsArray(value) ? value : &empty;
}
