#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/http/route.h"

static struct route_match match;

static void find(const char *method, const char *path)
{
    route_find(method, rse_str(path), &match);
}

static void assert_route(const char *method, const char *path, const char *wanted)
{
    find(method, path);
    assert_non_null(match.route);
    assert_string_equal(match.route->path, wanted);
}

static void find__prefers_the_literal_to_the_parameter(void **state)
{
    (void)state;
    assert_route("GET", "/api/v1/jobs/wait", "/api/v1/jobs/wait");
    assert_int_equal(match.nparams, 0);
    assert_route("GET", "/api/v1/jobs/17", "/api/v1/jobs/{id}");
    assert_int_equal(match.nparams, 1);
    assert_true(rse_str_is(match.params[0], "17"));
}

static void find__overlooks_one_slash_at_the_end(void **state)
{
    (void)state;
    assert_route("GET", "/api/v1/jobs/", "/api/v1/jobs");
    find("GET", "/api/v1/jobs//");
    assert_null(match.route);
    find("GET", "/");
    assert_null(match.route);
}

static void find__answers_head_by_get(void **state)
{
    (void)state;
    assert_route("HEAD", "/healthz", "/healthz");
}

static void find__says_which_methods_a_path_has(void **state)
{
    (void)state;
    find("PUT", "/api/v1/tokens");
    assert_null(match.route);
    assert_string_equal(match.allow, "GET, HEAD, POST, OPTIONS");
    find("PUT", "/api/v1/nothing/of/the/kind");
    assert_null(match.route);
    assert_string_equal(match.allow, "");
}

static void find__takes_no_empty_parameter(void **state)
{
    (void)state;
    find("POST", "/api/v1/jobs//renew");
    assert_null(match.route);
}

static void next__gives_every_route_with_a_handler_and_a_role(void **state)
{
    const struct route *route;
    size_t count = 0;

    (void)state;
    for (size_t it = 0; (route = route_next(&it)) != NULL; count++) {
        assert_non_null(route->handler);
        assert_non_null(route->help);
        assert_true((route->flags & ROUTE_PUBLIC) != 0 || route->role != ROLE_NONE);
        assert_int_equal(route->path[0], '/');
    }
    assert_true(count > 30);
}

static void allows__follows_the_order_of_roles_and_keeps_workers_apart(void **state)
{
    struct route read = { .role = ROLE_VIEWER }, follow = { .role = ROLE_VIEWER, .flags = ROUTE_WORKER },
                 own = { .role = ROLE_APP_TEAM }, edit = { .role = ROLE_PLATFORM }, admin = { .role = ROLE_ADMIN },
                 work = { .role = ROLE_WORKER }, open = { .flags = ROUTE_PUBLIC };

    (void)state;
    assert_true(route_allows(&open, ROLE_NONE));
    assert_false(route_allows(&read, ROLE_NONE));
    assert_true(route_allows(&read, ROLE_VIEWER) && route_allows(&read, ROLE_APP_TEAM) &&
                route_allows(&read, ROLE_ADMIN));
    assert_true(route_allows(&follow, ROLE_VIEWER) && route_allows(&follow, ROLE_WORKER));
    assert_false(route_allows(&read, ROLE_WORKER) || route_allows(&follow, ROLE_NONE));
    assert_true(route_allows(&own, ROLE_APP_TEAM) && route_allows(&own, ROLE_PLATFORM));
    assert_false(route_allows(&own, ROLE_VIEWER) || route_allows(&edit, ROLE_APP_TEAM));
    assert_true(route_allows(&edit, ROLE_PLATFORM));
    assert_false(route_allows(&edit, ROLE_VIEWER) || route_allows(&edit, ROLE_WORKER));
    assert_true(route_allows(&work, ROLE_WORKER) && route_allows(&work, ROLE_ADMIN));
    assert_false(route_allows(&work, ROLE_PLATFORM));
    assert_false(route_allows(&admin, ROLE_PLATFORM) || route_allows(&admin, ROLE_WORKER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__prefers_the_literal_to_the_parameter),
        cmocka_unit_test(find__overlooks_one_slash_at_the_end),
        cmocka_unit_test(find__answers_head_by_get),
        cmocka_unit_test(find__says_which_methods_a_path_has),
        cmocka_unit_test(find__takes_no_empty_parameter),
        cmocka_unit_test(next__gives_every_route_with_a_handler_and_a_role),
        cmocka_unit_test(allows__follows_the_order_of_roles_and_keeps_workers_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
