/*
 * receive_pack.c - speaks receive-pack: one ref, by compare-and-swap, with a pack that is on disk already.
 */
#include <stdio.h>

#include "automation-worker/remote/push_answer.h"
#include "automation-worker/remote/remote_impl.h"

static bool check_abilities(const struct advert *advert, struct rse_err *err)
{
    if (!advert->report_status)
        return rse_fail(err, RSE_INVALID, "the remote can't say what becomes of a push (no report-status)");
    if (!advert->ofs_delta)
        return rse_fail(err, RSE_INVALID, "the remote can't read packs with offset deltas (no ofs-delta)");
    return true;
}

static bool fail_moved(const struct remote *remote, const char *branch, struct rse_err *err)
{
    rse_err_object(err, "remote %s", remote->address.url);
    return rse_fail(err, RSE_STALE, "branch %s moved on the remote meanwhile", branch);
}

static void add_command(struct rse_buf *out, const struct advert *advert, const struct remote_update *update,
                        const char *ref)
{
    RSE_BUF_AUTO line = { 0 };
    char from[GIT_OID_HEXSZ + 1], to[GIT_OID_HEXSZ + 1];

    rse_buf_init(&line, 1024);
    rse_buf_addf(&line, "%s %s %s", git_oid_tostr(from, sizeof(from), &update->from),
                 git_oid_tostr(to, sizeof(to), &update->to), ref);
    rse_buf_addc(&line, '\0');
    rse_buf_addf(&line, " report-status%s%s%s agent=resedge/" RSE_VERSION,
                 advert->side_band_64k ? " side-band-64k" : "", advert->atomic ? " atomic" : "",
                 advert->quiet ? " quiet" : "");
    pkt_add(out, rse_buf_str(&line));
    pkt_add_flush(out);
}

static bool read_answer(struct pkt_reader *reader, const struct advert *advert, struct rse_err *err)
{
    struct push_answer answer;
    bool ok = true, end = false;
    struct pkt pkt;

    push_answer_init(&answer, advert->side_band_64k);
    while (ok && !end)
        ok = pkt_read(reader, &pkt, err) && push_answer_take(&answer, &pkt, &end, err);
    ok = ok && push_answer_check(&answer, advert->ref, err);
    push_answer_release(&answer);
    return ok;
}

static bool talk(struct remote *remote, const struct remote_update *update, struct rse_err *err)
{
    RSE_CLEANUP(rse_freep) struct pkt_reader *reader = rse_new(struct pkt_reader);
    RSE_CLEANUP(wire_freep) struct wire *wire = NULL;
    char ref[REMOTE_REF_SIZE];
    struct advert advert = { .refs = 0 };
    RSE_BUF_AUTO request = { 0 };

    remote_ref(ref, update->branch);
    advert.ref = rse_str(ref);
    rse_buf_init(&request, 4096);
    if (!remote_talk(remote, WIRE_RECEIVE_PACK, &wire, reader, &advert, err) || !check_abilities(&advert, err))
        return false;
    if (!git_oid_equal(&advert.id, &update->from))
        return fail_moved(remote, update->branch, err);
    add_command(&request, &advert, update, ref);
    return rse_buf_ok(&request, err) &&
           wire_send(wire, rse_buf_str(&request), update->pack_fd, update->pack_size, err) &&
           read_answer(reader, &advert, err);
}

bool remote_push(struct remote *remote, const struct remote_update *update, struct rse_err *err)
{
    struct rse_err refusal = RSE_ERR_INIT, ignored = RSE_ERR_INIT;
    git_oid now;

    if (talk(remote, update, &refusal))
        return true;
    /* Each host words it in its own way when somebody else was faster: look. */
    if (refusal.code == RSE_DENIED && remote_look(remote, update->branch, &now, &ignored) &&
        !git_oid_equal(&now, &update->from))
        return fail_moved(remote, update->branch, err);
    if (refusal.code == RSE_DENIED)
        rse_err_hint(&refusal, "Let Automation's credential push to this branch, then retry the job.");
    rse_err_object(&refusal, "branch %s of remote %s", update->branch, remote->address.url);
    *err = refusal;
    return false;
}
