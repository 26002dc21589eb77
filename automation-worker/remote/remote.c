#include "automation-worker/remote/remote_impl.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_ADVERT_BYTES ((int64_t)64 << 20) /* some 700,000 refs */

bool remote_new(struct remote **out, const struct remote_options *options, struct rse_err *err)
{
    struct remote *remote = rse_new(struct remote);

    remote->arena = rse_arena_new();
    if (!remote_address_parse(&remote->address, options->url, remote->arena, err) ||
        !credential_load(&remote->credential, options->credentials_dir, options->credential, &remote->address, err)) {
        rse_err_object(err, "remote %.*s", RSE_STR_ARG(options->url));
        remote_free(remote);
        return false;
    }
    remote->wire = (struct wire_options){
        .address = &remote->address,
        .credential = remote->credential,
        .limits = options->limits,
        .go_on = options->go_on,
        .arg = options->arg,
    };
    *out = remote;
    return true;
}

void remote_free(struct remote *remote)
{
    if (remote == NULL)
        return;
    credential_free(remote->credential);
    rse_arena_free(remote->arena);
    free(remote);
}

void remote_freep(struct remote **remote)
{
    remote_free(*remote);
    *remote = NULL;
}

void remote_ref(char out[static REMOTE_REF_SIZE], const char *branch)
{
    snprintf(out, REMOTE_REF_SIZE, "refs/heads/%s", branch);
}

bool remote_talk(struct remote *remote, enum wire_service service, struct wire **wire, struct pkt_reader *reader,
                 struct advert *advert, struct rse_err *err)
{
    struct wire_options options = remote->wire;
    struct pkt pkt;
    bool end = false;

    if (options.limits.max_bytes > MAX_ADVERT_BYTES)
        options.limits.max_bytes = MAX_ADVERT_BYTES;
    if (!wire_open(wire, service, &options, err))
        return false;
    reader->wire = *wire;
    reader->at = reader->len = 0;
    advert_init(advert, service, wire_is_stateless(*wire), advert->ref);
    while (!end) {
        if (pkt_read(reader, &pkt, err) && advert_take(advert, &pkt, &end, err))
            continue;
        rse_err_object(err, "remote %s", remote->address.url);
        wire_free(RSE_TAKE(*wire));
        return false;
    }
    return true;
}

bool remote_look(struct remote *remote, const char *branch, git_oid *out, struct rse_err *err)
{
    RSE_CLEANUP(rse_freep) struct pkt_reader *reader = rse_new(struct pkt_reader);
    char ref[REMOTE_REF_SIZE];
    struct advert advert = { .ref = { ref, 0 } };
    struct rse_err ignored = RSE_ERR_INIT;
    struct wire *wire;

    remote_ref(ref, branch);
    advert.ref = rse_str(ref);
    if (!remote_talk(remote, WIRE_UPLOAD_PACK, &wire, reader, &advert, err))
        return false;
    /* Said over SSH that nothing is wanted, the other end has nothing to complain of. */
    if (!wire_is_stateless(wire) && !wire_send(wire, RSE_STR("0000"), -1, 0, &ignored))
        rse_err_clear(&ignored);
    wire_free(wire);
    *out = advert.id;
    return true;
}
