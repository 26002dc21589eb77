/*
 * wire.h - a conversation with one of Git's services on a remote, as bytes.
 *
 * It begins with what the service says of itself (its refs and abilities); then each request is sent whole and its
 * answer read to the end. Over HTTPS a request is a POST of its own, over SSH all of it is one session. Everything
 * has a deadline: connecting, the time without any progress, and the whole conversation; and go_on() is asked several
 * times a second.
 */
#ifndef WORKER_REMOTE_WIRE_H
#define WORKER_REMOTE_WIRE_H

#include <resedge/base.h>
#include <resedge/err.h>

#include "automation-worker/remote/address.h"
#include "automation-worker/remote/credential.h"

struct remote_limits {
    int64_t connect_ms; /* until the remote answers at all */
    int64_t idle_ms;    /* without a byte in either direction */
    int64_t whole_ms;   /* of one conversation */
    int64_t max_bytes;  /* of all that a conversation may receive */
};

enum wire_service { WIRE_UPLOAD_PACK, WIRE_RECEIVE_PACK };
/* "git-upload-pack", "git-receive-pack" */
const char *wire_service_name(enum wire_service service);

struct wire_options {
    const struct remote_address *address;
    const struct credential *credential;
    struct remote_limits limits;
    /* False, with err set, ends the conversation; NULL: nobody asks. */
    bool (*go_on)(void *arg, struct rse_err *err);
    void *arg;
};

struct wire;

/* Borrows what the options point to until wire_free(). Connecting happens while reading. */
bool wire_open(struct wire **out, enum wire_service service, const struct wire_options *options,
               struct rse_err *err) RSE_MUST;
/* Ends the conversation, however far it got. */
void wire_free(struct wire *wire);
void wire_freep(struct wire **wire);

/* Sends the next request: bytes, then file_size bytes of a file from its start (fd -1: none). What was not read of the
 * answer before is dropped. */
bool wire_send(struct wire *wire, struct rse_str bytes, int fd, int64_t file_size, struct rse_err *err) RSE_MUST;
/* At least one byte; *got 0 at the end of an answer (HTTPS) or of the session (SSH). */
bool wire_read(struct wire *wire, char *buffer, size_t size, size_t *got, struct rse_err *err) RSE_MUST;

/* Whether each request is on its own (Git's "stateless RPC"): HTTPS. */
bool wire_is_stateless(const struct wire *wire);

#endif
