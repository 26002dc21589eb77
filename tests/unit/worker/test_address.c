#include "tests/unit/worker/worker_test.h"

#include "automation-worker/remote/address.h"
#include "automation-worker/remote/redirect.h"

static void check(const char *url, enum remote_kind kind, const char *user, const char *host, int port,
                  const char *path)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct remote_address address;

    assert_ok(remote_address_parse(&address, rse_str(url), arena, &err), &err);
    assert_int_equal(address.kind, kind);
    assert_string_equal(address.host, host);
    assert_int_equal(address.port, port);
    if (user == NULL)
        assert_null(address.user);
    else
        assert_string_equal(address.user, user);
    if (path != NULL)
        assert_string_equal(address.path, path);
}

static void check_refused(const char *url, const char *reason)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct remote_address address;

    assert_false(remote_address_parse(&address, rse_str(url), arena, &err));
    assert_int_equal(err.code, RSE_INVALID);
    if (strstr(err.what, reason) == NULL)
        fail_msg("%s: %s", url, err.what);
}

static void address__is_https_or_ssh(void **state RSE_UNUSED)
{
    check("https://git.example.com/team/stores.git", REMOTE_HTTP, NULL, "git.example.com", 0, NULL);
    check("https://git.example.com:8443/stores", REMOTE_HTTP, NULL, "git.example.com", 8443, NULL);
    check("https://[2001:db8::1]:8443/stores", REMOTE_HTTP, NULL, "2001:db8::1", 8443, NULL);
    check("http://127.0.0.1:3000/stores.git", REMOTE_HTTP, NULL, "127.0.0.1", 3000, NULL);
    check("ssh://git@git.example.com:2222/team/stores.git", REMOTE_SSH, "git", "git.example.com", 2222,
          "/team/stores.git");
    check("ssh://git.example.com/stores.git", REMOTE_SSH, NULL, "git.example.com", 0, "/stores.git");
    check("git@git.example.com:team/stores.git", REMOTE_SSH, "git", "git.example.com", 0, "team/stores.git");
}

static void address__refuses_what_shows_the_credential_or_reaches_nothing(void **state RSE_UNUSED)
{
    check_refused("http://git.example.com/stores.git", "plain http");
    check_refused("git://git.example.com/stores.git", "git://");
    check_refused("ftp://git.example.com/stores.git", "ftp://");
    check_refused("https://me:secret@git.example.com/stores.git", "user or a password");
    check_refused("ssh://me:secret@git.example.com/stores.git", "user's name");
    check_refused("https://git.example.com", "no repository");
    check_refused("https://git.example.com/", "no repository");
    check_refused("https://git.example.com/a?token=secret", "query");
    check_refused("https://git.example.com:0/a", "port");
    check_refused("https:///a", "host");
    check_refused("stores", "none of a repository");
    check_refused("", "empty");
}

static void address__is_nothing_that_ssh_takes_for_an_option(void **state RSE_UNUSED)
{
    check_refused("ssh://-oProxyCommand=id/stores.git", "host");
    check_refused("ssh://-l@host/stores.git", "user's name");
    check_refused("-oProxyCommand=id:stores.git", "host");
    check_refused("git@host:-stores", "path");
    check_refused("git@host:a b", "path");
    check_refused("git@host:a\nb", "path");
}

static void address__loses_slashes_at_the_end_of_its_url(void **state RSE_UNUSED)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct remote_address address;

    assert_ok(remote_address_parse(&address, RSE_STR("https://git.example.com/a//"), arena, &err), &err);
    assert_string_equal(address.url, "https://git.example.com/a");
}

static void local__is_a_path_of_this_machine(void **state RSE_UNUSED)
{
    assert_true(remote_is_local(RSE_STR("/srv/git/a.git")));
    assert_true(remote_is_local(RSE_STR("file:///srv/git/a.git")));
    assert_false(remote_is_local(RSE_STR("https://git.example.com/a.git")));
    assert_false(remote_is_local(RSE_STR("git@git.example.com:a.git")));
}

static void redirect__stays_on_the_same_host(void **state RSE_UNUSED)
{
    static const char base[] = "https://git.example.com/old.git";
    static const struct {
        const char *to;
        enum rse_code code;
    } bad[] = {
        { "https://evil.example.com/new.git/info/refs?service=git-upload-pack", RSE_DENIED },
        { "http://git.example.com/new.git/info/refs?service=git-upload-pack", RSE_DENIED },
        { "https://git.example.com:8443/new.git/info/refs?service=git-upload-pack", RSE_DENIED },
        { "https://me@git.example.com/new.git/info/refs?service=git-upload-pack", RSE_NOT_FOUND },
        { "https://git.example.com/login", RSE_NOT_FOUND },
        { "", RSE_NOT_FOUND },
    };
    struct rse_err err = RSE_ERR_INIT;
    char *out;

    assert_ok(redirect_base(&out, base, "https://GIT.example.com:443/new.git/info/refs?service=git-upload-pack", &err),
              &err);
    assert_string_equal(out, "https://GIT.example.com:443/new.git");
    free(out);
    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        rse_err_clear(&err);
        assert_false(redirect_base(&out, base, bad[i].to, &err));
        assert_int_equal(err.code, bad[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address__is_https_or_ssh),
        cmocka_unit_test(address__refuses_what_shows_the_credential_or_reaches_nothing),
        cmocka_unit_test(address__is_nothing_that_ssh_takes_for_an_option),
        cmocka_unit_test(address__loses_slashes_at_the_end_of_its_url),
        cmocka_unit_test(local__is_a_path_of_this_machine),
        cmocka_unit_test(redirect__stays_on_the_same_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
