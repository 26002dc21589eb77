/*
 * table.c - the nouns and their fields: what a field is called, where it lies, what fits in it, who may set it.
 */
#include <assert.h>

#include "resedge/model.h"
#include "resedge/plan.h"

enum {
    NAME_MAX_BYTES = 128,
    SHORT_MAX_BYTES = 128,
    URL_MAX_BYTES = 1024,
    PATH_MAX_BYTES = 512,
    TEXT_MAX_BYTES = 4096,
    EXPRESSION_MAX_BYTES = 64 * 1024,
    REGEX_MAX_BYTES = 256,
    LIST_MAX_ITEMS = 100,
    GROUPS_MAX_ITEMS = 200,
};

/* A field is a few lines here, not one line a member. */
/* clang-format off */

#define IN_OBJECT(member) offsetof(struct rse_object, member)

#define ID_FIELD(more)                                                                                                 \
    {                                                                                                                  \
        .name = "id", .type = RSE_FIELD_ID, .flags = RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT | RSE_FIELD_WIDE | (more), \
        .offset = IN_OBJECT(id), .help = "Number of the object, given by the server and never reused"                  \
    }
#define NAME_FIELD(fmt, more, text)                                                                                \
    {                                                                                                              \
        .name = "name", .type = RSE_FIELD_STRING, .format = (fmt),                                                 \
        .flags = RSE_FIELD_REQUIRED | RSE_FIELD_COLUMN | (more), .offset = IN_OBJECT(name), .max = NAME_MAX_BYTES, \
        .help = (text)                                                                                             \
    }
/* description, environment, tags, metadata; flags of the first two. */
#define COMMON_FIELDS(more)                                                                                 \
    { .name = "description", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_WIDE | (more),                      \
      .offset = IN_OBJECT(description), .max = TEXT_MAX_BYTES, .help = "What it is, for people" },          \
    { .name = "environment", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_VISIBLE,                        \
      .flags = RSE_FIELD_WIDE | (more), .offset = IN_OBJECT(environment), .max = SHORT_MAX_BYTES,           \
      .help = "Such as Dev, Test, Prod" },                                                                  \
    { .name = "tags", .type = RSE_FIELD_STRINGS, .format = RSE_FORMAT_TAG, .flags = RSE_FIELD_WIDE,         \
      .offset = IN_OBJECT(tags), .max = LIST_MAX_ITEMS, .help = "Words to find it by" },                    \
    { .name = "metadata", .type = RSE_FIELD_METADATA, .offset = IN_OBJECT(metadata), .max = LIST_MAX_ITEMS, \
      .help = "Pairs of key and value" }

#define SERVER_TEXT(json, t, member, more, text)                                                  \
    {                                                                                             \
        .name = (json), .type = (t), .flags = RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT | (more),    \
        .offset = IN_OBJECT(member), .help = (text)                                               \
    }
#define SERVER_FIELDS                                                                                              \
    { .name = "version", .type = RSE_FIELD_INT,                                                                    \
      .flags = RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT | RSE_FIELD_EACH_WRITE, .offset = IN_OBJECT(version),        \
      .max = INT64_MAX, .help = "Counts the writes to this object" },                                              \
    SERVER_TEXT("createdAt", RSE_FIELD_TIME, created_at, 0, "When it was made"),                                   \
    SERVER_TEXT("updatedAt", RSE_FIELD_TIME, updated_at, RSE_FIELD_EACH_WRITE, "When it was last written"),        \
    SERVER_TEXT("createdBy", RSE_FIELD_STRING, created_by, 0, "Who made it"),                                      \
    SERVER_TEXT("updatedBy", RSE_FIELD_STRING, updated_by, RSE_FIELD_EACH_WRITE, "Who wrote it last"),             \
    { .name = NULL }

static const char *const FOLDER_PATTERNS[] = { "sharded", "flat", NULL };
static const char *const CLUSTER_STATES[] = { "planned", "active", "suspended", "closing", "closed", NULL };
static const char *const KEY_TYPES[] = { "string", "integer", "boolean", "enum", "pattern", NULL };

#define AT(member) offsetof(struct rse_target, member)
static const struct rse_field TARGET_FIELDS[] = {
    ID_FIELD(0),
    NAME_FIELD(RSE_FORMAT_LABEL, 0, "Name of the target"),
    COMMON_FIELDS(0),
    { .name = "url", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_URL, .flags = RSE_FIELD_REQUIRED | RSE_FIELD_COLUMN,
      .offset = AT(url), .max = URL_MAX_BYTES, .help = "GitOps repository: https, ssh, or the path of a bare one" },
    { .name = "branch", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_BRANCH, .flags = RSE_FIELD_COLUMN,
      .offset = AT(branch), .max = SHORT_MAX_BYTES, .help = "Branch that Automation writes" },
    { .name = "templateUrl", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_URL, .offset = AT(template_url),
      .max = URL_MAX_BYTES, .help = "Repository of the templates; the same one when absent" },
    { .name = "templateBranch", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_BRANCH, .offset = AT(template_branch),
      .max = SHORT_MAX_BYTES, .help = "Branch of the templates; the same one when absent" },
    { .name = "templatePath", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_PATH, .offset = AT(template_path),
      .max = PATH_MAX_BYTES, .help = "Folder above apps/ and policies/; the root when absent" },
    { .name = "templateCredential", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_CREDENTIAL,
      .offset = AT(template_credential), .max = SHORT_MAX_BYTES,
      .help = "Name of a credential of the worker for templateUrl; absent: the target's, on the same host" },
    { .name = "folderPattern", .type = RSE_FIELD_ENUM, .flags = RSE_FIELD_COLUMN, .offset = AT(folder_pattern),
      .names = FOLDER_PATTERNS, .help = "clusters/<2 hex>/<cluster> or clusters/<cluster>; fixed once used" },
    { .name = "fluxSource", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_LABEL, .flags = RSE_FIELD_WIDE,
      .offset = AT(flux_source), .max = 63, .help = "Name of the Flux GitRepository on the stores" },
    { .name = "credential", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_CREDENTIAL, .flags = RSE_FIELD_WIDE,
      .offset = AT(credential), .max = SHORT_MAX_BYTES, .help = "Name of a credential of the worker" },
    { .name = "pushIntervalSeconds", .type = RSE_FIELD_INT, .offset = AT(push_interval_seconds), .min = 0, .max = 86400,
      .help = "Least time between pushes to a remote" },
    { .name = "guard", .type = RSE_FIELD_GUARD, .offset = AT(guard), .max = 100,
      .help = "What one change may do before it is held: percent of clusters, number of files" },
    { .name = "platformOwners", .type = RSE_FIELD_STRINGS, .format = RSE_FORMAT_VISIBLE,
      .flags = RSE_FIELD_WIDE, .offset = AT(platform_owners), .max = LIST_MAX_ITEMS,
      .help = "Owners whose applications are not kept to their namespace; absent: all" },
    { .name = "format", .type = RSE_FIELD_INT, .offset = AT(format), .min = 0, .max = RSE_PLAN_FORMAT,
      .help = "Format of what is generated; stays as it is until someone raises it" },
    { .name = "paused", .type = RSE_FIELD_BOOL, .flags = RSE_FIELD_COLUMN, .offset = AT(paused),
      .help = "Whether Automation leaves it alone" },
    { .name = "pausedReason", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_WIDE, .offset = AT(paused_reason),
      .max = TEXT_MAX_BYTES, .help = "Why it is paused" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_target TARGET_DEFAULTS = {
    .object = { .noun = RSE_TARGET },
    .branch = RSE_STR_INIT("main"),
    .folder_pattern = RSE_FOLDER_SHARDED,
    .flux_source = RSE_STR_INIT("gitops"),
    .push_interval_seconds = 10,
    .guard = { .clusters_losing = 1, .clusters_changed = 10 },
};

#define AT(member) offsetof(struct rse_metadata_key, member)
static const struct rse_field METADATA_KEY_FIELDS[] = {
    ID_FIELD(0),
    NAME_FIELD(RSE_FORMAT_KEY, 0, "The key itself"),
    COMMON_FIELDS(0),
    { .name = "type", .type = RSE_FIELD_ENUM, .flags = RSE_FIELD_COLUMN, .offset = AT(type), .names = KEY_TYPES,
      .help = "What its values are" },
    { .name = "values", .type = RSE_FIELD_STRINGS, .flags = RSE_FIELD_COLUMN | RSE_FIELD_ORDERED, .offset = AT(values),
      .max = GROUPS_MAX_ITEMS, .help = "The values of an enum" },
    { .name = "pattern", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_REGEX, .flags = RSE_FIELD_WIDE,
      .offset = AT(pattern), .max = REGEX_MAX_BYTES, .help = "POSIX extended regular expression of the whole value" },
    { .name = "required", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_EXPRESSION | RSE_FIELD_WIDE,
      .offset = AT(required), .max = EXPRESSION_MAX_BYTES, .help = "Expression: the clusters that must have it" },
    { .name = "default", .type = RSE_FIELD_STRING, .flags = RSE_FIELD_COLUMN, .offset = AT(default_value),
      .max = TEXT_MAX_BYTES, .help = "Value of a cluster that has none" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_metadata_key METADATA_KEY_DEFAULTS = {
    .object = { .noun = RSE_METADATA_KEY },
    .type = RSE_KEY_STRING,
};

#define AT(member) offsetof(struct rse_group, member)
static const struct rse_field GROUP_FIELDS[] = {
    ID_FIELD(0),
    NAME_FIELD(RSE_FORMAT_GROUP_NAME, 0, "Last part of the group's path"),
    COMMON_FIELDS(0),
    { .name = "parent", .id_name = "parentId", .type = RSE_FIELD_REF, .offset = AT(parent), .noun = RSE_GROUP,
      .help = "Path of the group above; none for a root group" },
    { .name = "namePath", .type = RSE_FIELD_STRING, .flags = RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT | RSE_FIELD_COLUMN,
      .offset = AT(name_path), .help = "Path, such as /stores/central" },
    { .name = "expression", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_EXPRESSION | RSE_FIELD_COLUMN,
      .offset = AT(expression), .max = EXPRESSION_MAX_BYTES, .help = "Clusters that it has besides its members" },
    { .name = "priority", .type = RSE_FIELD_OPT_INT, .flags = RSE_FIELD_WIDE, .offset = AT(priority),
      .flag_offset = AT(has_priority), .min = -1000000, .max = 1000000,
      .help = "Where hierarchies meet, the value of the group with the highest wins" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_group GROUP_DEFAULTS = { .object = { .noun = RSE_GROUP } };

#define AT(member) offsetof(struct rse_policy, member)
static const struct rse_field POLICY_FIELDS[] = {
    ID_FIELD(0),
    NAME_FIELD(RSE_FORMAT_LABEL, 0, "Name of the policy"),
    COMMON_FIELDS(0),
    { .name = "path", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_PATH,
      .flags = RSE_FIELD_REQUIRED | RSE_FIELD_COLUMN, .offset = AT(path), .max = PATH_MAX_BYTES,
      .help = "Folder of its manifests, such as policies/no-ingress" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_policy POLICY_DEFAULTS = { .object = { .noun = RSE_POLICY } };

#define AT(member) offsetof(struct rse_namespace, member)
static const struct rse_field NAMESPACE_FIELDS[] = {
    ID_FIELD(RSE_FIELD_TEMPLATE),
    NAME_FIELD(RSE_FORMAT_LABEL, RSE_FIELD_TEMPLATE, "Name of the namespace"),
    COMMON_FIELDS(RSE_FIELD_TEMPLATE),
    { .name = "expression", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_EXPRESSION | RSE_FIELD_COLUMN,
      .offset = AT(expression), .max = EXPRESSION_MAX_BYTES, .help = "Which clusters it is on; none when absent" },
    { .name = "allowed", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_EXPRESSION | RSE_FIELD_WIDE, .offset = AT(allowed),
      .max = EXPRESSION_MAX_BYTES, .help = "Expression that bounds it, set by the platform team" },
    { .name = "businessUnit", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_VISIBLE,
      .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_COLUMN, .offset = AT(business_unit), .max = SHORT_MAX_BYTES,
      .help = "Whose it is" },
    { .name = "owners", .type = RSE_FIELD_STRINGS, .format = RSE_FORMAT_VISIBLE,
      .flags = RSE_FIELD_WIDE, .offset = AT(owners), .max = LIST_MAX_ITEMS,
      .help = "Who looks after it" },
    { .name = "capacity", .type = RSE_FIELD_CAPACITY, .flags = RSE_FIELD_WIDE, .offset = AT(capacity),
      .help = "Memory in MiB and cpu in cores that it may use on a cluster" },
    { .name = "enforceCapacity", .type = RSE_FIELD_BOOL, .flags = RSE_FIELD_WIDE, .offset = AT(enforce_capacity),
      .help = "Whether a ResourceQuota and a LimitRange hold it to its capacity" },
    { .name = "policies", .id_name = "policyIds", .type = RSE_FIELD_REFS, .flags = RSE_FIELD_WIDE,
      .offset = AT(policies), .noun = RSE_POLICY, .max = LIST_MAX_ITEMS, .help = "Policies that come with it" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_namespace NAMESPACE_DEFAULTS = { .object = { .noun = RSE_NAMESPACE } };

#define AT(member) offsetof(struct rse_application, member)
static const struct rse_field APPLICATION_FIELDS[] = {
    ID_FIELD(RSE_FIELD_TEMPLATE),
    NAME_FIELD(RSE_FORMAT_LABEL, RSE_FIELD_TEMPLATE, "Name of the application, unique within its namespace"),
    COMMON_FIELDS(RSE_FIELD_TEMPLATE),
    { .name = "namespace", .id_name = "namespaceId", .type = RSE_FIELD_REF, .flags = RSE_FIELD_COLUMN,
      .offset = AT(namespace_), .noun = RSE_NAMESPACE, .help = "Namespace that it runs in" },
    { .name = "releases", .type = RSE_FIELD_RELEASES, .flags = RSE_FIELD_WIDE, .offset = AT(releases),
      .max = LIST_MAX_ITEMS, .help = "Which version goes to which clusters" },
    { .name = "repoUrl", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_URL,
      .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_WIDE, .offset = AT(repo_url), .max = URL_MAX_BYTES,
      .help = "Where its source is kept" },
    { .name = "path", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_PATH,
      .flags = RSE_FIELD_REQUIRED | RSE_FIELD_TEMPLATE | RSE_FIELD_COLUMN, .offset = AT(path), .max = PATH_MAX_BYTES,
      .help = "Folder of its templates, such as apps/imdb" },
    { .name = "pat", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_CREDENTIAL, .offset = AT(pat),
      .max = SHORT_MAX_BYTES, .help = "Name of a credential" },
    { .name = "businessUnit", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_VISIBLE,
      .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_COLUMN, .offset = AT(business_unit), .max = SHORT_MAX_BYTES,
      .help = "Whose it is" },
    { .name = "owner", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_VISIBLE,
      .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_COLUMN, .offset = AT(owner), .max = SHORT_MAX_BYTES,
      .help = "Who looks after it" },
    { .name = "capacity", .type = RSE_FIELD_CAPACITY, .flags = RSE_FIELD_WIDE, .offset = AT(capacity),
      .help = "Memory in MiB and cpu in cores that it uses on a cluster" },
    { .name = "paused", .type = RSE_FIELD_BOOL, .flags = RSE_FIELD_WIDE, .offset = AT(paused),
      .help = "Whether its files stay as they are, on every cluster" },
    { .name = "pausedReason", .type = RSE_FIELD_TEXT, .flags = RSE_FIELD_WIDE, .offset = AT(paused_reason),
      .max = TEXT_MAX_BYTES, .help = "Why it is paused" },
    { .name = "fluxName", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_LABEL,
      .flags = RSE_FIELD_FIXED | RSE_FIELD_OR_NAME | RSE_FIELD_WIDE, .offset = AT(flux_name), .max = NAME_MAX_BYTES,
      .help = "Name of its Flux Kustomization, fixed for its life; where it is not said, one that is free" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_application APPLICATION_DEFAULTS = { .object = { .noun = RSE_APPLICATION } };

#define AT(member) offsetof(struct rse_cluster, member)
static const struct rse_field CLUSTER_FIELDS[] = {
    ID_FIELD(RSE_FIELD_TEMPLATE),
    NAME_FIELD(RSE_FORMAT_LABEL, RSE_FIELD_TEMPLATE | RSE_FIELD_FIXED, "Name of the cluster, fixed for its life"),
    COMMON_FIELDS(RSE_FIELD_TEMPLATE),
    { .name = "state", .type = RSE_FIELD_ENUM, .flags = RSE_FIELD_COLUMN, .offset = AT(state), .names = CLUSTER_STATES,
      .help = "Where it is in its life" },
    { .name = "store", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_VISIBLE,
      .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_OR_NAME | RSE_FIELD_COLUMN, .offset = AT(store), .max = SHORT_MAX_BYTES,
      .help = "The store that it belongs to; the cluster's own name when absent" },
    { .name = "target", .id_name = "targetId", .type = RSE_FIELD_REF, .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_COLUMN,
      .offset = AT(target), .noun = RSE_TARGET, .help = "Repository and branch that it is written to" },
    { .name = "timeZone", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_TIME_ZONE,
      .flags = RSE_FIELD_TEMPLATE | RSE_FIELD_WIDE, .offset = AT(time_zone), .max = 64,
      .help = "IANA name, such as America/Chicago" },
    { .name = "groups", .id_name = "groupIds", .type = RSE_FIELD_REFS, .flags = RSE_FIELD_COLUMN, .offset = AT(groups),
      .noun = RSE_GROUP, .max = GROUPS_MAX_ITEMS, .help = "Groups that it is a member of, by path" },
    { .name = "capacity", .type = RSE_FIELD_CAPACITY, .flags = RSE_FIELD_WIDE, .offset = AT(capacity),
      .help = "Memory in MiB and cpu in cores that it has" },
    { .name = "location", .type = RSE_FIELD_LOCATION, .flags = RSE_FIELD_WIDE, .offset = AT(location),
      .help = "Latitude and longitude in degrees" },
    { .name = "gitOpsRepo", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_URL,
      .flags = RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT | RSE_FIELD_LOOKUP | RSE_FIELD_TEMPLATE,
      .offset = AT(git_ops_repo), .max = URL_MAX_BYTES, .help = "Repository of its target" },
    { .name = "gitOpsBranch", .type = RSE_FIELD_STRING, .format = RSE_FORMAT_BRANCH,
      .flags = RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT | RSE_FIELD_LOOKUP | RSE_FIELD_TEMPLATE,
      .offset = AT(git_ops_branch), .max = SHORT_MAX_BYTES, .help = "Branch of its target" },
    SERVER_FIELDS,
};
#undef AT

static const struct rse_cluster CLUSTER_DEFAULTS = {
    .object = { .noun = RSE_CLUSTER },
    .state = RSE_CLUSTER_ACTIVE,
};

/* clang-format on */

#define SHORT_NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct rse_noun_info NOUNS[RSE_NOUN_COUNT] = {
    [RSE_TARGET] = { RSE_TARGET, "target", "targets", SHORT_NAMES("t"), sizeof(struct rse_target), TARGET_FIELDS,
                     &TARGET_DEFAULTS.object },
    [RSE_METADATA_KEY] = { RSE_METADATA_KEY, "metadataKey", "metadataKeys", SHORT_NAMES("mk", "key", "keys"),
                           sizeof(struct rse_metadata_key), METADATA_KEY_FIELDS, &METADATA_KEY_DEFAULTS.object },
    [RSE_GROUP] = { RSE_GROUP, "group", "groups", SHORT_NAMES("g"), sizeof(struct rse_group), GROUP_FIELDS,
                    &GROUP_DEFAULTS.object },
    [RSE_POLICY] = { RSE_POLICY, "policy", "policies", SHORT_NAMES("p", "pol"), sizeof(struct rse_policy),
                     POLICY_FIELDS, &POLICY_DEFAULTS.object },
    [RSE_NAMESPACE] = { RSE_NAMESPACE, "namespace", "namespaces", SHORT_NAMES("n", "ns"), sizeof(struct rse_namespace),
                        NAMESPACE_FIELDS, &NAMESPACE_DEFAULTS.object },
    [RSE_APPLICATION] = { RSE_APPLICATION, "application", "applications", SHORT_NAMES("a", "app", "apps"),
                          sizeof(struct rse_application), APPLICATION_FIELDS, &APPLICATION_DEFAULTS.object },
    [RSE_CLUSTER] = { RSE_CLUSTER, "cluster", "clusters", SHORT_NAMES("c", "cl"), sizeof(struct rse_cluster),
                      CLUSTER_FIELDS, &CLUSTER_DEFAULTS.object },
};

const struct rse_noun_info *rse_noun_info(enum rse_noun noun)
{
    assert((unsigned)noun < RSE_NOUN_COUNT);
    return &NOUNS[noun];
}

const struct rse_noun_info *rse_noun_find(struct rse_str name)
{
    for (size_t i = 0; i < RSE_NOUN_COUNT; i++) {
        const struct rse_noun_info *info = &NOUNS[i];

        if (rse_str_is(name, info->name) || rse_str_is(name, info->plural))
            return info;
        for (const char *const *s = info->short_names; *s != NULL; s++) {
            if (rse_str_is(name, *s))
                return info;
        }
    }
    return NULL;
}

const struct rse_field *rse_noun_field(enum rse_noun noun, struct rse_str name)
{
    for (const struct rse_field *f = rse_noun_info(noun)->fields; f->name != NULL; f++) {
        if (rse_str_is(name, f->name))
            return f;
    }
    return NULL;
}

struct rse_object *rse_object_new(enum rse_noun noun, struct rse_arena *arena)
{
    const struct rse_noun_info *info = rse_noun_info(noun);

    return rse_arena_memdup(arena, info->defaults, info->size);
}
