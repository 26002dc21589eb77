/*
 * source.c - compiles one file of the templates and takes down what the catalogue must know of it.
 */
#include "libresedge/src/plan/source.h"

#include <stdlib.h>

#include "libresedge/src/plan/kustomization.h"
#include "libresedge/src/plan/manifest.h"

bool text_has_placeholder(const char *text)
{
    return strstr(text, "rea.cluster.") != NULL || strstr(text, "rea.namespace.") != NULL ||
           strstr(text, "rea.application.") != NULL;
}

/* How every value that SOPS encrypted begins, whatever the file's format. */
static bool is_encrypted(struct rse_str text)
{
    static const char mark[] = "ENC[AES256_GCM,";

    return text.len > 0 && memmem(text.p, text.len, mark, sizeof(mark) - 1) != NULL;
}

static void read_manifests(struct source *source, struct rse_str text)
{
    struct manifests manifests;

    manifests_read(source->arena, text, &manifests);
    source->manifests = manifests.at;
    source->nmanifests = manifests.count;
    if (manifests.secret_line == 0)
        return;
    rse_fail(&source->err, RSE_INVALID, "%.*s:%u: a Secret that everyone who reads the repository can read",
             RSE_STR_ARG(source->path), manifests.secret_line);
    rse_err_hint(&source->err, "Encrypt the file with SOPS, or mark the Secret with the annotation %s: \"true\".",
                 ALLOW_SECRET);
}

static void look_into(struct source *source, struct rse_str text)
{
    struct rse_str name = path_basename(source->path);

    source->encrypted = is_encrypted(text);
    if (rse_template_is_constant(source->tpl) || rse_str_is(name, "flux.yaml"))
        source->text = rse_arena_str(source->arena, text);
    if (path_is_yaml(source->path) || rse_str_ends(source->path, RSE_STR(".json")))
        read_manifests(source, text);
    if (kustomization_is_name(name))
        source->kustomization = kustomization_read(source->arena, source->path, text);
}

struct source *source_new(struct rse_str path, const uint8_t id[RSE_OID_SIZE], struct rse_str text,
                          const struct rse_keys *keys)
{
    struct source *source = rse_new(struct source);

    source->owners = 1;
    source->arena = rse_arena_new();
    source->path = rse_arena_str(source->arena, path);
    memcpy(source->id, id, RSE_OID_SIZE);
    if (text.len > SOURCE_MAX_SIZE)
        rse_fail(&source->err, RSE_TOO_LARGE, "%.*s: the file is larger than 4 MiB", RSE_STR_ARG(path));
    else if (rse_template_compile(&source->tpl, source->path, text, keys, &source->err))
        look_into(source, text);
    return source;
}

struct source *source_share(struct source *source)
{
    source->owners++;
    return source;
}

void source_free(struct source *source)
{
    if (source == NULL || --source->owners > 0)
        return;
    rse_template_free(source->tpl);
    rse_arena_free(source->arena);
    free(source);
}
