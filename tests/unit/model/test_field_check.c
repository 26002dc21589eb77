#include "libresedge/src/model/field_check.h"
#include "tests/unit/model/model_test.h"

static void check_url(const char *url, const char *says)
{
    struct rse_err err = RSE_ERR_INIT;
    bool ok = field_check_url(rse_str(url), &err);

    if (ok != (says == NULL))
        fail_msg("%s: %s", url, ok ? "taken" : err.what);
    if (says != NULL && strstr(err.what, says) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", url, err.what, says);
}

static void url__may_be_any_way_to_a_repository(void **state)
{
    check_url("https://github.com/example/gitops", NULL);
    check_url("https://git.example.com:8443/a/b.git", NULL);
    check_url("https://[::1]:8443/a", NULL);
    check_url("ssh://git@example.com/a", NULL);
    check_url("ssh://example.com:2222/a", NULL);
    check_url("git@github.com:example/gitops.git", NULL);
    check_url("file:///srv/git/x.git", NULL);
    check_url("/srv/git/x.git", NULL);
    check_url("/srv/my repositories/x.git", NULL);
    (void)state;
}

static void url__is_refused_when_it_leads_to_no_repository(void **state)
{
    check_url("", "not the URL");
    check_url("gitops", "not the URL");
    check_url("apps/x", "not the URL");
    check_url("/", "not the URL");
    check_url("https://", "not the URL");
    check_url("https://host", "not the URL");
    check_url("https://host/", "not the URL");
    check_url("https:///x", "not the URL");
    check_url("http://host/x", "not the URL");
    check_url("ftp://host/x", "not the URL");
    check_url("ext::sh -c x", "not the URL");
    check_url("https://host/a b", "not the URL");
    check_url("git@host:", "not the URL");
    (void)state;
}

static void url__cannot_pass_an_option_to_ssh(void **state)
{
    check_url("ssh://-oProxyCommand=x/y", "not the URL");
    check_url("ssh://git@-oProxyCommand=x/y", "not the URL");
    check_url("-x@host:y", "not the URL");
    check_url("git@-host:y", "not the URL");
    (void)state;
}

static void url__holds_no_secret(void **state)
{
    check_url("https://user:pw@host/x", "password or token");
    check_url("https://ghp_123@host/x", "password or token");
    check_url("ssh://git:pw@host/x", "password or token");
    check_url("user:pw@host:x", "password or token");
    check_url("https://user@host/x", "password or token");
    check_url("ssh://glpat-123@host/x", "password or token");
    check_url("0123456789abcdef0123456789abcdef01234567@host:x", "password or token");
    check_url("https://h.example/x?token=abc", "no query");
    check_url("https://h.example/x#token=abc", "no query");
    check_url("https://h.example?token=abc/x", "no query");
    check_url("ssh://git@h.example/x?token=abc", "no query");
    check_url("git@h.example:x?token=abc", "no query");
    check_url("file:///srv/x?token=abc", "no query");
    check_url("/srv/is it #1?", NULL);
    (void)state;
}

static void check_credential(const char *text, bool fits)
{
    static const struct rse_field FIELD = { .type = RSE_FIELD_STRING, .format = RSE_FORMAT_CREDENTIAL, .max = 128 };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_str s = rse_str(text);

    if (field_check_text(&FIELD, &s, &err) != fits)
        fail_msg("%s: %s", text, err.what);
    /* An error of ours is no place for a secret. */
    if (!fits && strlen(text) > 3)
        assert_null(strstr(err.what, text));
}

static void credential__is_a_name_and_not_the_secret(void **state)
{
    check_credential("github-gitops", true);
    check_credential("team-a.pat-2026", true);
    check_credential("k8s-prod-eu1.s3-gitlab2", true);
    check_credential("x", true);
    check_credential("a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z-a-b-c-d-e-f", true);
    check_credential("Team-A", false);
    check_credential("team_a", false);
    check_credential("-a", false);
    check_credential("a-", false);
    check_credential(".a", false);
    check_credential("a.", false);
    check_credential("a..b", false);
    check_credential("a.-b", false);
    check_credential("a-.b", false);
    check_credential("ghp_abcdef", false);
    check_credential("github_pat_11AB", false);
    check_credential("glpat-abc", false);
    check_credential("xoxb-123", false);
    check_credential("AKIAIOSFODNN7EXAMPLE", false);
    check_credential("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", false);
    check_credential("dckr_pat_abc", false);
    check_credential("sk_live_abc", false);
    check_credential("hvs.abc", false);
    check_credential("c0a8f2d4-91b7-4e63-8a5d-7f1e2b3c4d5e", false);
    check_credential("BEGIN-x", false);
    check_credential("-----BEGIN PRIVATE KEY-----", false);
    check_credential("0123456789abcdef0123456789abcdef01234567", false);
    check_credential("a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z-a-b-c-d-e-f-g", false);
    check_credential("two words", false);
    check_credential("", false);
    (void)state;
}

static void check_branch(const char *text, bool fits)
{
    static const struct rse_field FIELD = { .type = RSE_FIELD_STRING, .format = RSE_FORMAT_BRANCH, .max = 128 };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_str s = rse_str(text);

    if (field_check_text(&FIELD, &s, &err) != fits)
        fail_msg("%s: %s", text, err.what);
}

static void branch__is_what_git_takes(void **state)
{
    static const char *const GOOD[] = { "main", "env/prod", "release-1.2", "a@b", "x.y" };
    static const char *const BAD[] = { "",   "-x",  "a b", "a..b", "/a",  "a/",   "a//b", "a.lock", ".a", "a/.b", "a~1",
                                       "a^", "a:b", "a?",  "a*",   "a[b", "a\\b", "a@{b", "@",      "a.", "HEAD" };

    for (size_t i = 0; i < RSE_COUNT(GOOD); i++)
        check_branch(GOOD[i], true);
    for (size_t i = 0; i < RSE_COUNT(BAD); i++)
        check_branch(BAD[i], false);
    (void)state;
}

static void metadata_key__tells_which_values_fit(void **state)
{
    struct rse_str sizes[] = { RSE_STR_INIT("S"), RSE_STR_INIT("L") };
    struct rse_metadata_key key = { .object = { .name = RSE_STR("size") }, .values = { sizes, 2 } };

    key.type = RSE_KEY_STRING;
    assert_true(rse_metadata_key_fits(&key, RSE_STR("anything"), NULL));
    key.type = RSE_KEY_INTEGER;
    assert_true(rse_metadata_key_fits(&key, RSE_STR("-12"), NULL));
    assert_false(rse_metadata_key_fits(&key, RSE_STR("1.5"), NULL));
    key.type = RSE_KEY_BOOLEAN;
    assert_true(rse_metadata_key_fits(&key, RSE_STR("false"), NULL));
    assert_false(rse_metadata_key_fits(&key, RSE_STR("no"), NULL));
    key.type = RSE_KEY_ENUM;
    assert_true(rse_metadata_key_fits(&key, RSE_STR("L"), NULL));
    assert_false(rse_metadata_key_fits(&key, RSE_STR("M"), NULL));
    key.type = RSE_KEY_PATTERN;
    key.pattern = RSE_STR("[0-9]{4}|x");
    assert_true(rse_metadata_key_fits(&key, RSE_STR("2301"), NULL));
    assert_true(rse_metadata_key_fits(&key, RSE_STR("x"), NULL));
    assert_false(rse_metadata_key_fits(&key, RSE_STR("23010"), NULL));
    assert_false(rse_metadata_key_fits(&key, RSE_STR("a2301"), NULL));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url__may_be_any_way_to_a_repository),
        cmocka_unit_test(url__is_refused_when_it_leads_to_no_repository),
        cmocka_unit_test(url__cannot_pass_an_option_to_ssh),
        cmocka_unit_test(url__holds_no_secret),
        cmocka_unit_test(credential__is_a_name_and_not_the_secret),
        cmocka_unit_test(branch__is_what_git_takes),
        cmocka_unit_test(metadata_key__tells_which_values_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
