#include "automation-worker/remote/redirect.h"

#include <curl/curl.h>

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = NULL, *y = NULL;
    bool same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(x, y) == 0;

    curl_free(x);
    curl_free(y);
    return same;
}

static bool same_host(const char *from, const char *to)
{
    CURLU *a = curl_url(), *b = curl_url();
    bool same = curl_url_set(a, CURLUPART_URL, from, 0) == CURLUE_OK &&
                curl_url_set(b, CURLUPART_URL, to, 0) == CURLUE_OK && same_part(a, b, CURLUPART_SCHEME) &&
                same_part(a, b, CURLUPART_HOST) && same_part(a, b, CURLUPART_PORT);

    curl_url_cleanup(a);
    curl_url_cleanup(b);
    return same;
}

bool redirect_base(char **out, const char *base, const char *to, struct rse_err *err)
{
    const char *end = strstr(to, "/info/refs?service=");

    if (end == NULL || strpbrk(to, "@#") != NULL)
        return rse_fail(err, RSE_NOT_FOUND, "the remote redirects to something that is no Git repository");
    if (!same_host(base, to)) {
        rse_err_hint(err, "Write the repository's new address into the target.");
        return rse_fail(err, RSE_DENIED, "the remote redirects to another host, which is not followed");
    }
    *out = rse_xstrndup(rse_str_n(to, (size_t)(end - to)));
    return true;
}
