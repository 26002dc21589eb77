/* The connection to the Data Service, and the readers for its answers. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"

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

/* An option, else the variable that stands for it; NULL where there is neither, or nothing in it. */
static const char *given(const struct cli *cli, const char *option, const char *variable)
{
    const char *value = args_value(&cli->args, option);

    if (value == NULL)
        value = getenv(variable);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The token of the environment, else of a file; NULL is fine where a server asks for none. */
static bool read_token(struct cli *cli, const char **token, struct rse_err *err)
{
    const char *file = given(cli, "token-file", "RESEDGE_TOKEN_FILE"), *direct = getenv("RESEDGE_TOKEN");
    struct rse_str text;

    *token = args_has(&cli->args, "token-file") || direct == NULL || direct[0] == '\0' ? NULL : direct;
    if (*token != NULL || file == NULL)
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
    config.url = given(cli, "url", "RESEDGE_URL");
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

/* What is no JSON object comes from something else than a Data Service. */
static bool take_json(struct cli *cli, struct rse_str text, cJSON **out, struct rse_err *err)
{
    struct rse_err why = RSE_ERR_INIT;

    *out = NULL;
    if (text.len > 0 && !rse_json_parse(out, text, &why))
        return rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: %s", why.what);
    if (*out != NULL)
        rse_arena_defer(cli->arena, delete_json, *out);
    return *out == NULL || cJSON_IsObject(*out) ||
           rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: it is no object");
}

bool cli_send(struct cli *cli, const struct rse_request *request, struct reply *reply, struct rse_err *err)
{
    RSE_CLEANUP(rse_answer_release) struct rse_answer answer;

    rse_answer_init(&answer);
    if (!cli_client(cli, err) || !rse_client_send(cli->client, request, &answer, err))
        return false;
    reply->revision = answer.revision;
    memcpy(reply->etag, answer.etag, sizeof(reply->etag));
    return take_json(cli, rse_buf_str(&answer.body), &reply->json, err);
}

bool cli_request(struct cli *cli, const char *method, const char *path, const cJSON *body, cJSON **out,
                 struct rse_err *err)
{
    char *text = body != NULL ? cJSON_PrintUnformatted(body) : NULL;
    struct rse_request request = { .method = method, .path = path, .body = rse_str(text) };
    struct reply reply;
    bool ok = cli_send(cli, &request, &reply, err);

    cJSON_free(text);
    if (ok && out != NULL)
        *out = reply.json;
    return ok;
}

bool cli_get_list(struct cli *cli, const char *path, cJSON **out, struct rse_err *err)
{
    return cli_request(cli, "GET", path, NULL, out, err) &&
           (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(*out, "value")) ||
            rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: it has no list"));
}

struct rse_arena *cli_begin_round(struct cli *cli)
{
    struct rse_arena *outer = cli->arena;

    cli->arena = rse_arena_new();
    return outer;
}

void cli_end_round(struct cli *cli, struct rse_arena *outer)
{
    rse_arena_free(cli->arena);
    cli->arena = outer;
}

cJSON *cli_new_object(struct cli *cli)
{
    cJSON *object = cJSON_CreateObject();

    rse_arena_defer(cli->arena, delete_json, object);
    return object;
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
    struct rse_suggestion s;

    *out = rse_noun_find(rse_str(word));
    if (*out != NULL)
        return true;
    rse_suggest_begin(&s, rse_str(word));
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_suggest_offer(&s, rse_str(rse_noun_info((enum rse_noun)noun)->plural));
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "There are clusters, groups, namespaces, applications, policies, targets and metadataKeys.");
    return rse_fail(err, RSE_INVALID, "unknown noun \"%s\"", word);
}

bool cli_verb(const char *verb, const char *const *known, struct rse_err *err)
{
    struct rse_suggestion s;
    RSE_BUF_AUTO all;

    rse_buf_init(&all, 256);
    rse_suggest_begin(&s, rse_str(verb));
    for (size_t i = 0; known[i] != NULL; i++) {
        if (strcmp(known[i], verb) == 0)
            return true;
        rse_suggest_offer(&s, rse_str(known[i]));
        rse_buf_addf(&all, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "There are %s.", all.p);
    return rse_fail(err, RSE_INVALID, "unknown action \"%s\"", verb);
}

static bool read_stream(FILE *file, const char *name, struct rse_arena *arena, struct rse_str *out, struct rse_err *err)
{
    RSE_BUF_AUTO text;
    char chunk[16384];
    size_t n;

    rse_buf_init(&text, MAX_FILE);
    while (!text.overflow && (n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        rse_buf_addn(&text, chunk, n);
    if (ferror(file))
        return rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", name);
    if (text.overflow)
        return rse_fail(err, RSE_TOO_LARGE, "%s has more than %d MiB", name, MAX_FILE >> 20);
    *out = rse_arena_str(arena, rse_buf_str(&text));
    return true;
}

bool cli_read_file(struct cli *cli, const char *path, struct rse_str *out, struct rse_err *err)
{
    FILE *file;
    bool ok;

    if (strcmp(path, "-") == 0)
        return read_stream(stdin, "standard input", cli->arena, out, err);
    file = fopen(path, "re");
    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    ok = read_stream(file, path, cli->arena, out, err);
    fclose(file);
    return ok;
}

bool cli_confirm(struct cli *cli, const char *question, struct rse_err *err)
{
    char answer[16] = "";

    if (args_has(&cli->args, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        rse_err_hint(err, "Add --yes to do it without being asked.");
        return rse_fail(err, RSE_CONFIRM, "this needs to be confirmed, and there is no terminal to ask on");
    }
    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", question);
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
