#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api-server/http/trace.h"

#define TRACE  "0af7651916cd43dd8448eb211c80319c"
#define PARENT "00-" TRACE "-b7ad6b7169203331-01"

/* What goes on of a tracestate; to be used before the next call. */
static const char *taken(const char *state)
{
    static char text[TRACESTATE_MAX + 1];
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, sizeof(text));
    trace_state_take(RSE_STR(PARENT), rse_str(state), &out);
    assert_true(out.len <= TRACESTATE_MAX);
    snprintf(text, sizeof(text), "%.*s", RSE_STR_ARG(rse_buf_str(&out)));
    return text;
}

/* count members of size bytes each, "k0=xxx". */
static char *members(int count, size_t size)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 20);
    for (int i = 0; i < count; i++) {
        size_t start = text.len + (i > 0);

        rse_buf_addf(&text, "%sk%d=", i > 0 ? "," : "", i);
        while (text.len - start < size)
            rse_buf_addc(&text, 'x');
    }
    return rse_xstrndup(rse_buf_str(&text));
}

static void state_take__keeps_the_members_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(taken("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    assert_string_equal(taken(" a=1\t, ,, 1t@x-y_z/w*=! ~ "), "a=1,1t@x-y_z/w*=! ~");
    assert_string_equal(taken(""), "");
    assert_string_equal(taken(NULL), "");
}

static void state_take__drops_all_of_what_is_none(void **state)
{
    static const char *const BAD[] = { "a=1,b",   "a=1,=2", "A=1",    "a=",           "a=1=2",
                                       "a=1,a=2", "@a=1",   "a=\x80", "a=1;b=2,c d=3" };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(BAD); i++)
        assert_string_equal(taken(BAD[i]), "");
}

static void state_take__needs_a_trace(void **state)
{
    static const char *const BAD[] = { "", "00-" TRACE "-b7ad6b7169203331", "ff-" TRACE "-b7ad6b7169203331-01" };
    RSE_BUF_AUTO out = { 0 };

    (void)state;
    rse_buf_init(&out, TRACESTATE_MAX);
    for (size_t i = 0; i < RSE_COUNT(BAD); i++)
        trace_state_take(rse_str(BAD[i]), RSE_STR("a=1"), &out);
    assert_int_equal(out.len, 0);
}

static void state_take__is_bounded(void **state)
{
    RSE_CLEANUP(rse_freep) char *most = members(32, 10), *too_many = members(33, 10);
    RSE_CLEANUP(rse_freep) char *long_ones = members(20, 60), *fits = members(8, 60);
    RSE_CLEANUP(rse_freep) char *large = members(4, 140), *too_long = members(1, 300);
    char mixed[1024];

    (void)state;
    assert_string_equal(taken(most), most);
    assert_string_equal(taken(too_many), "");
    assert_string_equal(taken(long_ones), fits); /* 8 members of 60 bytes and 7 commas; a ninth would be one too many */
    assert_string_equal(taken(large), "");
    snprintf(mixed, sizeof(mixed), "%s,small=1", large);
    assert_string_equal(taken(mixed), "small=1");
    assert_string_equal(taken(too_long), "");
}

static void request_id__keeps_harmless_ones_only(void **state)
{
    char id[40];

    (void)state;
    request_id_choose(rse_str("abc-1.2_Z"), id);
    assert_string_equal(id, "abc-1.2_Z");
    request_id_choose(rse_str("a b"), id);
    assert_int_equal(strlen(id), 16);
    request_id_choose(rse_str("0123456789012345678901234567890123456789"), id);
    assert_int_equal(strlen(id), 16);
    request_id_choose(rse_str(NULL), id);
    assert_int_equal(strlen(id), 16);
}

static void trace__is_taken_as_w3c_has_it_and_goes_on_with_a_span_of_ours(void **state)
{
    static const char given[] = PARENT;
    char trace[TRACE_ID_SIZE], parent[TRACEPARENT_SIZE], again[TRACEPARENT_SIZE];

    (void)state;
    trace_id_take(rse_str(given), trace);
    assert_string_equal(trace, TRACE);
    trace_parent_make(rse_str(given), parent);
    trace_parent_make(rse_str(given), again);
    assert_int_equal(strlen(parent), strlen(given));
    assert_memory_equal(parent, given, 36);
    assert_string_not_equal(parent, given);
    assert_string_not_equal(parent, again);
    trace_id_take(rse_str(parent), trace);
    assert_string_equal(trace, TRACE);
    trace_parent_make(rse_str(NULL), parent);
    trace_id_take(rse_str(parent), trace);
    assert_int_equal(strlen(trace), 32);
    trace_id_take(rse_str(NULL), trace);
    assert_string_equal(trace, "");
}

static void parent_make__goes_on_with_the_trace_or_begins_one(void **state)
{
    char out[TRACEPARENT_SIZE], other[TRACEPARENT_SIZE];

    (void)state;
    trace_parent_make(RSE_STR(PARENT), out);
    assert_memory_equal(out, "00-" TRACE "-", 36);
    assert_string_equal(out + 52, "-01");
    trace_parent_make(RSE_STR("00-" TRACE "-b7ad6b7169203331-00"), out);
    assert_string_equal(out + 52, "-00");
    trace_parent_make(RSE_STR("cc-" TRACE "-b7ad6b7169203331-01-what the future brings"), out);
    assert_memory_equal(out, "00-" TRACE "-", 36);
    trace_parent_make(RSE_STR("nonsense"), out);
    trace_parent_make(RSE_STR(""), other);
    assert_int_equal(strlen(out), 55);
    assert_string_not_equal(out, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_take__keeps_the_members_in_their_order),
        cmocka_unit_test(state_take__drops_all_of_what_is_none),
        cmocka_unit_test(state_take__needs_a_trace),
        cmocka_unit_test(state_take__is_bounded),
        cmocka_unit_test(request_id__keeps_harmless_ones_only),
        cmocka_unit_test(trace__is_taken_as_w3c_has_it_and_goes_on_with_a_span_of_ours),
        cmocka_unit_test(parent_make__goes_on_with_the_trace_or_begins_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
