#include "automation-worker/remote/wire_impl.h"

#include <inttypes.h>

#include "automation-worker/clock.h"

const char *wire_service_name(enum wire_service service)
{
    return service == WIRE_UPLOAD_PACK ? "git-upload-pack" : "git-receive-pack";
}

bool wire_open(struct wire **out, enum wire_service service, const struct wire_options *options, struct rse_err *err)
{
    bool ok = options->address->kind == REMOTE_HTTP ? wire_http_open(out, service, options, err)
                                                    : wire_ssh_open(out, service, options, err);

    if (!ok)
        rse_err_object(err, "remote %s", options->address->url);
    return ok;
}

void wire_free(struct wire *wire)
{
    if (wire != NULL)
        wire->class->free(wire);
}

void wire_freep(struct wire **wire)
{
    wire_free(*wire);
    *wire = NULL;
}

static bool with_object(const struct wire *wire, bool ok, struct rse_err *err)
{
    if (!ok)
        rse_err_object(err, "remote %s", wire->options.address->url);
    return ok;
}

bool wire_send(struct wire *wire, struct rse_str bytes, int fd, int64_t file_size, struct rse_err *err)
{
    wire->progress_ms = clock_ms();
    return with_object(wire, wire->class->send(wire, bytes, fd, file_size, err), err);
}

bool wire_read(struct wire *wire, char *buffer, size_t size, size_t *got, struct rse_err *err)
{
    return with_object(wire, wire->class->read(wire, buffer, size, got, err), err);
}

bool wire_is_stateless(const struct wire *wire)
{
    return wire->class->stateless;
}

void wire_init(struct wire *wire, const struct wire_class *class, enum wire_service service,
               const struct wire_options *options)
{
    *wire = (struct wire){ .class = class, .service = service, .options = *options };
    wire->begun_ms = wire->progress_ms = clock_ms();
}

void wire_progress(struct wire *wire, size_t received)
{
    wire->progress_ms = clock_ms();
    wire->received += (int64_t)received;
    wire->answered = wire->answered || received > 0;
}

bool wire_check(const struct wire *wire, struct rse_err *err)
{
    const struct remote_limits *limits = &wire->options.limits;
    int64_t now = clock_ms();

    if (wire->options.go_on != NULL && !wire->options.go_on(wire->options.arg, err))
        return false;
    if (wire->received > limits->max_bytes)
        return rse_fail(err, RSE_TOO_LARGE, "the remote sent more than %" PRId64 " bytes", limits->max_bytes);
    if (!wire->answered && now - wire->progress_ms > limits->connect_ms)
        return rse_fail(err, RSE_TIMEOUT, "the remote didn't answer within %" PRId64 " ms", limits->connect_ms);
    if (now - wire->progress_ms > limits->idle_ms)
        return rse_fail(err, RSE_TIMEOUT, "nothing came from the remote for %" PRId64 " ms", limits->idle_ms);
    if (now - wire->begun_ms > limits->whole_ms)
        return rse_fail(err, RSE_TIMEOUT, "the remote took longer than %" PRId64 " ms in all", limits->whole_ms);
    return true;
}
