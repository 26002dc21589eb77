#include "automation-worker/remote/push_answer.h"

#include <ctype.h>

enum { MAX_REPORT = 64 << 10, MAX_MESSAGES = 160, BAND_REPORT = 1, BAND_MESSAGE = 2, BAND_FATAL = 3 };

void push_answer_init(struct push_answer *answer, bool side_band)
{
    answer->side_band = side_band;
    rse_buf_init(&answer->report, MAX_REPORT);
    rse_buf_init(&answer->messages, MAX_MESSAGES);
}

void push_answer_release(struct push_answer *answer)
{
    rse_buf_release(&answer->report);
    rse_buf_release(&answer->messages);
}

/* As one line: hooks draw boxes around what they say. */
static void add_message(struct rse_buf *out, struct rse_str text)
{
    for (size_t i = 0; i < text.len && out->len < out->limit; i++) {
        bool space = isspace((unsigned char)text.p[i]) || text.p[i] == '\0';

        if (!space)
            rse_buf_addc(out, text.p[i]);
        else if (out->len > 0 && out->p[out->len - 1] != ' ')
            rse_buf_addc(out, ' ');
    }
}

bool push_answer_take(struct push_answer *answer, const struct pkt *pkt, bool *end, struct rse_err *err)
{
    struct rse_str data = pkt->data;

    *end = pkt->kind == PKT_FLUSH;
    if (*end)
        return rse_buf_ok(&answer->report, err);
    if (pkt->kind != PKT_DATA || (answer->side_band && data.len == 0))
        return rse_fail(err, RSE_UNAVAILABLE, "the remote's answer to the push can't be read");
    if (!answer->side_band) {
        pkt_add(&answer->report, data);
        return rse_buf_ok(&answer->report, err);
    }
    unsigned char band = (unsigned char)data.p[0];

    data = rse_str_from(data, 1);
    if (band == BAND_FATAL)
        return rse_fail(err, RSE_UNAVAILABLE, "the remote gave up: %.*s", RSE_STR_ARG(data));
    if (band == BAND_MESSAGE)
        add_message(&answer->messages, data);
    else if (band == BAND_REPORT)
        rse_buf_add_str(&answer->report, data);
    return rse_buf_ok(&answer->report, err);
}

static bool fail_with_messages(const struct push_answer *answer, enum rse_code code, const char *what,
                               struct rse_str reason, struct rse_err *err)
{
    struct rse_str said = rse_buf_str(&answer->messages);

    while (said.len > 0 && said.p[said.len - 1] == ' ')
        said.len--;
    return rse_fail(err, code, "%s: %.*s%s%.*s%s", what, RSE_STR_ARG(reason), said.len > 0 ? " (it says: " : "",
                    RSE_STR_ARG(said), said.len > 0 ? ")" : "");
}

/* "ok <ref>" or "ng <ref> <reason>"; *found when it is about the ref. */
static bool check_line(const struct push_answer *answer, struct rse_str line, struct rse_str ref, bool *found,
                       struct rse_err *err)
{
    struct rse_str rest = rse_str_from(line, 3);
    bool refused = rse_str_starts(line, RSE_STR("ng "));

    if (!refused && !rse_str_starts(line, RSE_STR("ok ")))
        return true;
    if (!rse_str_starts(rest, ref) || (rest.len > ref.len && rest.p[ref.len] != ' '))
        return true;
    *found = true;
    return !refused ||
           fail_with_messages(answer, RSE_DENIED, "the remote refused the push", rse_str_from(rest, ref.len + 1), err);
}

bool push_answer_check(const struct push_answer *answer, struct rse_str ref, struct rse_err *err)
{
    static const struct rse_str UNPACK = RSE_STR_INIT("unpack ");
    struct rse_str rest = rse_buf_str(&answer->report);
    bool unpacked = false, found = false;
    struct pkt pkt;
    size_t used;

    while (pkt_parse(rest, &pkt, &used, err) && used > 0 && pkt.kind == PKT_DATA) {
        struct rse_str line = pkt_line(&pkt);

        if (rse_str_starts(line, UNPACK)) {
            struct rse_str result = rse_str_from(line, UNPACK.len);

            unpacked = rse_str_is(result, "ok");
            if (!unpacked)
                return fail_with_messages(answer, RSE_UNAVAILABLE, "the remote could not store the pack", result, err);
        } else if (!check_line(answer, line, ref, &found, err)) {
            return false;
        }
        rest = rse_str_from(rest, used);
    }
    return (unpacked && found) ||
           fail_with_messages(answer, RSE_UNAVAILABLE, "the remote didn't say whether it took the push",
                              RSE_STR("no status"), err);
}
