#include "tests/unit/base/unit.h"

#include "api-server/http/accept.h"

static const char *const TYPES[] = { "application/json", "application/x-ndjson", "text/csv" };

static void accept__takes_what_is_liked_best(void **state)
{
    static const struct {
        const char *header;
        int wanted;
    } CASES[] = {
        { NULL, 0 },
        { "", 0 },
        { "*/*", 0 },
        { "text/csv", 2 },
        { "TEXT/CSV;charset=utf-8", 2 },
        { "text/*", 2 },
        { "application/*", 0 },
        { "application/x-ndjson, application/json", 0 },
        { "application/x-ndjson, application/json;q=0.9", 1 },
        { "application/json;q=0, */*;q=0.1", 1 },
        { "text/html, application/xml", -1 },
        { "text/csvx", -1 },
        { "application/json;q=0", -1 },
        { "application/json;q=2, text/csv;q=0.1", 2 },
        { "application/json;q=x", -1 },
        { ", ,text/csv", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        if (accept_choose(CASES[i].header, TYPES, 3) != CASES[i].wanted)
            fail_msg("Accept: %s", CASES[i].header);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(accept__takes_what_is_liked_best) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
