/*
 * client.c - the client's life, and the common ways of asking.
 */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>

#include "libresedge/src/client/private.h"
#include "resedge/model.h"

enum {
    CONNECT_TIMEOUT_MS = 5 * 1000,
    TIMEOUT_MS = 30 * 1000,
    RETRIES = 4,
    TOKEN_MAX = 4 * 1024,
    CONNECTIONS_KEPT = 4,
};

void rse_client_global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void rse_client_global_cleanup(void)
{
    curl_global_cleanup();
}

/* http or https, a host, and nothing behind it. */
static bool check_url(const char *text, struct rse_err *err)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *path = NULL, *user = NULL, *query = NULL, *fragment = NULL;
    bool ok = url != NULL && text != NULL && strlen(text) <= CLIENT_URL_MAX / 4 &&
              curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK;

    ok = ok && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) && strcmp(path, "/") == 0 &&
         curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK &&
         curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK &&
         curl_url_get(url, CURLUPART_FRAGMENT, &fragment, 0) != CURLUE_OK;
    curl_free(scheme);
    curl_free(path);
    curl_free(user);
    curl_free(query);
    curl_free(fragment);
    curl_url_cleanup(url);
    if (ok)
        return true;
    rse_err_hint(err, "Give it as http://host:port or https://host, without a path, user or password.");
    return rse_fail(err, RSE_INVALID, "not the URL of a Data Service");
}

/* A token goes into a header as it is. */
static bool set_token(struct rse_client *client, const char *token, struct rse_err *err)
{
    rse_buf_init(&client->auth_header, TOKEN_MAX);
    if (token == NULL || token[0] == '\0')
        return true;
    for (const char *c = token; *c != '\0'; c++) {
        if (!isgraph((unsigned char)*c))
            return rse_fail(err, RSE_INVALID, "the token holds a character that no token has");
    }
    rse_buf_addf(&client->auth_header, "Authorization: Bearer %s", token);
    if (client->auth_header.overflow)
        return rse_fail(err, RSE_INVALID, "the token is too long");
    return true;
}

static void client_freep(struct rse_client **client)
{
    rse_client_free(*client);
}

bool rse_client_new(struct rse_client **out, const struct rse_client_config *config, struct rse_err *err)
{
    RSE_CLEANUP(client_freep) struct rse_client *client = rse_new(struct rse_client);

    if (!check_url(config->url, err) || !set_token(client, config->token, err))
        return false;
    client->url = rse_xstrdup(config->url);
    if (client->url[strlen(client->url) - 1] == '/')
        client->url[strlen(client->url) - 1] = '\0';
    client->ca_file = config->ca_file != NULL ? rse_xstrdup(config->ca_file) : NULL;
    client->user_agent = rse_xstrdup(config->user_agent != NULL ? config->user_agent : "libresedge");
    client->connect_timeout_ms = config->connect_timeout_ms > 0 ? config->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    client->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : TIMEOUT_MS;
    client->retries = config->retries >= 0 ? config->retries : RETRIES;
    client->trace = config->trace;
    client->trace_arg = config->trace_arg;
    client->multi = curl_multi_init();
    client->easy = curl_easy_init();
    if (client->multi == NULL || client->easy == NULL)
        return rse_fail(err, RSE_INTERNAL, "could not set up libcurl");
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    *out = RSE_TAKE(client);
    return true;
}

void rse_client_free(struct rse_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi);
    free(client->url);
    free(client->ca_file);
    free(client->user_agent);
    if (client->auth_header.p != NULL)
        explicit_bzero(client->auth_header.p, client->auth_header.cap);
    rse_buf_release(&client->auth_header);
    free(client);
}

void rse_answer_init(struct rse_answer *answer)
{
    *answer = (struct rse_answer){ .revision = -1 };
}

void rse_answer_release(struct rse_answer *answer)
{
    rse_buf_release(&answer->body);
}

void rse_client_escape(struct rse_buf *out, struct rse_str text)
{
    static const char HEX[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if ((c < 0x80 && isalnum(c)) || c == '-' || c == '.' || c == '_' || c == '~')
            rse_buf_addc(out, (char)c);
        else
            rse_buf_addn(out, (char[]){ '%', HEX[c >> 4], HEX[c & 15] }, 3);
    }
}

static bool parse_answer(const struct rse_answer *answer, struct cJSON **out, struct rse_err *err)
{
    struct rse_err why = RSE_ERR_INIT;

    *out = NULL;
    if (answer->body.len == 0 || rse_json_parse(out, rse_buf_str(&answer->body), &why))
        return true;
    return rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: %s", why.what);
}

bool rse_client_json(struct rse_client *client, const char *method, const char *path, const struct cJSON *body,
                     struct cJSON **out, struct rse_err *err)
{
    RSE_CLEANUP(rse_answer_release) struct rse_answer answer;
    char *text = body != NULL ? cJSON_PrintUnformatted(body) : NULL;
    struct rse_request request = { .method = method, .path = path, .body = rse_str(text) };

    rse_answer_init(&answer);
    bool ok = rse_client_send(client, &request, &answer, err);

    cJSON_free(text);
    return ok && (out == NULL || parse_answer(&answer, out, err));
}
