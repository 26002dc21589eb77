#include "automation-worker/remote/advert.h"

#define NO_REFS "capabilities^{}" /* stands in a ref's place where there is none */

void advert_init(struct advert *advert, enum wire_service service, bool stateless, struct rse_str ref)
{
    *advert = (struct advert){ .service = service, .ref = ref, .in_prelude = stateless };
}

static bool fail_protocol(struct rse_err *err)
{
    return rse_fail(err, RSE_UNAVAILABLE, "the remote's list of refs can't be read");
}

static bool take_capability(struct advert *advert, struct rse_str word, struct rse_err *err)
{
    static const struct rse_str FORMAT = RSE_STR_INIT("object-format=");

    if (rse_str_is(word, "report-status"))
        advert->report_status = true;
    else if (rse_str_is(word, "side-band-64k"))
        advert->side_band_64k = true;
    else if (rse_str_is(word, "ofs-delta"))
        advert->ofs_delta = true;
    else if (rse_str_is(word, "atomic"))
        advert->atomic = true;
    else if (rse_str_is(word, "quiet"))
        advert->quiet = true;
    else if (rse_str_starts(word, FORMAT) && !rse_str_is(rse_str_from(word, FORMAT.len), "sha1"))
        return rse_fail(err, RSE_INVALID, "the remote repository has another object format than SHA-1");
    return true;
}

static bool take_capabilities(struct advert *advert, struct rse_str words, struct rse_err *err)
{
    advert->has_capabilities = true;
    while (words.len > 0) {
        ptrdiff_t space = rse_str_find(words, ' ');
        struct rse_str word = space < 0 ? words : rse_str_n(words.p, (size_t)space);

        if (!take_capability(advert, word, err))
            return false;
        words = rse_str_from(words, word.len + 1);
    }
    return true;
}

static bool take_ref(struct advert *advert, struct rse_str line, struct rse_err *err)
{
    ptrdiff_t nul = rse_str_find(line, '\0');
    struct rse_str ref = nul < 0 ? line : rse_str_n(line.p, (size_t)nul);
    git_oid id;

    if (ref.len < GIT_OID_HEXSZ + 2 || ref.p[GIT_OID_HEXSZ] != ' ' || git_oid_fromstrn(&id, ref.p, GIT_OID_HEXSZ) != 0)
        return fail_protocol(err);
    if (nul >= 0 && !advert->has_capabilities && !take_capabilities(advert, rse_str_from(line, (size_t)nul + 1), err))
        return false;
    ref = rse_str_from(ref, GIT_OID_HEXSZ + 1);
    advert->refs += !rse_str_is(ref, NO_REFS);
    if (rse_str_eq(ref, advert->ref))
        advert->id = id;
    return true;
}

static bool take_prelude(struct advert *advert, const struct pkt *pkt, struct rse_err *err)
{
    struct rse_str line = pkt_line(pkt);
    struct rse_str service = rse_str_from(line, strlen("# service="));

    if (pkt->kind == PKT_FLUSH) {
        advert->in_prelude = false;
        return true;
    }
    return (pkt->kind == PKT_DATA && rse_str_starts(line, RSE_STR("# service=")) &&
            rse_str_is(service, wire_service_name(advert->service))) ||
           fail_protocol(err);
}

bool advert_take(struct advert *advert, const struct pkt *pkt, bool *end, struct rse_err *err)
{
    struct rse_str line = pkt_line(pkt);

    *end = false;
    if (pkt->kind == PKT_DATA && rse_str_starts(line, RSE_STR("ERR ")))
        return rse_fail(err, RSE_DENIED, "the remote says: %.*s", RSE_STR_ARG(rse_str_from(line, 4)));
    if (advert->in_prelude)
        return take_prelude(advert, pkt, err);
    if (pkt->kind == PKT_FLUSH) {
        *end = true;
        return true;
    }
    if (pkt->kind != PKT_DATA)
        return fail_protocol(err);
    if (rse_str_is(line, "version 1") || rse_str_starts(line, RSE_STR("shallow ")))
        return true;
    return take_ref(advert, line, err);
}
