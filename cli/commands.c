#include "commands.h"

static const struct flag apply_flags[] = {
    { 'f', "file", "FILE", "the inventory, JSON or YAML; - is standard input" },
    { 0, "dry-run", NULL, "say what would change, and change nothing" },
    { 'w', "wait", NULL, "return when the commit is made" },
    { 0, NULL, NULL, NULL },
};

static const struct flag set_flags[] = {
    { 'y', "yes", NULL, "don't ask" },
    { 0, "dry-run", NULL, "say what would change, and change nothing" },
    { 'w', "wait", NULL, "return when the commit is made" },
    { 0, NULL, NULL, NULL },
};

static const struct flag jobs_flags[] = {
    { 0, "watch", NULL, "show the work as it happens, until interrupted" },
    { 0, "state", "STATE", "only jobs in this state" },
    { 0, NULL, NULL, NULL },
};

static const struct flag select_flags[] = {
    { 0, "count", NULL, "only the number" },
    { 0, "explain", NULL, "the number of clusters of each part, and of all together" },
    { 0, NULL, NULL, NULL },
};

static const struct flag token_flags[] = {
    { 0, "role", "ROLE", "viewer, app-team, platform, admin or worker" },
    { 0, "expires", "SPAN", "how long it works: 12h, 30d" },
    { 0, "business-units", "NAMES", "whose namespaces and applications an app-team may change, separated by commas" },
    { 0, "owners", "NAMES", "the same by owner" },
    { 0, NULL, NULL, NULL },
};

const struct command commands[] = {
    { "apply", NULL, "-f FILE", "create or update what an inventory describes, all or nothing",
      "References are by name or path, in any order. Objects and fields that the file doesn't name stay as they\n"
      "are: nothing is deleted. `resedge explain NOUN` tells the fields.",
      apply_flags, 0, 0, command_apply },
    { "explain", NULL, "NOUN", "the fields of a noun, as an inventory and the REST API have them", NULL, NULL, 1, 1,
      command_explain },
    { "get", NULL, "NOUN [NAME...]",
      "show objects: clusters, groups, namespaces, applications, policies, targets, metadataKeys",
      "A name may be an id; a group is named by its path, an application by NAME or NAMESPACE/NAME.", NULL, 1,
      ARGS_MAX_WORDS, command_get },
    { "jobs", "job", "[show|retry|cancel ID]", "show the work of Automation, or act on a job", NULL, jobs_flags, 0, 2,
      command_jobs },
    { "select", NULL, "EXPRESSION", "list the clusters that an expression selects", NULL, select_flags, 1, 1,
      command_select },
    { "set", NULL, "expression NAMESPACE EXPRESSION", "say which clusters have a namespace",
      "Shows first which clusters gain and lose it. `none` takes it away everywhere.", set_flags, 3, 3, command_set },
    { "status", NULL, "", "show what each target wants and has, and its last job", NULL, NULL, 0, 0, command_status },
    { "token", NULL, "create NAME | list | revoke ID", "manage the tokens that let people and programs in", NULL,
      token_flags, 1, 2, command_token },
    { "version", NULL, "", "the versions of this program and of the server", NULL, NULL, 0, 0, command_version },
    { "what", NULL, "CLUSTER", "what runs on a cluster, in which version, and why", NULL, NULL, 1, 1, command_what },
    { .name = NULL },
};
