/* The connection to the Data Service: where it is, who we are, requests and their answers. */
#include <stdlib.h>
#include <sys/random.h>

#include "cli/cli.h"
#include "cli/context.h"

enum { TIMEOUT_MS = 120 * 1000 };

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

/* ---- where, and as whom ---- */

/* An option, else the variable that stands for it; NULL where there is neither, or nothing in it. */
static const char *given(const struct cli *cli, const char *option, const char *variable)
{
    const char *value = args_value(&cli->args, option);

    if (value == NULL)
        value = getenv(variable);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* A context that is asked for by --context comes before the environment. */
static bool context_comes_first(const struct cli *cli)
{
    return args_has(&cli->args, "context");
}

/* The token of the environment, else of a file, else of the context; NULL is fine where a server asks for none. */
static bool find_token(struct cli *cli, const cJSON *context, bool own_url, const char **token, struct rse_err *err)
{
    const char *file = given(cli, "token-file", "RESEDGE_TOKEN_FILE"), *direct = getenv("RESEDGE_TOKEN");
    const char *kept = json_text(context, "token");
    bool has_file = args_has(&cli->args, "token-file");

    *token = NULL;
    /* A context's token is for its own server, wherever else this may go. */
    if (kept[0] != '\0' && own_url && !has_file && (context_comes_first(cli) || (direct == NULL && file == NULL))) {
        *token = kept;
        return true;
    }
    if (!has_file && direct != NULL && direct[0] != '\0')
        *token = direct;
    return *token != NULL || file == NULL || cli_read_token(cli, file, token, err);
}

static bool find_server(struct cli *cli, struct rse_client_config *config, struct rse_err *err)
{
    const char *url = args_value(&cli->args, "url"), *variable = getenv("RESEDGE_URL"), *context_url;
    const cJSON *context = NULL;

    if (url == NULL && variable != NULL && variable[0] != '\0' && !context_comes_first(cli))
        url = variable;
    /* A home without contexts, or with a file that can't be used, hinders nobody who doesn't need it. */
    if ((url == NULL || context_comes_first(cli)) && !context_current(cli, &context, err))
        return false;
    context_url = json_text(context, "url");
    config->url = url != NULL ? url : context_url;
    if (config->url[0] == '\0') {
        rse_err_hint(err, "Use `resedge login URL`, set RESEDGE_URL, or give --url http://HOST:PORT.");
        return rse_fail(err, RSE_INVALID, "no server is given");
    }
    config->ca_file = given(cli, "cacert", "CURL_CA_BUNDLE");
    if (config->ca_file == NULL && json_text(context, "cacert")[0] != '\0')
        config->ca_file = json_text(context, "cacert");
    if (config->ca_file == NULL)
        config->ca_file = given(cli, "cacert", "SSL_CERT_FILE");
    return find_token(cli, context, strcmp(config->url, context_url) == 0, &config->token, err);
}

bool cli_client(struct cli *cli, struct rse_err *err)
{
    struct rse_client_config config = { .retries = cli->timeout_ms > 0 ? 0 : -1 };
    const char *span = args_value(&cli->args, "timeout");

    if (cli->client != NULL)
        return true;
    if (!find_server(cli, &config, err))
        return false;
    config.user_agent = rse_arena_printf(cli->arena, "resedge/%s", rse_version());
    config.timeout_ms = cli->timeout_ms > 0 ? cli->timeout_ms : TIMEOUT_MS;
    if (span != NULL && (!rse_parse_duration_ms(rse_str(span), &config.timeout_ms) || config.timeout_ms <= 0))
        return rse_fail(err, RSE_INVALID, "--timeout takes a span of time such as 10s, not \"%s\"", span);
    config.trace = args_has(&cli->args, "verbose") ? trace : NULL;
    rse_client_global_init();
    if (!rse_client_new(&cli->client, &config, err))
        return false;
    cli->has_token = config.token != NULL;
    rse_arena_defer(cli->arena, free_client, cli->client);
    return true;
}

bool cli_has_server(struct cli *cli)
{
    struct rse_client_config config = { 0 };
    struct rse_err ignored = RSE_ERR_INIT;

    return find_server(cli, &config, &ignored) || ignored.code != RSE_INVALID;
}

/* ---- requests ---- */

/* What is no JSON object comes from something else than a Data Service. */
static bool take_json(struct cli *cli, struct rse_str text, cJSON **out, struct rse_err *err)
{
    struct rse_err why = RSE_ERR_INIT;

    *out = NULL;
    if (text.len > 0 && !rse_json_parse(out, text, &why))
        return rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: %s", why.what);
    if (*out != NULL)
        cli_own(cli, *out);
    return *out == NULL || cJSON_IsObject(*out) ||
           rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: it is no object");
}

/* Whether the server keeps the answer for a repeat: it does for every POST that writes. That of a token is sealed with ours. */
static bool is_kept(const struct cli *cli, const struct rse_request *request)
{
    struct rse_str path = rse_str(request->path);

    return strcmp(request->method, "POST") == 0 && !rse_str_is(path, "/api/v1/expressions/evaluate") &&
           (cli->has_token || !rse_str_starts(path, RSE_STR("/api/v1/tokens")));
}

/* Another one for each request. NULL where there is no chance to be had: it is sent once then. */
static const char *make_key(struct cli *cli)
{
    uint64_t chance[2];
    char *key = rse_arena_alloc(cli->arena, 2 * RSE_HEX64_SIZE);

    if (getrandom(chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
        return NULL;
    rse_format_hex64(chance[0], key);
    rse_format_hex64(chance[1], key + RSE_HEX64_SIZE - 1);
    return key;
}

bool cli_send(struct cli *cli, const struct rse_request *request, struct reply *reply, struct rse_err *err)
{
    struct rse_request sent = *request;
    RSE_CLEANUP(rse_answer_release) struct rse_answer answer;

    rse_answer_init(&answer);
    if (!cli_client(cli, err))
        return false;
    sent.idempotency_key = is_kept(cli, request) ? make_key(cli) : NULL;
    if (!rse_client_send(cli->client, &sent, &answer, err))
        return false;
    reply->revision = answer.revision;
    reply->date = answer.date;
    memcpy(reply->etag, answer.etag, sizeof(reply->etag));
    return take_json(cli, rse_buf_str(&answer.body), &reply->json, err);
}

bool cli_get_text(struct cli *cli, const char *path, const char *accept, struct rse_str *out, struct rse_err *err)
{
    struct rse_request request = { .method = "GET", .path = path, .accept = accept };
    RSE_CLEANUP(rse_answer_release) struct rse_answer answer;

    rse_answer_init(&answer);
    if (!cli_client(cli, err) || !rse_client_send(cli->client, &request, &answer, err))
        return false;
    *out = rse_arena_str(cli->arena, rse_buf_str(&answer.body));
    return true;
}

bool cli_request(struct cli *cli, const char *method, const char *path, const cJSON *body, cJSON **out,
                 struct rse_err *err)
{
    char *text = body != NULL ? cJSON_PrintUnformatted(body) : NULL;
    struct rse_request request = { .method = method, .path = path, .body = rse_str(text) };
    struct reply reply;
    bool ok = cli_send(cli, &request, &reply, err);

    cJSON_free(text);
    if (ok && out != NULL && reply.json == NULL)
        return rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: it is empty");
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

int cli_list_count(const cJSON *list)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(list, "@odata.count");

    return cJSON_IsNumber(count) ? count->valueint : cJSON_GetArraySize(json_list(list, "value"));
}

/* Hangs what the page has behind what is there. */
static void take_page(cJSON *list, cJSON *page)
{
    cJSON *to = cJSON_GetObjectItemCaseSensitive(list, "value"),
          *from = cJSON_GetObjectItemCaseSensitive(page, "value"), *item;

    while ((item = cJSON_DetachItemFromArray(from, 0)) != NULL)
        cJSON_AddItemToArray(to, item);
}

bool cli_get_pages(struct cli *cli, const char *path, cJSON **out, struct rse_err *err)
{
    cJSON *page;
    const char *link;

    if (!cli_get_list(cli, rse_arena_printf(cli->arena, "%s?$top=1000", path), out, err))
        return false;
    for (page = *out; link = json_text(page, "@odata.nextLink"), link[0] != '\0';) {
        if (!cli_get_list(cli, link, &page, err))
            return false;
        take_page(*out, page);
    }
    cJSON_DeleteItemFromObjectCaseSensitive(*out, "@odata.nextLink");
    return true;
}

bool cli_evaluate(struct cli *cli, const char *expression, const char *namespace_, int64_t limit, cJSON **out,
                  struct rse_err *err)
{
    cJSON *body = cli_new_object(cli);

    cJSON_AddStringToObject(body, "expression", expression);
    if (namespace_ != NULL)
        cJSON_AddStringToObject(body, "namespace", namespace_);
    cJSON_AddNumberToObject(body, "limit", (double)limit);
    return cli_request(cli, "POST", "/api/v1/expressions/evaluate", body, out, err);
}

/* ---- memory ---- */

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

cJSON *cli_own(struct cli *cli, cJSON *json)
{
    rse_arena_defer(cli->arena, delete_json, json);
    return json;
}

cJSON *cli_new_object(struct cli *cli)
{
    return cli_own(cli, cJSON_CreateObject());
}

/* ---- members ---- */

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

bool json_true(const cJSON *object, const char *member)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, member));
}
