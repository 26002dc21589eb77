/*
 * test_repository.c - two spellings of one repository, and two repositories.
 */
#include "tests/unit/model/model_test.h"

static void same__is_true_of_every_spelling_of_one(void **state RSE_UNUSED)
{
    static const char *const SAME[][2] = {
        { "/srv/git/x.git", "/srv/git/x.git" },
        { "/srv/git/x.git", "/srv/git/x.git/" },
        { "/srv/git/x.git", "/srv//git/./x.git" },
        { "/srv/git/x.git", "/srv/git/y/../x.git" },
        { "/srv/git/x.git", "/../srv/git/x.git" },
        { "/srv/git/x.git", "file:///srv/git/x.git" },
        { "https://git.example/team/x.git", "https://GIT.example/team/x.git" },
        { "https://git.example/team/x.git", "https://git.example:443/team/x" },
        { "https://git.example/team/x.git", "https://git.example/team//x.git/" },
        { "https://git.example/team/x.git", "git@git.example:team/x.git" },
        { "https://git.example/team/x.git", "ssh://git@git.example/team/x.git" },
        { "git@git.example:team/x.git", "ssh://git@git.example:22/team/x" },
        { "ssh://git@[2001:db8::1]/x", "ssh://git@[2001:DB8::1]:22/x" },
    };

    for (size_t i = 0; i < RSE_COUNT(SAME); i++) {
        if (!rse_repository_same(rse_str(SAME[i][0]), rse_str(SAME[i][1])))
            fail_msg("%s and %s", SAME[i][0], SAME[i][1]);
    }
}

static void same__is_false_of_others(void **state RSE_UNUSED)
{
    static const char *const OTHERS[][2] = {
        { "/srv/git/x.git", "/srv/git/x" }, /* a folder may be called either way */
        { "/srv/git/x.git", "/srv/git/X.git" },
        { "https://git.example/team/x", "https://git.example/team/x/y" },
        { "https://git.example/team/x", "https://git.example:8443/team/x" },
        { "https://git.example/team/x", "https://git.example.org/team/x" },
        { "https://git.example/.git", "https://git.example/" },
        { "/git.example/x", "https://git.example/x" },
    };

    for (size_t i = 0; i < RSE_COUNT(OTHERS); i++) {
        if (rse_repository_same(rse_str(OTHERS[i][0]), rse_str(OTHERS[i][1])))
            fail_msg("%s and %s", OTHERS[i][0], OTHERS[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same__is_true_of_every_spelling_of_one),
        cmocka_unit_test(same__is_false_of_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
