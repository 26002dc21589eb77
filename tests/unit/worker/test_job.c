#include "tests/unit/worker/worker_test.h"

#include <cjson/cJSON.h>

#include "automation-worker/job/job.h"

#define JOB(id, fence, time)                                                                                         \
    "{\"id\":" id ",\"target\":{\"id\":3,\"name\":\"edge\"},\"fence\":" fence ",\"revision\":12,\"doneRevision\":9," \
    "\"author\":{\"name\":\"Ada\",\"email\":\"ada@example.com\"},\"time\":" time ",\"attempt\":2}"

static bool parse(const char *text, struct job *job, struct rse_arena *arena, struct rse_err *err)
{
    cJSON *json = cJSON_Parse(text);

    assert_non_null(json);
    bool ok = job_parse(job, json, arena, err);
    cJSON_Delete(json);
    return ok;
}

static void parse__takes_a_claim(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct job job;

    (void)state;
    assert_ok(parse(JOB("7", "4", "\"2026-02-03T04:05:06.789Z\""), &job, arena, &err), &err);
    assert_int_equal(job.id, 7);
    assert_int_equal(job.target_id, 3);
    assert_int_equal(job.fence, 4);
    assert_int_equal(job.revision, 12);
    assert_int_equal(job.done_revision, 9);
    assert_int_equal(job.attempt, 2);
    assert_int_equal(job.time, 1770091506);
    assert_true(rse_str_is(job.author, "Ada"));
    assert_true(rse_str_is(job.email, "ada@example.com"));
}

static void parse__refuses_what_is_no_job(void **state)
{
    static const char *const bad[] = {
        "{}",
        "[]",
        "null",
        JOB("0", "1", "\"2026-02-03T04:05:06Z\""),
        JOB("\"7\"", "1", "\"2026-02-03T04:05:06Z\""),
        JOB("7", "-1", "\"2026-02-03T04:05:06Z\""),
        JOB("7", "1e300", "\"2026-02-03T04:05:06Z\""),
        JOB("7", "1", "\"yesterday\""),
        JOB("7", "1", "null"),
    };
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        struct rse_err err = RSE_ERR_INIT;
        struct job job;

        assert_false(parse(bad[i], &job, arena, &err));
        assert_int_equal(err.code, RSE_INTERNAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__takes_a_claim),
        cmocka_unit_test(parse__refuses_what_is_no_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
