/*
 * plan.h - which files each cluster's folder should hold: fleet + catalogue + target in, files out.
 *
 * Pure: no Git, no disk, no clock. From the same inputs come the same bytes. How they get into a repository is
 * somebody else's work, who also knows what is there already. A cluster's folder:
 *
 *     flux-system/...                         how Flux starts there, rendered from apps/flux-system
 *     flux-system/listeners/<name>.yaml       one Flux Kustomization per application, and namespaces.yaml
 *     flux-system/listeners/kustomization.yaml
 *     namespaces/<namespace>.yaml             Namespace, its policies, ResourceQuota and LimitRange
 *     namespaces/kustomization.yaml
 *     <namespace>/<application>/...           the application's base/ and the overlay that applies, as they stand in
 *                                             its template folder, so that relative paths keep working
 *
 * It is made of parts that succeed or fail on their own: bootstrap, one per namespace, one per application. Where a
 * part fails, its last good files stay (the caller has them); nothing of the others is held back.
 */
#ifndef RESEDGE_PLAN_H
#define RESEDGE_PLAN_H

#include "arena.h"
#include "base.h"
#include "bitmap.h"
#include "buf.h"
#include "catalogue.h"
#include "err.h"
#include "fleet.h"
#include "template.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The newest format of what is generated. A target stays on its own until someone moves it, having seen the difference.
 *   1: the first.
 *   2: an application's Flux Kustomization is labelled with its application and namespace, so that
 *      `kubectl get kustomizations -A -l app.kubernetes.io/part-of=NAMESPACE` finds it. */
#define RSE_PLAN_FORMAT 2

/* The placeholders that exist for a fleet: fields, metadata keys, and rea.cluster.gitOpsPath, the cluster's folder. A plan's
 * catalogue is made with these. To be freed with rse_keys_free(). */
RSE_API struct rse_keys *rse_plan_keys(const struct rse_fleet *fleet);

/* "clusters/3f/store-0042" or "clusters/store-0042". The two hex digits are the first byte of the SHA-1 of the name, so that
 * anyone can find a folder: printf %s NAME | sha1sum. */
RSE_API void rse_cluster_folder(enum rse_folder_pattern pattern, struct rse_str name, struct rse_buf *out);

struct rse_plan;

/* Fleet and catalogue are borrowed and may not change while the plan lives. Fails when the target is unknown. */
RSE_API bool rse_plan_new(struct rse_plan **out, const struct rse_fleet *fleet, const struct rse_catalogue *catalogue,
                          int64_t target_id, struct rse_err *err) RSE_MUST;
/* The same in another format than the target's, to be looked at; 0: the target's. RSE_INVALID when it is not known here. */
RSE_API bool rse_plan_new_format(struct rse_plan **out, const struct rse_fleet *fleet,
                                 const struct rse_catalogue *catalogue, int64_t target_id, int64_t format,
                                 struct rse_err *err) RSE_MUST;
RSE_API void rse_plan_free(struct rse_plan *plan);
/* The format that is planned in. */
RSE_API int64_t rse_plan_format(const struct rse_plan *plan);

/* What a cluster's state asks for. */
enum rse_folder_wish {
    RSE_FOLDER_NONE,   /* planned, closed, or not this target's: no folder */
    RSE_FOLDER_FULL,   /* active */
    RSE_FOLDER_FROZEN, /* suspended: as it is */
    RSE_FOLDER_FLUX,   /* closing: bootstrap and empty lists, so that Flux prunes the rest */
};
RSE_API enum rse_folder_wish rse_plan_wish(const struct rse_plan *plan, uint32_t cluster_index);

enum rse_part_kind { RSE_PART_BOOTSTRAP, RSE_PART_NAMESPACE, RSE_PART_APPLICATION };

struct rse_part {
    enum rse_part_kind kind;
    const struct rse_namespace *namespace_;    /* NAMESPACE, APPLICATION */
    const struct rse_application *application; /* APPLICATION */
    const struct rse_template_set *set;        /* APPLICATION, BOOTSTRAP: NULL when the catalogue has none */
    const struct rse_overlay *overlay;         /* APPLICATION: NULL for the base */
    struct rse_str version;                    /* of the release or overlay that applies; empty: the base */
    struct rse_str reason;                     /* the expression that selected the version; empty: none did */
    bool empty;                                /* NAMESPACE: an application brings it, no file is made */
    bool frozen;        /* its application is paused: what is there stays as it is, and nothing new comes */
    bool leftover;      /* nobody wishes for it on this cluster; it is here because it may have to stay */
    const void *detail; /* the plan's own */
};

/* The parts of a cluster: bootstrap, namespaces by name, applications by namespace and name; those of paused applications also
 * where nobody wishes for them. In the arena. None for RSE_FOLDER_NONE, bootstrap only for RSE_FOLDER_FLUX; for RSE_FOLDER_FROZEN those that it would have if it were active. */
RSE_API void rse_plan_parts(const struct rse_plan *plan, uint32_t cluster_index, struct rse_arena *arena,
                            struct rse_part **parts, size_t *count);

/* A part that is in nobody's plan any more, for whoever has to keep its files: it has paths and stands in the lists, but can't
 * be rendered. application empty: the namespace. Copies into the arena. */
RSE_API struct rse_part rse_part_leftover(struct rse_str namespace_, struct rse_str application,
                                          struct rse_str flux_name, struct rse_arena *arena);

/* Where a part lives, from the cluster's folder: a folder ("imdb/imdb", "flux-system") or, for a namespace, its file. */
RSE_API void rse_part_path(const struct rse_part *part, struct rse_buf *out);
/* The file of its Flux Kustomization, "flux-system/listeners/imdb.yaml"; nothing for other kinds. */
RSE_API void rse_part_listener_path(const struct rse_part *part, struct rse_buf *out);

/* A file of the plan, borrowed for the time of the call. */
struct rse_planned_file {
    struct rse_str path; /* from the cluster's folder; stays, at its address, as long as the plan */
    struct rse_str bytes;
    const struct rse_template_file *source; /* NULL: generated */
    bool constant;                          /* the bytes are those of the source, whose id is the blob's */
    bool shared; /* the bytes stay, at this address, as long as the plan: the same on every cluster */
    const struct rse_template *tpl; /* what it is rendered from, where spans are given: siblings have the same */
    const struct rse_spans *spans;  /* which of the bytes are literals of tpl */
};
/* Takes one file; false stops with err set. */
typedef bool rse_file_sink(void *arg, const struct rse_planned_file *file, struct rse_err *err);

/* Renders on one thread. It keeps its buffers, and what placeholders stand for on the cluster at hand, from file to file: go
 * through clusters one after the other. Borrows the plan; several may use one plan at once, each on its own thread, when
 * the fleet was warmed (rse_fleet_warm) before. */
struct rse_renderer;
RSE_API struct rse_renderer *rse_renderer_new(const struct rse_plan *plan);
RSE_API void rse_renderer_free(struct rse_renderer *renderer);

/* Renders one part on one cluster. On failure err names file, line, placeholder and cluster (as its object), and whatever the
 * sink got before is to be thrown away. An application's part includes its listener. */
RSE_API bool rse_renderer_part(struct rse_renderer *renderer, uint32_t cluster_index, const struct rse_part *part,
                               rse_file_sink *sink, void *arg, struct rse_err *err) RSE_MUST;

/* The files that list the others: both kustomization.yaml, and listeners/namespaces.yaml (not for RSE_FOLDER_FLUX, where
 * nothing is left). present[i] says whether part i has files in the folder (rendered now, or its last good ones kept). */
RSE_API bool rse_renderer_lists(struct rse_renderer *renderer, uint32_t cluster_index, const struct rse_part *parts,
                                const bool *present, size_t count, rse_file_sink *sink, void *arg,
                                struct rse_err *err) RSE_MUST;

/* The same, for one time. */
RSE_API bool rse_plan_render(const struct rse_plan *plan, uint32_t cluster_index, const struct rse_part *part,
                             rse_file_sink *sink, void *arg, struct rse_err *err) RSE_MUST;
RSE_API bool rse_plan_render_lists(const struct rse_plan *plan, uint32_t cluster_index, const struct rse_part *parts,
                                   const bool *present, size_t count, rse_file_sink *sink, void *arg,
                                   struct rse_err *err) RSE_MUST;

#ifdef __cplusplus
}
#endif

#endif
