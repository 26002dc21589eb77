/*
 * upload_pack.c - fetching with libgit2, over our own conversations: libgit2 1.5 knows no deadlines of its own, and libssh2
 * lacks what current servers ask for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <git2/sys/transport.h>

#include "automation-worker/git/error.h"

#include "automation-worker/remote/remote_impl.h"

#define MAX_REQUEST ((size_t)8 << 20) /* wants and haves */

enum { LOCKED_TRIES = 250, LOCKED_PAUSE_MS = 20 };

/* One fetch. */
struct stream;
struct fetch {
    struct remote *remote;
    struct wire *wire;
    struct stream *session; /* over SSH: the one stream for all of it, which is what libgit2 expects */
    struct rse_err err;     /* why a conversation failed: libgit2 only hears that it did */
};

struct stream {
    git_smart_subtransport_stream base;
    struct fetch *fetch;
    struct rse_buf request; /* over HTTPS: until it is whole, which is when the answer is asked for */
};

struct subtransport {
    git_smart_subtransport base;
    struct fetch *fetch;
};

static int fail(struct fetch *fetch)
{
    git_error_set_str(GIT_ERROR_NET, fetch->err.what);
    return -1;
}

static int stream_read(git_smart_subtransport_stream *base, char *buffer, size_t size, size_t *got)
{
    struct stream *stream = (struct stream *)base;
    struct fetch *fetch = stream->fetch;

    if (stream->request.len > 0) {
        bool sent = wire_send(fetch->wire, rse_buf_str(&stream->request), -1, 0, &fetch->err);

        rse_buf_reset(&stream->request);
        if (!sent)
            return fail(fetch);
    }
    return wire_read(fetch->wire, buffer, size, got, &fetch->err) ? 0 : fail(fetch);
}

static int stream_write(git_smart_subtransport_stream *base, const char *bytes, size_t len)
{
    struct stream *stream = (struct stream *)base;
    struct fetch *fetch = stream->fetch;

    if (!wire_is_stateless(fetch->wire))
        return wire_send(fetch->wire, rse_str_n(bytes, len), -1, 0, &fetch->err) ? 0 : fail(fetch);
    rse_buf_addn(&stream->request, bytes, len);
    return rse_buf_ok(&stream->request, &fetch->err) ? 0 : fail(fetch);
}

static void stream_free(git_smart_subtransport_stream *base)
{
    struct stream *stream = (struct stream *)base;

    if (stream->fetch->session == stream)
        stream->fetch->session = NULL;
    rse_buf_release(&stream->request);
    free(stream);
}

static struct stream *stream_new(git_smart_subtransport *base, struct fetch *fetch)
{
    struct stream *stream = rse_new(struct stream);

    stream->base = (git_smart_subtransport_stream){
        .subtransport = base, .read = stream_read, .write = stream_write, .free = stream_free
    };
    stream->fetch = fetch;
    rse_buf_init(&stream->request, MAX_REQUEST);
    return stream;
}

static int action(git_smart_subtransport_stream **out, git_smart_subtransport *base, const char *url RSE_UNUSED,
                  git_smart_service_t service)
{
    struct fetch *fetch = ((struct subtransport *)base)->fetch;

    if (service == GIT_SERVICE_UPLOADPACK_LS) {
        wire_free(RSE_TAKE(fetch->wire));
        if (!wire_open(&fetch->wire, WIRE_UPLOAD_PACK, &fetch->remote->wire, &fetch->err))
            return fail(fetch);
    } else if (service != GIT_SERVICE_UPLOADPACK || fetch->wire == NULL) {
        git_error_set_str(GIT_ERROR_NET, "only fetching is done this way");
        return -1;
    }
    if (wire_is_stateless(fetch->wire)) {
        *out = &stream_new(base, fetch)->base;
    } else {
        if (fetch->session == NULL)
            fetch->session = stream_new(base, fetch);
        *out = &fetch->session->base;
    }
    return 0;
}

static int close_subtransport(git_smart_subtransport *base)
{
    wire_free(RSE_TAKE(((struct subtransport *)base)->fetch->wire));
    return 0;
}

static void free_subtransport(git_smart_subtransport *base)
{
    (void)close_subtransport(base);
    free(base);
}

static int make_subtransport(git_smart_subtransport **out, git_transport *owner RSE_UNUSED, void *fetch)
{
    struct subtransport *made = rse_new(struct subtransport);

    made->base = (git_smart_subtransport){ .action = action, .close = close_subtransport, .free = free_subtransport };
    made->fetch = fetch;
    *out = &made->base;
    return 0;
}

static int make_transport(git_transport **out, git_remote *owner, void *arg)
{
    struct fetch *fetch = arg;
    git_smart_subtransport_definition definition = {
        .callback = make_subtransport,
        .rpc = fetch->remote->address.kind == REMOTE_HTTP,
        .param = fetch,
    };

    return git_transport_smart(out, owner, &definition);
}

/* Between two reads libgit2 indexes what came, which may take long. */
static int on_progress(const git_indexer_progress *progress RSE_UNUSED, void *arg)
{
    struct fetch *fetch = arg;
    const struct wire_options *wire = &fetch->remote->wire;

    return wire->go_on == NULL || wire->go_on(wire->arg, &fetch->err) ? 0 : -1;
}

static bool fetch_into(struct fetch *fetch, git_repository *git, const char *branch, const char *into,
                       struct rse_err *err)
{
    char spec[2 * REMOTE_REF_SIZE];
    char *specs[] = { spec };
    git_strarray list = { .strings = specs, .count = 1 };
    git_remote_create_options create;
    git_fetch_options options;
    git_remote *remote;
    int rc;

    snprintf(spec, sizeof(spec), "+refs/heads/%s:%s", branch, into);
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
    options.callbacks.transport = make_transport;
    options.callbacks.transfer_progress = on_progress;
    options.callbacks.payload = fetch;
    /* No url.<base>.insteadOf: the credential is for the address that the target names. (Looking for it, libgit2 1.5
     * also loses memory for each setting that it reads.) */
    git_remote_create_options_init(&create, GIT_REMOTE_CREATE_OPTIONS_VERSION);
    create.repository = git;
    create.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
    rc = git_remote_create_with_opts(&remote, fetch->remote->address.url, &create);
    if (rc != 0)
        return git_error_take(err, rc, "could not set up the fetch");
    rc = git_remote_fetch(remote, &list, &options, "resedge-worker: fetch");
    /* First: its message goes with the next call of libgit2. */
    if (rc != 0 && fetch->err.code == RSE_OK)
        (void)git_error_take(&fetch->err, rc, "could not fetch branch %s", branch);
    git_remote_free(remote);
    if (rc == 0)
        return true;
    /* What libgit2 can't make sense of was cut short, or may be whole the next time. */
    if (fetch->err.code == RSE_INTERNAL)
        fetch->err.code = RSE_UNAVAILABLE;
    *err = fetch->err;
    return false;
}

static bool has_commit(git_repository *git, const git_oid *id)
{
    git_commit *commit;
    bool has = git_commit_lookup(&commit, git, id) == 0;

    if (has)
        git_commit_free(commit);
    return has;
}

/* Somebody else fetches the branch into this repository too: a look at the templates and a job, say. The ref that keeps what came is
 * theirs for a moment, of which libgit2 says no more than that it failed. */
static bool keep(git_repository *git, const char *ref, const git_oid *tip, struct rse_err *err)
{
    static const struct timespec PAUSE = { .tv_nsec = LOCKED_PAUSE_MS * 1000000L };
    git_reference *made = NULL;
    int rc = -1;

    for (int i = 0; i < LOCKED_TRIES && rc != 0; i++) {
        if (i > 0)
            nanosleep(&PAUSE, NULL);
        rc = git_reference_create(&made, git, ref, tip, 1, NULL);
    }
    git_reference_free(made);
    return rc == 0 || git_error_take(err, rc, "could not keep what was fetched");
}

/* Leaves a ref at what came, so that nobody sweeps it. */
static bool fetch_tip(struct fetch *fetch, git_repository *git, const char *branch, git_oid *tip, struct rse_err *err)
{
    char into[REMOTE_REF_SIZE];
    int rc;

    snprintf(into, sizeof(into), "refs/resedge/fetched/%s", branch);
    if (!fetch_into(fetch, git, branch, into, err)) /* a pack comes whole or not at all */
        return has_commit(git, tip) && keep(git, into, tip, err);
    rc = git_reference_name_to_id(tip, git, into);
    return rc == 0 || git_error_take(err, rc, "could not read what was fetched");
}

bool remote_fetch(struct remote *remote, git_repository *git, const char *branch, git_oid *out, struct rse_err *err)
{
    struct fetch fetch = { .remote = remote };
    git_oid tip;

    if (!remote_look(remote, branch, &tip, err))
        return false;
    if (!git_oid_is_zero(&tip) && !has_commit(git, &tip) && !fetch_tip(&fetch, git, branch, &tip, err)) {
        rse_err_object(err, "remote %s", remote->address.url);
        return false;
    }
    *out = tip;
    return true;
}
