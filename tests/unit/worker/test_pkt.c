#include "tests/unit/worker/worker_test.h"

#include "automation-worker/remote/advert.h"
#include "automation-worker/remote/pkt.h"
#include "automation-worker/remote/push_answer.h"

#define ID    "1111111111111111111111111111111111111111"
#define OTHER "2222222222222222222222222222222222222222"
#define NONE  "0000000000000000000000000000000000000000"

/* ---- frames ---- */

static void pkt__is_read_back_as_it_was_written(void **state RSE_UNUSED)
{
    struct rse_err err = RSE_ERR_INIT;
    struct pkt pkt;
    size_t used;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 100);
    pkt_add(&out, RSE_STR("hello\n"));
    pkt_add_flush(&out);
    assert_string_equal(out.p, "000ahello\n0000");
    assert_ok(pkt_parse(rse_buf_str(&out), &pkt, &used, &err), &err);
    assert_int_equal(used, 10);
    assert_int_equal(pkt.kind, PKT_DATA);
    assert_true(rse_str_is(pkt_line(&pkt), "hello"));
    assert_ok(pkt_parse(rse_str_from(rse_buf_str(&out), used), &pkt, &used, &err), &err);
    assert_int_equal(pkt.kind, PKT_FLUSH);
    assert_int_equal(used, 4);
}

static void pkt__waits_for_the_rest_of_a_frame(void **state RSE_UNUSED)
{
    static const char whole[] = "000ahello\n";
    struct rse_err err = RSE_ERR_INIT;
    struct pkt pkt;
    size_t used = 1;

    for (size_t len = 0; len < strlen(whole); len++) {
        assert_ok(pkt_parse(rse_str_n(whole, len), &pkt, &used, &err), &err);
        assert_int_equal(used, 0);
    }
}

static void pkt__refuses_what_is_no_length(void **state RSE_UNUSED)
{
    static const char *const bad[] = { "<htm", "0003", "fff1", "ffff", "-001", "00 a" };

    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        struct rse_err err = RSE_ERR_INIT;
        struct pkt pkt;
        size_t used;

        assert_false(pkt_parse(rse_str(bad[i]), &pkt, &used, &err));
        assert_int_equal(err.code, RSE_UNAVAILABLE);
    }
}

/* ---- what a service says of itself ---- */

/* Feeds lines; NULL is a flush. False when one is refused. */
static bool feed(struct advert *advert, const char *const *lines, size_t count, bool *end, struct rse_err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct pkt pkt = { .kind = PKT_FLUSH };
        RSE_BUF_AUTO line = { 0 };

        rse_buf_init(&line, 1000);
        if (lines[i] != NULL) {
            const char *capabilities = strchr(lines[i], '|');

            pkt.kind = PKT_DATA;
            rse_buf_adds(&line, lines[i]);
            if (capabilities != NULL)
                line.p[capabilities - lines[i]] = '\0';
            pkt.data = rse_buf_str(&line);
        }
        if (!advert_take(advert, &pkt, end, err))
            return false;
    }
    return true;
}

static void advert__finds_the_branch_and_what_the_service_can_do(void **state RSE_UNUSED)
{
    static const char *const lines[] = {
        "# service=git-receive-pack\n",
        NULL,
        ID " refs/heads/main2|report-status side-band-64k ofs-delta atomic quiet agent=x object-format=sha1\n",
        OTHER " refs/heads/main\n",
        NULL,
    };
    struct rse_err err = RSE_ERR_INIT;
    struct advert advert;
    bool end;

    advert_init(&advert, WIRE_RECEIVE_PACK, true, RSE_STR("refs/heads/main"));
    assert_ok(feed(&advert, lines, RSE_COUNT(lines), &end, &err), &err);
    assert_true(end);
    assert_int_equal(git_oid_streq(&advert.id, OTHER), 0);
    assert_int_equal(advert.refs, 2);
    assert_true(advert.report_status && advert.side_band_64k && advert.ofs_delta && advert.atomic && advert.quiet);
}

static void advert__of_an_empty_repository_has_no_branch(void **state RSE_UNUSED)
{
    static const char *const lines[] = { NONE " capabilities^{}|report-status\n", NULL };
    struct rse_err err = RSE_ERR_INIT;
    struct advert advert;
    bool end;

    advert_init(&advert, WIRE_RECEIVE_PACK, false, RSE_STR("refs/heads/main"));
    assert_ok(feed(&advert, lines, RSE_COUNT(lines), &end, &err), &err);
    assert_true(end && git_oid_is_zero(&advert.id) && advert.refs == 0 && advert.report_status);
}

static void advert__refuses_other_services_formats_and_nonsense(void **state RSE_UNUSED)
{
    static const struct {
        const char *line;
        bool prelude;
        enum rse_code code;
    } bad[] = {
        { "# service=git-upload-pack\n", true, RSE_UNAVAILABLE },
        { ID " refs/heads/main\n", true, RSE_UNAVAILABLE },
        { "ERR access denied\n", false, RSE_DENIED },
        { ID "refs/heads/main\n", false, RSE_UNAVAILABLE },
        { "refs/heads/main\n", false, RSE_UNAVAILABLE },
        { "", false, RSE_UNAVAILABLE },
        { ID " refs/heads/main|object-format=sha256\n", false, RSE_INVALID },
    };

    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        struct rse_err err = RSE_ERR_INIT;
        struct advert advert;
        bool end;

        advert_init(&advert, WIRE_RECEIVE_PACK, bad[i].prelude, RSE_STR("refs/heads/main"));
        assert_false(feed(&advert, &bad[i].line, 1, &end, &err));
        assert_int_equal(err.code, bad[i].code);
    }
}

/* ---- what becomes of a push ---- */

static bool judge(const char *report, const char *messages, struct rse_err *err)
{
    struct push_answer answer;
    bool end, ok = true;
    RSE_BUF_AUTO band = { 0 };

    push_answer_init(&answer, true);
    rse_buf_init(&band, 70000);
    rse_buf_addc(&band, 2);
    rse_buf_adds(&band, messages);
    ok = push_answer_take(&answer, &(struct pkt){ .kind = PKT_DATA, .data = rse_buf_str(&band) }, &end, err);
    /* The report comes in pieces that have nothing to do with its lines. */
    for (size_t i = 0; ok && i < strlen(report); i += 7) {
        rse_buf_reset(&band);
        rse_buf_addc(&band, 1);
        rse_buf_addn(&band, report + i, strnlen(report + i, 7));
        ok = push_answer_take(&answer, &(struct pkt){ .kind = PKT_DATA, .data = rse_buf_str(&band) }, &end, err);
    }
    ok = ok && push_answer_take(&answer, &(struct pkt){ .kind = PKT_FLUSH }, &end, err) && end &&
         push_answer_check(&answer, RSE_STR("refs/heads/main"), err);
    push_answer_release(&answer);
    return ok;
}

static void push_answer__is_good_when_the_ref_was_moved(void **state RSE_UNUSED)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_ok(judge("000eunpack ok\n0017ok refs/heads/main\n0000", "", &err), &err);
}

static void push_answer__has_the_remotes_reason_and_words(void **state RSE_UNUSED)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_false(judge("000eunpack ok\n002bng refs/heads/main pre-receive declined0000",
                       "\n\n  GH006:\tProtected \x1b[31mbranch\n", &err));
    assert_int_equal(err.code, RSE_DENIED);
    assert_string_equal(err.what,
                        "the remote refused the push: pre-receive declined (it says: GH006: Protected ?[31mbranch)");
}

static void push_answer__without_a_word_about_the_ref_is_no_success(void **state RSE_UNUSED)
{
    static const char *const bad[] = {
        "",
        "0000",
        "000eunpack ok\n0000",
        "0017ok refs/heads/main\n0000",
        "000eunpack ok\n0018ok refs/heads/main2\n0000",
        "0017unpack out of space",
        "000eunpack ok\n0017ok refs/heads/mai",
    };

    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        struct rse_err err = RSE_ERR_INIT;

        assert_false(judge(bad[i], "", &err));
        assert_int_equal(err.code, RSE_UNAVAILABLE);
    }
}

static void push_answer__may_end_in_a_fatal_error(void **state RSE_UNUSED)
{
    struct rse_err err = RSE_ERR_INIT;
    struct push_answer answer;
    bool end;

    push_answer_init(&answer, true);
    assert_false(
        push_answer_take(&answer, &(struct pkt){ .kind = PKT_DATA, .data = RSE_STR("\3out of memory") }, &end, &err));
    assert_non_null(strstr(err.what, "out of memory"));
    push_answer_release(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pkt__is_read_back_as_it_was_written),
        cmocka_unit_test(pkt__waits_for_the_rest_of_a_frame),
        cmocka_unit_test(pkt__refuses_what_is_no_length),
        cmocka_unit_test(advert__finds_the_branch_and_what_the_service_can_do),
        cmocka_unit_test(advert__of_an_empty_repository_has_no_branch),
        cmocka_unit_test(advert__refuses_other_services_formats_and_nonsense),
        cmocka_unit_test(push_answer__is_good_when_the_ref_was_moved),
        cmocka_unit_test(push_answer__has_the_remotes_reason_and_words),
        cmocka_unit_test(push_answer__without_a_word_about_the_ref_is_no_success),
        cmocka_unit_test(push_answer__may_end_in_a_fatal_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
