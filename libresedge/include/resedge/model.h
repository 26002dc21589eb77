/*
 * model.h - the nouns of Res-Edge as C structs, and the one table that says which fields each noun has.
 *
 * JSON reading and writing, comparison, copying, the names of template placeholders and the columns of the CLI all
 * come from the table, so that a field has one home. Every noun's struct begins with struct rse_object. Strings are
 * borrowed from whatever arena (or clone) the object lives in; an absent string is empty with p == NULL, a present
 * but empty one has p != NULL.
 *
 * References are kept by id and shown by name: JSON has both, `target` (the name) and `targetId`; either may be
 * written, and where both are, they must agree. A group is shown by its path ("/stores/central"), everything else
 * by its name.
 */
#ifndef RESEDGE_MODEL_H
#define RESEDGE_MODEL_H

#include "arena.h"
#include "base.h"
#include "buf.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cJSON;

enum rse_noun {
    RSE_TARGET,
    RSE_METADATA_KEY,
    RSE_GROUP,
    RSE_POLICY,
    RSE_NAMESPACE,
    RSE_APPLICATION,
    RSE_CLUSTER,
    RSE_NOUN_COUNT
};

struct rse_strs {
    struct rse_str *at;
    size_t count;
};

/* Metadata: sorted by key, keys distinct. A value is text; JSON numbers and booleans are kept as they were written. */
struct rse_pair {
    struct rse_str key, value;
};
struct rse_pairs {
    struct rse_pair *at;
    size_t count;
};

/* id 0: not resolved yet (only the name was given), or no reference at all (name empty too). */
struct rse_ref {
    int64_t id;
    struct rse_str name;
};
struct rse_refs {
    struct rse_ref *at;
    size_t count;
    const uint32_t *places; /* where each was in the list that was written, from 0; NULL: here */
};

/* Memory in MiB, cpu in cores; 0: not set. */
struct rse_capacity {
    int64_t memory_limit;
    double cpu_limit;
};

struct rse_location {
    bool set;
    double latitude, longitude; /* degrees, WGS 84 */
};

struct rse_release {
    struct rse_str version;    /* SemVer */
    struct rse_str expression; /* which clusters */
    uint32_t place;            /* in the list that was written, from 0 */
};
struct rse_releases {
    struct rse_release *at;
    size_t count;
};

/* What one change may do to a target's clusters before Automation holds it for a person: see "What is held" in
 * docs/operation.md. */
struct rse_guard {
    double clusters_losing;  /* percent of them that lose an application or a namespace; default 1 */
    double clusters_changed; /* percent of them whose folder changes at all; default 10 */
    int64_t files;           /* files added, changed and removed; default 0: any number */
};

struct rse_object {
    enum rse_noun noun;
    /* What rse_object_render() writes was seen to be what etag is of; a clone has to be looked at anew. */
    bool etag_holds;
    bool unchecked; /* a text was let through, see RSE_PARSE_SCAN */
    int64_t id;     /* 0: not stored yet */
    struct rse_str name, description, environment;
    struct rse_strs tags; /* sorted, distinct */
    struct rse_pairs metadata;
    /* Set by the server. */
    int64_t version; /* counts the writes to this object */
    struct rse_str created_at, updated_at, created_by, updated_by;
    uint64_t
        etag; /* of its document, for whoever stores documents; 0: not known. No field: nothing reads or writes it here. */
};

enum rse_folder_pattern { RSE_FOLDER_SHARDED, RSE_FOLDER_FLAT }; /* clusters/<2 hex>/<cluster> or clusters/<cluster> */

struct rse_target {
    struct rse_object object;
    struct rse_str url;             /* of the GitOps repository: https, ssh, or an absolute path of a bare one */
    struct rse_str branch;          /* default "main" */
    struct rse_str template_url;    /* absent: the same repository */
    struct rse_str template_branch; /* absent: the same branch */
    struct rse_str template_path;   /* folder above apps/ and policies/; absent: the root */
    /* For template_url; absent: `credential` where the host is the same, else none. */
    struct rse_str template_credential;
    enum rse_folder_pattern folder_pattern;
    struct rse_str flux_source;    /* name of the Flux GitRepository on the stores; default "gitops" */
    struct rse_str credential;     /* name of a credential of the worker; never a secret */
    int64_t push_interval_seconds; /* least time between pushes to a remote; default 10 */
    struct rse_guard guard;
    struct rse_strs platform_owners; /* whose applications may do everything on a cluster; empty: all may */
    int64_t format;                  /* of what is generated, see RSE_PLAN_FORMAT; 0: not said yet, which is 1 */
    bool paused;
    struct rse_str paused_reason;
};

enum rse_cluster_state {
    RSE_CLUSTER_PLANNED,
    RSE_CLUSTER_ACTIVE, /* the default */
    RSE_CLUSTER_SUSPENDED,
    RSE_CLUSTER_CLOSING,
    RSE_CLUSTER_CLOSED,
};

struct rse_cluster {
    struct rse_object object;
    enum rse_cluster_state state;
    struct rse_str store; /* absent: the cluster's own name */
    struct rse_ref target;
    struct rse_str time_zone; /* IANA */
    struct rse_refs groups;   /* direct memberships, sorted by path */
    struct rse_capacity capacity;
    struct rse_location location;
    struct rse_str git_ops_repo, git_ops_branch; /* read: the target's url and branch. Written: find that target. */
};

struct rse_group {
    struct rse_object object;
    struct rse_ref parent;     /* id 0: a root group */
    struct rse_str name_path;  /* derived: "/stores/central/tx" */
    struct rse_str expression; /* absent: none */
    bool has_priority;
    int64_t priority;
};

struct rse_namespace {
    struct rse_object object;
    struct rse_str expression; /* absent: selects nothing */
    struct rse_str allowed;    /* absent: no bound */
    struct rse_str business_unit;
    struct rse_strs owners;
    struct rse_capacity capacity;
    bool enforce_capacity;
    struct rse_refs policies;
};

struct rse_application {
    struct rse_object object;
    struct rse_ref namespace_;    /* id 0: none yet */
    struct rse_releases releases; /* sorted by version, the highest first */
    struct rse_str repo_url;
    struct rse_str path; /* of its templates, "apps/imdb" */
    struct rse_str pat;  /* name of a credential */
    struct rse_str business_unit, owner;
    struct rse_capacity capacity;
    bool paused; /* its files stay as they are, on every cluster */
    struct rse_str paused_reason;
    struct rse_str flux_name; /* the name of its Flux Kustomization, for its life */
};

struct rse_policy {
    struct rse_object object;
    struct rse_str path;
};

enum rse_key_type { RSE_KEY_STRING, RSE_KEY_INTEGER, RSE_KEY_BOOLEAN, RSE_KEY_ENUM, RSE_KEY_PATTERN };

/* A declared metadata key; its object's name is the key. */
struct rse_metadata_key {
    struct rse_object object;
    enum rse_key_type type;
    struct rse_strs values;  /* of an enum */
    struct rse_str pattern;  /* of a pattern: POSIX extended, matched against the whole value */
    struct rse_str required; /* expression: the clusters that must have it */
    struct rse_str default_value;
};

/* ---- the table ---- */

enum rse_field_type {
    RSE_FIELD_ID,       /* int64_t, server-set */
    RSE_FIELD_STRING,   /* struct rse_str */
    RSE_FIELD_TEXT,     /* struct rse_str, may be long and hold line breaks */
    RSE_FIELD_TIME,     /* struct rse_str, RFC 3339 */
    RSE_FIELD_INT,      /* int64_t */
    RSE_FIELD_OPT_INT,  /* int64_t, null allowed; the bool is at flag_offset */
    RSE_FIELD_BOOL,     /* bool */
    RSE_FIELD_ENUM,     /* int (a C enum); names[] */
    RSE_FIELD_STRINGS,  /* struct rse_strs, JSON array: a set, sorted, unless RSE_FIELD_ORDERED */
    RSE_FIELD_METADATA, /* struct rse_pairs, JSON array of {key, value}; a JSON object is accepted too */
    RSE_FIELD_REF,      /* struct rse_ref: `name` and `nameId` */
    RSE_FIELD_REFS,     /* struct rse_refs: `groups` and `groupIds` */
    RSE_FIELD_CAPACITY, /* {memoryLimit, cpuLimit} */
    RSE_FIELD_LOCATION, /* {latitude, longitude} */
    RSE_FIELD_RELEASES, /* [{version, expression}] */
    RSE_FIELD_GUARD,    /* {clustersLosing, clustersChanged, files} */
};

enum {
    RSE_FIELD_REQUIRED = 1 << 0,
    RSE_FIELD_SERVER = 1 << 1,      /* set by the server: a write can't change it */
    RSE_FIELD_TEMPLATE = 1 << 2,    /* rea.<noun>.<name> works, and so no metadata key may have this name */
    RSE_FIELD_EXPRESSION = 1 << 3,  /* a cluster expression */
    RSE_FIELD_FIXED = 1 << 4,       /* can't change once stored */
    RSE_FIELD_NO_EXPORT = 1 << 5,   /* not part of an inventory: derived or set by the server */
    RSE_FIELD_WIDE = 1 << 6,        /* a column of `-o wide` only */
    RSE_FIELD_COLUMN = 1 << 7,      /* a column of the default table */
    RSE_FIELD_LOOKUP = 1 << 8,      /* server-set, but kept by a write too: there it stands for finding a reference */
    RSE_FIELD_OR_NAME = 1 << 9,     /* where it is absent, its text is the object's name */
    RSE_FIELD_ORDERED = 1 << 10,    /* STRINGS: the order is the writer's */
    RSE_FIELD_EACH_WRITE = 1 << 11, /* server-set by each write: what a body says of it may be old */
};

/* What the text of a STRING (or each of STRINGS) must look like; checked in a write. */
enum rse_field_format {
    RSE_FORMAT_ANY,
    RSE_FORMAT_VISIBLE, /* a word that is compared: no invisible characters; may be empty */
    RSE_FORMAT_LABEL,   /* RFC 1123 label */
    RSE_FORMAT_GROUP_NAME,
    RSE_FORMAT_KEY, /* metadata key */
    RSE_FORMAT_TAG,
    RSE_FORMAT_PATH, /* inside a repository; a leading '/' is taken off */
    RSE_FORMAT_URL,  /* of a repository, without a password or a query */
    RSE_FORMAT_BRANCH,
    RSE_FORMAT_TIME_ZONE,  /* IANA */
    RSE_FORMAT_CREDENTIAL, /* its name, an RFC 1123 subdomain; what looks like the secret is refused */
    RSE_FORMAT_REGEX,      /* POSIX extended */
};

struct rse_field {
    const char *name;    /* JSON name; REF and REFS: the name form */
    const char *id_name; /* REF, REFS: the id form ("targetId", "groupIds"); else NULL */
    enum rse_field_type type;
    enum rse_field_format format;
    unsigned flags;
    size_t offset;
    size_t flag_offset;       /* OPT_INT */
    const char *const *names; /* ENUM: ends with NULL */
    enum rse_noun noun;       /* REF, REFS: of what */
    int64_t min, max;         /* INT: bounds; STRING, TEXT: most bytes (max), STRINGS etc.: most items */
    const char *help;
};

struct rse_noun_info {
    enum rse_noun noun;
    const char *name;               /* "cluster", "metadataKey" */
    const char *plural;             /* "clusters", "metadataKeys": the path under /api/v1 and the key in an inventory */
    const char *const *short_names; /* for the CLI: "c", "ns"; ends with NULL */
    size_t size;                    /* of its struct */
    const struct rse_field *fields; /* ends with .name = NULL; in the order of the JSON */
    const struct rse_object *defaults; /* one with nothing set but the defaults */
};

RSE_API const struct rse_noun_info *rse_noun_info(enum rse_noun noun);
/* By name, plural or short name. NULL when there is none. */
RSE_API const struct rse_noun_info *rse_noun_find(struct rse_str name);
RSE_API const struct rse_field *rse_noun_field(enum rse_noun noun, struct rse_str name);

/* ---- objects ---- */

/* A new object with its defaults set, in the arena. */
RSE_API struct rse_object *rse_object_new(enum rse_noun noun, struct rse_arena *arena);

/* One malloc with everything in it: free() ends it. */
RSE_API struct rse_object *rse_object_clone(const struct rse_object *object);
RSE_API size_t rse_object_clone_size(const struct rse_object *object);

/* Whether two objects of a noun agree in one field. */
RSE_API bool rse_object_field_eq(const struct rse_field *field, const struct rse_object *a, const struct rse_object *b);
/* Whether they agree in every field that a person can write. */
RSE_API bool rse_object_spec_eq(const struct rse_object *a, const struct rse_object *b);

enum rse_parse_mode {
    RSE_PARSE_WRITE, /* a body: unknown fields refused, server-set fields ignored, each value checked on its own */
    RSE_PARSE_PART, /* the same, but it says only what it sets: all may be missing but the name; see rse_object_faults() */
    RSE_PARSE_SCAN, /* the same; texts that no write takes anew are let through, because the object may have them already: then it is
                     * `unchecked`, until rse_object_parse_over() */
    RSE_PARSE_DOC, /* a document of the Data Service: server-set fields read, unknown fields ignored (a newer server) */
};

/* Reads one object. What can be checked without the fleet is: names, sizes, enum values, keys, paths, time zone,
 * versions (not expressions and not references, which need the fleet). Absent fields have their defaults. Strings
 * live in the arena. Errors name the field; unknown fields come with "did you mean". A body with such faults gives the object all the
 * same, as far as it could be read: for looking on. */
RSE_API bool rse_object_parse(struct rse_object **out, enum rse_noun noun, const struct cJSON *json,
                              enum rse_parse_mode mode, struct rse_arena *arena, struct rse_err *err) RSE_MUST;
/* The same (RSE_PARSE_WRITE or _PART) for what is to take the place of a stored object: texts that it has already are not checked again.
 * What the server set (its id, its path, who made it and when) may be there, but in RSE_PARSE_WRITE may not be another; version,
 * updatedAt and updatedBy, which each write sets, may be old. */
RSE_API bool rse_object_parse_over(struct rse_object **out, const struct rse_object *stored, const struct cJSON *json,
                                   enum rse_parse_mode mode, struct rse_arena *arena, struct rse_err *err) RSE_MUST;
/* Reads the document of one object (RSE_PARSE_DOC) from its text. All lives in the arena, also what is left over: for many
 * documents, reset it after each. */
RSE_API bool rse_object_read(struct rse_object **out, enum rse_noun noun, struct rse_str text, struct rse_arena *arena,
                             struct rse_err *err) RSE_MUST;
/* Adds what is required and not there, and what of the fields doesn't fit each other: what RSE_PARSE_PART leaves to whoever fills
 * in the rest. */
RSE_API void rse_object_faults(const struct rse_object *object, struct rse_faults *faults);

enum {
    RSE_RENDER_SPEC =
        1 << 0, /* an inventory entry: what a person would write; no ids, nothing server-set, no defaults */
    RSE_RENDER_PRETTY = 1 << 1,
};

/* Appends the object as JSON, members in the order of the table. */
RSE_API void rse_object_render(const struct rse_object *object, unsigned flags, struct rse_buf *out);

/* A field as text, as templates, tables and CSV show it: "" and false when it is absent or null. Lists are joined by
 * ','. */
RSE_API bool rse_object_field_text(const struct rse_object *object, const struct rse_field *field, struct rse_buf *out);

/* The value of a metadata key, or false. */
RSE_API bool rse_object_metadata(const struct rse_object *object, struct rse_str key, struct rse_str *out);
RSE_API bool rse_object_has_tag(const struct rse_object *object, struct rse_str tag);

/* Whether both URLs (checked ones) are of one repository: https, ssh and user@host:path of one host and path are; so are spellings of the
 * host, of its usual port, of "//", "." and ".." in the path, of a slash or ".git" at its end (the latter not of a folder). */
RSE_API bool rse_repository_same(struct rse_str a, struct rse_str b);

/* Whether a value is what the declared key allows. */
RSE_API bool rse_metadata_key_fits(const struct rse_metadata_key *key, struct rse_str value,
                                   struct rse_err *err) RSE_MUST;

/* Sorts references by their name form (those without one by id, first) and drops doubles: after names were filled in.
 * */
RSE_API void rse_refs_sort(struct rse_refs *refs);

/* Applies a JSON Merge Patch (RFC 7396) to a document and returns the new document, to be freed with cJSON_Delete().
 * A patch of `metadata` given as an object merges by key; given as an array replaces. Writing the name form of a
 * reference drops the id form of the document, and the other way round. A cluster's gitOpsRepo and gitOpsBranch stay
 * only where the patch writes one of them, and no target, and then the document's target goes: they stand for finding another. */
RSE_API struct cJSON *rse_object_merge_patch(enum rse_noun noun, const struct cJSON *document,
                                             const struct cJSON *patch);

/* Whether all that a patch takes away (null) is known and can be absent: not what the server sets, nor a target's format. Errors name
 * each field. */
RSE_API bool rse_object_check_patch(enum rse_noun noun, const struct cJSON *document, const struct cJSON *patch,
                                    struct rse_arena *arena, struct rse_err *err) RSE_MUST;

/* ---- an inventory: many objects in one file ---- */

struct rse_inventory {
    struct rse_object **at; /* nouns in the order of enum rse_noun, groups in the order given */
    size_t count;
};

/* An object with the members targets, clusters, groups, namespaces, applications, policies, metadataKeys, each an
 * array. References are names or paths, in any order. Refused with the place: a duplicate name, an unknown member. An
 * object may be a part (RSE_PARSE_PART): what is there already need not be said again. */
RSE_API bool rse_inventory_parse(struct rse_inventory *out, const struct cJSON *json, struct rse_arena *arena,
                                 struct rse_err *err) RSE_MUST;
/* The same of JSON that is too big to be kept as a tree: all of it is checked, and where each object stands is told, to be read
 * one by one with rse_json_parse() and rse_object_parse() while the text is there. That goes for what has faults too: places are to be
 * released either way. mode: RSE_PARSE_PART or _SCAN. */
struct rse_inventory_places {
    struct rse_inventory_list {
        struct rse_str *at;
        size_t count, cap;
        bool listed; /* the inventory has the list, if empty */
    } of[RSE_NOUN_COUNT];
};
RSE_API bool rse_inventory_scan(struct rse_inventory_places *out, struct rse_str text, enum rse_parse_mode mode,
                                struct rse_arena *arena, struct rse_err *err) RSE_MUST;
RSE_API void rse_inventory_places_release(struct rse_inventory_places *places);
/* From a file's bytes: JSON, or YAML (chosen by what it looks like). path is for errors. */
RSE_API bool rse_inventory_read(struct rse_inventory *out, struct rse_str path, struct rse_str text,
                                struct rse_arena *arena, struct rse_err *err) RSE_MUST;

/* Reads bytes from outside as RFC 8259 has it, nothing more: valid UTF-8, depth at most 32, no NUL escapes, duplicate
 * members refused. A number that is no plain integer of up to 15 digits keeps its text in cJSON's valuestring. On
 * success *out is to be freed with cJSON_Delete(). Errors carry line, column and position. */
RSE_API bool rse_json_parse(struct cJSON **out, struct rse_str text, struct rse_err *err) RSE_MUST;
/* The same into an arena, which is several times as fast. The tree is only for reading: it ends with the arena, never with
 * cJSON_Delete(). */
RSE_API bool rse_json_parse_in(const struct cJSON **out, struct rse_str text, struct rse_arena *arena,
                               struct rse_err *err) RSE_MUST;

/* Appends a JSON string, quotes included. */
RSE_API void rse_json_add_string(struct rse_buf *out, struct rse_str text);
/* The shortest decimal that reads back as the same double; integers without a fraction. */
RSE_API void rse_json_add_double(struct rse_buf *out, double number);
/* A tree without spaces, its numbers as they were written: rse_json_parse() reads the same from it. For trees that it made, or that
 * have numbers without text. */
RSE_API void rse_json_add(struct rse_buf *out, const struct cJSON *json);
/* A JSON text, which has to be one, without the white space between its tokens (RFC 8259, section 2); numbers and strings stay as
 * they are written. */
RSE_API void rse_json_add_compact(struct rse_buf *out, struct rse_str text);

#ifdef __cplusplus
}
#endif

#endif
