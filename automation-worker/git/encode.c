#include "automation-worker/git/encode.h"

#include <stdlib.h>

#include "automation-worker/git/deflate.h"
#include "automation-worker/git/pack_file.h"

#define MAX_DELTA ((size_t)64 << 20)

enum { DISTANCE = 4 }; /* bytes that the distance to a base takes, mostly */

struct encoder {
    struct deflater *deflater;
    struct rse_buf delta; /* kept from object to object */
};

struct encoder *encoder_new(void)
{
    struct encoder *encoder = rse_new(struct encoder);

    encoder->deflater = deflater_new();
    rse_buf_init(&encoder->delta, MAX_DELTA);
    return encoder;
}

void encoder_free(struct encoder *encoder)
{
    if (encoder == NULL)
        return;
    deflater_free(encoder->deflater);
    rse_buf_release(&encoder->delta);
    free(encoder);
}

/* Whether there is a delta that is smaller, by what both are before they are compressed. */
static bool make_delta(struct encoder *encoder, const struct new_object *object, const struct sibling *sibling)
{
    rse_buf_reset(&encoder->delta);
    if (sibling == NULL)
        return false;
    delta_make(&sibling->side, &object->side, &encoder->delta);
    return !encoder->delta.overflow && encoder->delta.len + DISTANCE < object->side.bytes.len;
}

bool encoder_add(struct encoder *encoder, const struct new_object *object, const struct sibling *sibling,
                 struct rse_buf *out, struct encoded *encoded, struct rse_err *err)
{
    bool is_delta = make_delta(encoder, object, sibling);
    struct rse_str bytes = is_delta ? rse_buf_str(&encoder->delta) : object->side.bytes;

    *encoded = (struct encoded){
        .type = is_delta ? PACK_OFS_DELTA : (unsigned)object->type,
        .base = is_delta ? sibling->entry : 0,
        .size = bytes.len,
        .at = out->len,
    };
    if (!deflater_add(encoder->deflater, bytes, out, err))
        return false;
    encoded->len = out->len - encoded->at;
    return true;
}
