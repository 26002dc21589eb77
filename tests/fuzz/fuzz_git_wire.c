/*
 * fuzz_git_wire.c - whatever a remote sends, its list of refs and its answer to a push are read or refused, and a push
 * counts as taken only when the answer has the words for it.
 */
#include <stdlib.h>

#include "automation-worker/git/repo.h"
#include "automation-worker/remote/advert.h"
#include "automation-worker/remote/push_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* The next packet; false at the end, or at what is none. */
static bool next(struct rse_str *rest, struct pkt *pkt)
{
    struct rse_err err = RSE_ERR_INIT;
    size_t used;

    if (!pkt_parse(*rest, pkt, &used, &err)) {
        must(err.code != RSE_OK && used == 0);
        return false;
    }
    must(used <= rest->len && (used == 0 || pkt->data.len <= used));
    *rest = rse_str_from(*rest, used);
    return used > 0;
}

static void read_advert(struct rse_str bytes, bool stateless)
{
    struct rse_err err = RSE_ERR_INIT;
    struct advert advert;
    struct pkt pkt;
    bool end = false;

    advert_init(&advert, WIRE_RECEIVE_PACK, stateless, RSE_STR("refs/heads/main"));
    while (!end && next(&bytes, &pkt)) {
        if (!advert_take(&advert, &pkt, &end, &err)) {
            must(err.code != RSE_OK && err.what[0] != '\0');
            return;
        }
    }
}

static void read_answer(struct rse_str bytes, bool side_band)
{
    struct rse_str all = bytes;
    struct rse_err err = RSE_ERR_INIT;
    struct push_answer answer;
    struct pkt pkt;
    bool ok = true, end = false;

    push_answer_init(&answer, side_band);
    while (ok && !end && next(&bytes, &pkt))
        ok = push_answer_take(&answer, &pkt, &end, &err);
    if (ok && push_answer_check(&answer, RSE_STR("refs/heads/main"), &err))
        must(memmem(all.p, all.len, "unpack ok", 9) != NULL || side_band);
    push_answer_release(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    struct rse_str bytes = rse_str_n((const char *)data, size);

    if (!ready)
        repo_global_init();
    ready = true;
    if (size == 0)
        return 0;
    bytes = rse_str_from(bytes, 1);
    if ((data[0] & 2) == 0)
        read_advert(bytes, (data[0] & 1) != 0);
    else
        read_answer(bytes, (data[0] & 1) != 0);
    return 0;
}
