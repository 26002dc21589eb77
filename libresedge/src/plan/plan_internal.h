/*
 * plan_internal.h - a plan from the inside: everything that doesn't depend on the cluster, made once.
 */
#ifndef RESEDGE_PLAN_INTERNAL_H
#define RESEDGE_PLAN_INTERNAL_H

#include "resedge/plan.h"
#include "libresedge/src/plan/template_set.h"

#define MAX_RENDERED_FILE (16U << 20)
#define MAX_FOLDER        512
#define FLUX_NAMESPACE    "flux-system"
#define LISTENERS         "flux-system/listeners"
#define MANAGED_BY        "app.kubernetes.io/managed-by: res-edge"

/* Where the value of a key comes from. */
struct key_origin {
    const struct rse_field *field; /* NULL: metadata, or computed */
    enum { ORIGIN_METADATA, ORIGIN_FIELD, ORIGIN_FOLDER, ORIGIN_REPO, ORIGIN_BRANCH } kind;
    struct rse_str name;
};

/* A file of a part. */
struct piece {
    struct rse_str path; /* from the cluster's folder */
    const struct rse_template_file *file;
    const struct source *source;
    bool shared;          /* the same on every cluster: */
    struct rse_str bytes; /* these */
};
struct pieces {
    struct piece *at;
    size_t count;
};

struct plan_namespace {
    const struct rse_namespace *namespace_;
    struct rse_bitmap clusters;
    size_t first, napplications; /* in the plan's applications */
    bool has_paused;             /* one of them is paused */
    struct rse_str path;         /* "namespaces/imdb.yaml" */
    struct rse_str head, tail;   /* the Namespace; quota and limits, or empty */
    struct pieces policies;
    bool shared;
    struct rse_str bytes; /* where shared: the whole file */
    struct rse_err err;
};

struct plan_application;

/* What an application is on some of its clusters: one version, or the base. */
struct choice {
    const struct plan_application *entry;
    struct rse_str version, reason;
    const struct rse_overlay *overlay;
    const struct variant *variant;
    struct rse_bitmap clusters; /* those that it selects; unused for the base, which takes the rest */
    struct pieces pieces;
    struct rse_template *listener;
    const struct plan_application **needs; /* applications that flux.yaml depends on */
    size_t nneeds;
    bool brings_namespace;
    struct rse_err err;
};

struct plan_application {
    const struct rse_application *application;
    const struct plan_namespace *namespace_;
    const struct template_set *set; /* NULL: none, see err */
    bool tenant;                    /* is kept to its namespace: see tenancy.c */
    struct rse_str flux_name;
    struct rse_str listener_path; /* "flux-system/listeners/imdb.yaml" */
    struct choice *choices;       /* the highest version first; the last is the base */
    size_t nchoices;
    struct rse_err err; /* whatever the version */
};

struct rse_plan {
    const struct rse_fleet *fleet;
    const struct rse_catalogue *catalogue;
    const struct rse_target *target;
    int64_t format; /* of what is generated, see RSE_PLAN_FORMAT */
    struct rse_arena *arena;
    struct rse_bitmap clusters; /* the target's */
    struct key_origin *origins[RSE_SCOPE_COUNT];
    struct plan_namespace *namespaces; /* by name */
    size_t nnamespaces;
    struct plan_application *applications; /* by namespace and name */
    size_t napplications;
    const struct template_set *bootstrap;
    struct pieces bootstrap_pieces;
    struct rse_err bootstrap_err;
    struct rse_template *namespaces_listener;
};

/* ---- values.c: what placeholders are replaced by ---- */

/* A value that was looked up; good while its stamp is the scope's. */
struct known_value {
    uint32_t stamp;
    bool exists;
    struct rse_str text;
};

struct plan_values {
    struct rse_values values;                   /* for the template engine */
    struct known_value *known[RSE_SCOPE_COUNT]; /* by key; NULL: values are not kept */
    uint32_t stamps[RSE_SCOPE_COUNT];
    const struct rse_plan *plan;
    uint32_t cluster_index; /* UINT32_MAX: no cluster, only what is the same on all of them */
    const struct rse_cluster *cluster;
    const struct rse_namespace *namespace_;
    const struct rse_application *application;
    struct rse_arena *texts[RSE_SCOPE_COUNT]; /* texts of values that were made; what is NULL is made when needed */
};

void plan_origins_init(struct rse_plan *plan);
void plan_values_init(struct plan_values *values, const struct rse_plan *plan, uint32_t cluster_index,
                      const struct rse_namespace *namespace_, const struct rse_application *application);
void plan_values_release(struct plan_values *values);

/* ---- pieces.c ---- */

/* The files of a variant below a folder of the cluster's, those without cluster placeholders rendered. */
bool pieces_make(struct rse_plan *plan, const struct template_set *set, const struct variant *variant,
                 struct rse_str folder, const struct rse_namespace *namespace_,
                 const struct rse_application *application, struct pieces *out, struct rse_err *err) RSE_MUST;

/* Where the files of a part go while it is rendered on a cluster. */
struct rendering {
    struct plan_values values;
    struct rse_buf buf;
    struct rse_spans spans;
    rse_file_sink *sink;
    void *arg;
    struct rse_err *err;
};

bool rendering_add_pieces(struct rendering *rendering, const struct pieces *pieces) RSE_MUST;
bool rendering_add_template(struct rendering *rendering, struct rse_str path, const struct rse_template_file *source,
                            const struct rse_template *tpl) RSE_MUST;
bool rendering_add_text(struct rendering *rendering, struct rse_str path, struct rse_str text, bool shared) RSE_MUST;

/* ---- the kinds of parts ---- */

void plan_bootstrap_init(struct rse_plan *plan);
void plan_namespaces_init(struct rse_plan *plan);
void plan_applications_init(struct rse_plan *plan);
void plan_application_release(struct plan_application *application);

bool plan_render_namespace(struct rendering *rendering, const struct plan_namespace *entry) RSE_MUST;
bool plan_render_application(struct rendering *rendering, const struct plan_application *entry,
                             const struct choice *choice) RSE_MUST;
/* lists.c */
bool plan_render_lists(struct rendering *rendering, const struct rse_part *parts, const bool *present,
                       size_t count) RSE_MUST;

/* choice.c */
void plan_choices_init(struct rse_plan *plan, struct plan_application *entry);
/* The one that applies on a cluster. */
const struct choice *plan_choice_on(const struct plan_application *entry, uint32_t cluster_index);

/* Whether an application brings the namespace on this cluster. */
bool plan_namespace_is_brought(const struct rse_plan *plan, const struct plan_namespace *entry, uint32_t cluster_index);

/* listener.c: the generated Flux Kustomizations */
bool listener_make(struct rse_plan *plan, const struct plan_application *entry, struct choice *choice,
                   struct rse_err *err) RSE_MUST;
bool listener_make_namespaces(struct rse_plan *plan, struct rse_err *err) RSE_MUST;

/* tenancy.c */
bool plan_is_tenant(const struct rse_plan *plan, const struct rse_application *application);
/* Whether a namespace has tenants' applications, and so a service account that they run under. */
bool plan_has_tenants(const struct rse_plan *plan, const struct rse_namespace *namespace_);
/* That account and its rights, as documents. */
void plan_add_account(struct rse_buf *out, const struct rse_namespace *namespace_);
/* Whether what a tenant's application applies stays within its namespace. */
bool plan_check_tenant(const struct plan_application *entry, const struct variant *variant,
                       struct rse_err *err) RSE_MUST;

/* dependencies.c */
const struct plan_application *plan_find_dependency(const struct rse_plan *plan, const struct plan_application *of,
                                                    struct rse_str name, struct rse_err *err);
void plan_refuse_cycles(struct rse_plan *plan);
/* Whether what the choice depends on is on the cluster too. */
bool plan_check_dependencies(const struct plan_application *entry, const struct choice *choice, uint32_t cluster_index,
                             struct rse_err *err) RSE_MUST;

#endif
