#include "tests/unit/worker/worker_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "automation-worker/remote/credential.h"

static char folder[] = "/tmp/resedge-credentials-XXXXXX";

static const struct remote_address HTTPS = { .kind = REMOTE_HTTP, .url = "https://h/a", .host = "git.example.com" };
static const struct remote_address SSH = { .kind = REMOTE_SSH, .url = "git@h:a", .host = "git.example.com" };

static void put(const char *name, const char *part, const char *text, mode_t mode)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/%s/%s", folder, name, part);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
}

static int folder_up(void **state RSE_UNUSED)
{
    return mkdtemp(folder) == NULL;
}

static int folder_down(void **state RSE_UNUSED)
{
    char command[64];

    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void check_refused(const char *dir, const char *name, const struct remote_address *address, const char *reason)
{
    struct credential *credential;
    struct rse_err err = RSE_ERR_INIT;

    assert_false(credential_load(&credential, dir, rse_str(name), address, &err));
    if (strstr(err.what, reason) == NULL)
        fail_msg("%s", err.what);
}

static void credential__has_the_parts_that_its_kind_of_remote_needs(void **state RSE_UNUSED)
{
    struct rse_err err = RSE_ERR_INIT;
    struct credential *credential;

    put("both", "username", "automation\n", 0600);
    put("both", "password", "secret \n", 0440);
    put("both", "identity", "key\nof several lines\n", 0600);
    put("both", "known_hosts", "host key\n", 0644);
    assert_ok(credential_load(&credential, folder, RSE_STR("both"), &HTTPS, &err), &err);
    assert_string_equal(credential->username, "automation");
    assert_string_equal(credential->password, "secret");
    assert_null(credential->bearer_token);
    assert_null(credential->identity_file);
    credential_free(credential);
    assert_ok(credential_load(&credential, folder, RSE_STR("both"), &SSH, &err), &err);
    assert_null(credential->password);
    assert_non_null(strstr(credential->identity_file, "/both/identity"));
    assert_non_null(strstr(credential->known_hosts_file, "/both/known_hosts"));
    credential_free(credential);
}

static void credential__without_a_name_is_an_empty_one(void **state RSE_UNUSED)
{
    struct rse_err err = RSE_ERR_INIT;
    struct credential *credential;

    assert_ok(credential_load(&credential, NULL, RSE_STR(""), &HTTPS, &err), &err);
    assert_null(credential->password);
    credential_free(credential);
}

static void credential__that_others_may_read_is_refused(void **state RSE_UNUSED)
{
    put("open", "password", "secret", 0604);
    check_refused(folder, "open", &HTTPS, "everybody may read");
    put("open", "identity", "key", 0644);
    check_refused(folder, "open", &SSH, "everybody may read");
}

static void credential__goes_only_to_its_host(void **state RSE_UNUSED)
{
    struct remote_address other = HTTPS;
    struct rse_err err = RSE_ERR_INIT;
    struct credential *credential;

    put("bound", "password", "secret", 0600);
    put("bound", "host", "Git.example.com\n", 0600);
    assert_ok(credential_load(&credential, folder, RSE_STR("bound"), &HTTPS, &err), &err);
    credential_free(credential);
    other.host = "evil.example.com";
    check_refused(folder, "bound", &other, "another host");
}

static void credential__is_looked_for_in_its_folder_only(void **state RSE_UNUSED)
{
    check_refused(NULL, "any", &HTTPS, "the worker has no credentials");
    check_refused(folder, "missing", &HTTPS, "no such credential");
    check_refused(folder, "..", &HTTPS, "name of a credential");
    check_refused(folder, "a/b", &HTTPS, "name of a credential");
}

static void credential__of_several_lines_is_no_password(void **state RSE_UNUSED)
{
    put("lines", "password", "one\r\nHost: two", 0600);
    check_refused(folder, "lines", &HTTPS, "more than one line");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credential__has_the_parts_that_its_kind_of_remote_needs),
        cmocka_unit_test(credential__without_a_name_is_an_empty_one),
        cmocka_unit_test(credential__that_others_may_read_is_refused),
        cmocka_unit_test(credential__goes_only_to_its_host),
        cmocka_unit_test(credential__is_looked_for_in_its_folder_only),
        cmocka_unit_test(credential__of_several_lines_is_no_password),
    };

    return cmocka_run_group_tests(tests, folder_up, folder_down);
}
