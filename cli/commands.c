#include "cli/commands.h"

#define END_FLAGS           \
    {                       \
        0, NULL, NULL, NULL \
    }
#define WRITE_FLAGS                                                          \
    { 0, "dry-run", NULL, "say what would change, and change nothing" },     \
        { 'w', "wait", NULL, "return when the commit is made, and pushed" }, \
        { 0, "reason", "TEXT", "why, kept with the revision" },              \
        { 0, "urgent", NULL, "don't wait for the push interval" },           \
    {                                                                        \
        0, "confirm", "N", "the number of clusters that it may hit"          \
    }
#define ASK_FLAGS                     \
    WRITE_FLAGS,                      \
    {                                 \
        'y', "yes", NULL, "don't ask" \
    }

static const struct flag write_flags[] = { WRITE_FLAGS, END_FLAGS };
static const struct flag ask_flags[] = { ASK_FLAGS, END_FLAGS };

static const struct flag delete_flags[] = {
    { 0, "cascade", NULL, "with a namespace its applications, with a group those below it; clusters only leave it" },
    ASK_FLAGS,
    END_FLAGS,
};

static const struct flag apply_flags[] = {
    { 'f', "file", "FILE", "an inventory, JSON or YAML; a folder of them; - is standard input; may be given again" },
    { 0, "set", "NAME", "the set of objects that these files are all of" },
    { 0, "prune", NULL, "delete what the set had and the files no longer name" },
    WRITE_FLAGS,
    END_FLAGS,
};

static const struct flag create_flags[] = {
    { 'f', "file", "FILE", "its document, JSON or YAML; - is standard input" },
    WRITE_FLAGS,
    END_FLAGS,
};

static const struct flag get_flags[] = {
    { 0, "filter", "FILTER", "only those for which it holds: \"state eq 'active'\" (OData's $filter)" },
    { 0, "search", "WORD", "only those in which the word stands" },
    { 0, "sort-by", "FIELD", "by this field; FIELD:desc the other way" },
    END_FLAGS,
};

static const struct flag jobs_flags[] = {
    { 'w', "wait", NULL, "return when what follows is committed, and pushed" },
    { 0, "dry-run", NULL, "only say whether the job would take it" },
    { 0, "watch", NULL, "show the work as it happens, until interrupted" },
    { 0, "state", "STATE", "only jobs in this state" },
    { 0, "target", "TARGET", "only jobs of this target" },
    { 0, "reason", "TEXT", "why it is approved or discarded" },
    { 0, "sort-by", "FIELD", "by this member; FIELD:desc the other way" },
    END_FLAGS,
};

static const struct flag select_flags[] = {
    { 0, "count", NULL, "only the number" },
    { 0, "explain", NULL, "the number of clusters of each part, and of all together" },
    END_FLAGS,
};

static const struct flag token_flags[] = {
    { 0, "dry-run", NULL, "say what would change, and change nothing" },
    { 0, "role", "ROLE", "viewer, app-team, platform, admin or worker" },
    { 0, "expires", "SPAN", "how long it works: 12h, 30d" },
    { 0, "sort-by", "FIELD", "by this member; FIELD:desc the other way" },
    END_FLAGS,
};

static const struct flag login_flags[] = {
    { 0, "name", "NAME", "what to call the context; the server's host when absent" },
    END_FLAGS,
};

static const struct flag sort_flags[] = {
    { 0, "sort-by", "FIELD", "by this member; FIELD:desc the other way" },
    END_FLAGS,
};

static const struct flag audit_flags[] = {
    { 0, "actor", "NAME", "only what this token wrote" },
    { 0, "noun", "NOUN", "only of this noun" },
    { 0, "object", "ID", "only of the object with this id" },
    { 0, "revision", "N", "only of this revision" },
    { 0, "from", "TIME", "not before (RFC 3339)" },
    { 0, "to", "TIME", "before" },
    { 0, "sort-by", "FIELD", "by this member; FIELD:desc the other way" },
    END_FLAGS,
};

static const struct flag changes_flags[] = {
    { 0, "since", "REVISION",
      "after this revision, or a change of it (17.3); the last twenty when absent, fewer where not all are kept" },
    { 0, "follow", NULL, "go on showing them as they happen, until interrupted" },
    END_FLAGS,
};

static const struct flag diff_flags[] = {
    { 'f', "file", "FILE", "an inventory, JSON or YAML; a folder of them; - is standard input; may be given again" },
    { 0, "from", "COMMIT", "of a cluster: since this commit; the one before --to when absent" },
    { 0, "to", "COMMIT", "of a cluster: up to this commit; the newest when absent" },
    END_FLAGS,
};

static const struct flag new_flags[] = {
    { 'n', "namespace", "NAMESPACE", "the namespace that it runs in" },
    { 0, "image", "IMAGE", "the image of its container" },
    { 0, "from", "FOLDER", "the checkout with apps/; the current folder when absent" },
    WRITE_FLAGS,
    END_FLAGS,
};

static const struct flag overlay_flags[] = {
    { 0, "clusters", "EXPRESSION", "release the version to these clusters too" },
    { 0, "from", "FOLDER", "the checkout with apps/; the current folder when absent" },
    ASK_FLAGS,
    END_FLAGS,
};

static const struct flag pause_flags[] = {
    { 0, "dry-run", NULL, "say what would change, and change nothing" },
    { 0, "reason", "TEXT", "why, for whoever finds it so" },
    { 'w', "wait", NULL, "return when what follows is committed" },
    END_FLAGS,
};

static const struct flag adopt_flags[] = {
    { 'w', "wait", NULL, "return when what follows is committed, and pushed" },
    { 0, "dry-run", NULL, "show what would change, and adopt nothing" },
    { 0, "reason", "TEXT", "why" },
    { 'y', "yes", NULL, "don't show it, and don't ask" },
    END_FLAGS,
};

static const struct flag push_flags[] = {
    { 'w', "wait", NULL, "return when what follows is committed, and pushed" },
    { 0, "dry-run", NULL, "say what would change, and change nothing" },
    END_FLAGS,
};

static const struct flag accept_flags[] = {
    { 'w', "wait", NULL, "return when what follows is committed, and pushed" },
    { 0, "dry-run", NULL, "say what would change, and change nothing" },
    { 0, "deleted", NULL, "the branch was deleted, and is to be made anew" },
    END_FLAGS,
};

static const struct flag plan_flags[] = {
    { 0, "from", "FOLDER", "the checkout with apps/ and policies/" },
    { 0, "target", "TARGET",
      "only this target, where there are several; else those whose clusters have folders there" },
    { 0, "against", "FOLDER", "compare with what this checkout's templates make, not with clusters/ of the first" },
    END_FLAGS,
};

static const struct flag release_flags[] = {
    { 0, "clusters", "EXPRESSION", "which clusters" },
    { 0, "all", NULL, "promote: all clusters that have the application" },
    ASK_FLAGS,
    END_FLAGS,
};

static const struct flag render_flags[] = {
    { 0, "from", "FOLDER", "render a checkout's templates here, instead of showing what was committed" },
    END_FLAGS,
};

static const struct flag where_flags[] = {
    { 0, "clusters", NULL, "a line for each cluster" },
    { 0, "under", "GROUP", "count the groups right below this one" },
    { 0, "sort-by", "FIELD", "by this member; FIELD:desc the other way" },
    END_FLAGS,
};

#define NAMES_DETAILS                                                                                              \
    "A noun goes by its plural, its singular and short names (c, g, ns, app, p, t, key). A name may be an id; a\n" \
    "group is named by its path, an application by NAME or NAMESPACE/NAME."

const struct command commands[] = {
    { .name = "accept-history",
      .arguments = "TARGET COMMIT | TARGET --deleted",
      .help = "say that a target's branch was rewritten or deleted on purpose",
      .details = "COMMIT is where the branch is now, all 40 digits. The job that stood still for it runs again.",
      .flags = accept_flags,
      .words = { WORD_TARGET, WORD_ANY },
      .min_words = 1,
      .max_words = 2,
      .run = command_accept_history },
    { .name = "adopt",
      .arguments = "TARGET CLUSTER...",
      .help = "let Automation write folders of clusters that it did not make",
      .details = "What that changes is shown first, resource by resource.",
      .examples = "  resedge adopt edge store-0042 --dry-run",
      .flags = adopt_flags,
      .words = { WORD_TARGET, WORD_CLUSTER },
      .min_words = 2,
      .max_words = ARGS_MAX_WORDS,
      .run = command_adopt },
    { .name = "apply",
      .arguments = "-f FILE...",
      .help = "create or update what inventories describe, all or nothing",
      .details =
          "References are by name or path, in any order. Objects and fields that the files don't name stay as they\n"
          "are: nothing is deleted, unless --prune says so. `resedge explain NOUN` tells the fields.",
      .examples = "  resedge apply -f fleet.yaml --wait\n"
                  "  resedge apply -f fleet/ --set stores --prune --dry-run",
      .flags = apply_flags,
      .run = command_apply },
    { .name = "audit",
      .arguments = "",
      .help = "who wrote what, when and why",
      .flags = audit_flags,
      .run = command_audit },
    { .name = "changes",
      .arguments = "",
      .help = "show the changes of the fleet, also as they happen",
      .flags = changes_flags,
      .run = command_changes },
    { .name = "completion",
      .arguments = "bash|zsh|fish",
      .help = "print what a shell needs to complete commands and names",
      .details = "bash: source <(resedge completion bash), in ~/.bashrc\n"
                 "zsh:  source <(resedge completion zsh), in ~/.zshrc, after compinit\n"
                 "fish: resedge completion fish > ~/.config/fish/completions/resedge.fish",
      .words = { WORD_SHELL },
      .min_words = 1,
      .max_words = 1,
      .run = command_completion },
    { .name = "context",
      .arguments = "[list | use NAME | delete NAME]",
      .help = "the servers that one works with",
      .details =
          "`resedge login` makes a context: a server, and who one is there. They are kept in RESEDGE_CONFIG, or in\n"
          "~/.config/resedge/contexts.json, which nobody else may read. RESEDGE_URL and RESEDGE_TOKEN come before\n"
          "the current context, --context before both. A context's token is sent to its own server only.",
      .flags = sort_flags,
      .verbs = context_verbs,
      .words = { WORD_VERB, WORD_CONTEXT },
      .max_words = 2,
      .run = command_context },
    { .name = "create",
      .arguments = "NOUN NAME [FIELD=VALUE...]",
      .help = "create one object",
      .details =
          "Lists are separated by commas; metadata.KEY=VALUE sets a key. `resedge explain NOUN` tells the fields.",
      .examples = "  resedge create cluster tx-austin-0405 groups=/stores/south,/rings/broad metadata.size=small\n"
                  "  resedge create group /stores/central",
      .flags = create_flags,
      .words = { WORD_NOUN, WORD_ANY, WORD_FIELD },
      .min_words = 1,
      .max_words = ARGS_MAX_WORDS,
      .run = command_create },
    { .name = "delete",
      .alias = "rm",
      .arguments = "NOUN NAME...",
      .help = "delete objects, after showing what is hit",
      .details =
          "It asks first; --yes answers that. Where clusters lose what runs on them, --yes is not enough: --confirm N\n"
          "says how many may.",
      .flags = delete_flags,
      .words = { WORD_NOUN, WORD_NAME },
      .min_words = 2,
      .max_words = ARGS_MAX_WORDS,
      .run = command_delete },
    { .name = "describe",
      .arguments = "NOUN NAME",
      .help = "show all about one object, and what goes with it",
      .details = NAMES_DETAILS,
      .words = { WORD_NOUN, WORD_NAME },
      .min_words = 2,
      .max_words = 2,
      .run = command_describe },
    { .name = "diff",
      .arguments = "-f FILE... | CLUSTER",
      .help = "show what inventories would change, or what changed on a cluster",
      .details = "The exit status is 1 when something differs.",
      .examples = "  resedge diff -f fleet/\n"
                  "  resedge diff me-portland-0101 --from 4ecd979cf081",
      .flags = diff_flags,
      .words = { WORD_CLUSTER },
      .max_words = 1,
      .run = command_diff },
    { .name = "doctor",
      .arguments = "",
      .help = "look at every part, and say what to do",
      .details = "The exit status is 1 when something needs to be looked at.",
      .run = command_doctor },
    { .name = "edit",
      .arguments = "NOUN NAME",
      .help = "change an object in an editor, as YAML",
      .details =
          "VISUAL or EDITOR is opened. What is wrong is said in the file, which is opened again; what somebody else\n"
          "changed meanwhile is shown and not overwritten unawares.",
      .flags = write_flags,
      .words = { WORD_NOUN, WORD_NAME },
      .min_words = 2,
      .max_words = 2,
      .run = command_edit },
    { .name = "explain",
      .arguments = "NOUN",
      .help = "the fields of a noun, as an inventory and the REST API have them",
      .words = { WORD_NOUN },
      .min_words = 1,
      .max_words = 1,
      .run = command_explain },
    { .name = "export",
      .arguments = "[NOUN]",
      .help = "print the fleet, or a noun of it, as an inventory",
      .words = { WORD_NOUN },
      .max_words = 1,
      .run = command_export },
    { .name = "get",
      .arguments = "NOUN [NAME...]",
      .help = "show objects: clusters, groups, namespaces, applications, policies, targets, metadataKeys",
      .details = NAMES_DETAILS,
      .examples = "  resedge get clusters --filter \"state eq 'planned'\" -o wide\n"
                  "  resedge get cluster me-portland-0101 -o yaml\n"
                  "  resedge get clusters -o jsonpath='{range .value[*]}{.name}{\" \"}{.store}{\"\\n\"}{end}'",
      .flags = get_flags,
      .words = { WORD_NOUN, WORD_NAME },
      .min_words = 1,
      .max_words = ARGS_MAX_WORDS,
      .run = command_get },
    { .name = "jobs",
      .alias = "job",
      .arguments = "[show|retry|cancel|approve|discard ID]",
      .help = "show the work of Automation, or act on a job",
      .details = "approve lets go out what a guard held back; discard gives it up. Both want --reason.",
      .flags = jobs_flags,
      .verbs = jobs_verbs,
      .words = { WORD_VERB, WORD_JOB },
      .max_words = 2,
      .run = command_jobs },
    { .name = "label",
      .arguments = "NOUN NAME KEY=VALUE... KEY-...",
      .help = "set metadata of an object, or take it away",
      .flags = write_flags,
      .words = { WORD_NOUN, WORD_NAME, WORD_ANY },
      .min_words = 3,
      .max_words = ARGS_MAX_WORDS,
      .run = command_label },
    { .name = "login",
      .arguments = "URL",
      .help = "keep a server and a token as a context, and use it from now on",
      .details =
          "Asks for the token without showing it, or reads it from --token-file; --token-file - is standard input.",
      .flags = login_flags,
      .max_words = 1,
      .run = command_login },
    { .name = "logout",
      .arguments = "[CONTEXT]",
      .help = "forget the token and the server of a context, the current one when none is named",
      .details = "The token itself goes on working: `resedge token revoke` ends it.",
      .words = { WORD_CONTEXT },
      .max_words = 1,
      .run = command_logout },
    { .name = "manual",
      .arguments = "FOLDER",
      .help = "write the manual pages into a folder",
      .min_words = 1,
      .max_words = 1,
      .run = command_manual,
      .hidden = true },
    { .name = "move",
      .arguments = "NOUN NAME TO",
      .help = "move a group below another, an application to another namespace, a cluster to another target",
      .details = "Expressions that name a group go on meaning it. `/` is the place above all groups.",
      .flags = ask_flags,
      .words = { WORD_NOUN, WORD_NAME, WORD_ANY },
      .min_words = 3,
      .max_words = 3,
      .run = command_move },
    { .name = "new",
      .arguments = "app NAME --namespace NAMESPACE",
      .help = "write the templates of a new application into a checkout, and register it",
      .flags = new_flags,
      .words = { WORD_ANY },
      .min_words = 2,
      .max_words = 2,
      .run = command_new },
    { .name = "overlay",
      .arguments = "create APP VERSION",
      .help = "write the overlay of a version into a checkout",
      .flags = overlay_flags,
      .words = { WORD_ANY, WORD_APPLICATION, WORD_ANY },
      .min_words = 3,
      .max_words = 3,
      .run = command_overlay },
    { .name = "pause",
      .arguments = "TARGET|APP --reason TEXT",
      .help = "leave a target or an application as it is, until it is resumed",
      .flags = pause_flags,
      .words = { WORD_PAUSABLE },
      .min_words = 1,
      .max_words = 1,
      .run = command_pause },
    { .name = "plan",
      .arguments = "--from FOLDER",
      .help = "show what a checkout's templates would change on the whole fleet",
      .details = "Renders every cluster here, with the server's fleet, and tells each distinct difference once. The "
                 "exit status is\n"
                 "1 when something differs or fails: what a pull request's check runs.",
      .examples = "  resedge plan --from . --against ../main",
      .flags = plan_flags,
      .run = command_plan },
    { .name = "push",
      .arguments = "TARGET",
      .help = "push what waits for a target's interval or its next try, now",
      .flags = push_flags,
      .words = { WORD_TARGET },
      .min_words = 1,
      .max_words = 1,
      .run = command_push },
    { .name = "release",
      .arguments = "APP VERSION --clusters EXPRESSION | list APP | promote APP VERSION | rollback APP [VERSION]",
      .help = "say which version of an application goes to which clusters",
      .details =
          "Shows first which clusters change, and how. promote adds clusters to a version (--clusters, or --all);\n"
          "rollback takes the release of a version away, the highest when none is given.",
      .examples = "  resedge release till-gateway 2.2.0 --clusters /g/rings/canary\n"
                  "  resedge release promote till-gateway 2.2.0 --clusters /g/rings/early --wait",
      .flags = release_flags,
      .verbs = release_verbs,
      .words = { WORD_APPLICATION, WORD_APPLICATION, WORD_ANY },
      .min_words = 1,
      .max_words = 3,
      .run = command_release },
    { .name = "rename",
      .arguments = "NOUN NAME NEW-NAME",
      .help = "give an object another name",
      .details = "Everything that names it changes with it. For Flux an application or namespace with another name is "
                 "another\n"
                 "one: where it runs, it is deleted and made anew.",
      .flags = ask_flags,
      .words = { WORD_NOUN, WORD_NAME, WORD_ANY },
      .min_words = 3,
      .max_words = 3,
      .run = command_rename },
    { .name = "render",
      .arguments = "CLUSTER [APP]",
      .help = "print the manifests of a cluster",
      .flags = render_flags,
      .words = { WORD_CLUSTER, WORD_APPLICATION },
      .min_words = 1,
      .max_words = 2,
      .run = command_render },
    { .name = "resume",
      .arguments = "TARGET|APP",
      .help = "let Automation go on with what was paused",
      .flags = pause_flags,
      .words = { WORD_PAUSABLE },
      .min_words = 1,
      .max_words = 1,
      .run = command_resume },
    { .name = "select",
      .arguments = "EXPRESSION",
      .help = "list the clusters that an expression selects",
      .examples = "  resedge select '/g/rings/canary and not /t/kiosk' --explain",
      .flags = select_flags,
      .words = { WORD_EXPRESSION },
      .min_words = 1,
      .max_words = 1,
      .run = command_select },
    { .name = "set",
      .arguments = "expression NAMESPACE EXPRESSION | NOUN NAME FIELD=VALUE...",
      .help = "say which clusters have a namespace, or set fields of any object",
      .details =
          "Of an expression it shows first which clusters gain and lose the namespace. `none` takes it away "
          "everywhere.\n"
          "FIELD= alone takes a field's value away. Closing a cluster on which something runs needs --confirm 1.",
      .examples = "  resedge set expression pricing '/g/rings/canary or /g/rings/early' --wait\n"
                  "  resedge set cluster me-portland-0101 timeZone=America/New_York metadata.size=small",
      .flags = ask_flags,
      .words = { WORD_NOUN, WORD_NAME, WORD_FIELD },
      .min_words = 3,
      .max_words = ARGS_MAX_WORDS,
      .run = command_set },
    { .name = "status",
      .arguments = "",
      .help = "show the fleet in numbers, and what each target still has to do",
      .run = command_status },
    { .name = "tag",
      .arguments = "NOUN NAME TAG... TAG-...",
      .help = "put tags on an object, or take them away",
      .flags = write_flags,
      .words = { WORD_NOUN, WORD_NAME, WORD_ANY },
      .min_words = 3,
      .max_words = ARGS_MAX_WORDS,
      .run = command_tag },
    { .name = "target",
      .arguments = "format TARGET [FORMAT]",
      .help = "show what another format of what is generated would change, and move a target to it",
      .details = "A release that renders differently changes nothing until its targets are moved. Without FORMAT the "
                 "difference\n"
                 "to the newest is shown, each distinct one once; with it the target is moved, after being asked.",
      .examples = "  resedge target format edge\n"
                  "  resedge target format edge 2 --wait",
      .flags = ask_flags,
      .verbs = target_verbs,
      .words = { WORD_VERB, WORD_TARGET, WORD_ANY },
      .min_words = 2,
      .max_words = 3,
      .run = command_target },
    { .name = "token",
      .arguments = "create NAME --role ROLE | list | revoke ID",
      .help = "manage the tokens that let people and programs in",
      .flags = token_flags,
      .verbs = token_verbs,
      .words = { WORD_VERB, WORD_ANY },
      .min_words = 1,
      .max_words = 2,
      .run = command_token },
    { .name = "values",
      .arguments = "CLUSTER",
      .help = "the metadata that templates see on a cluster, and where it is from",
      .flags = sort_flags,
      .words = { WORD_CLUSTER },
      .min_words = 1,
      .max_words = 1,
      .run = command_values },
    { .name = "version",
      .arguments = "",
      .help = "the versions of this program and of the server",
      .run = command_version },
    { .name = "what",
      .arguments = "CLUSTER",
      .help = "what runs on a cluster, in which version, and why",
      .flags = sort_flags,
      .words = { WORD_CLUSTER },
      .min_words = 1,
      .max_words = 1,
      .run = command_what },
    { .name = "where",
      .arguments = "APP",
      .help = "where an application runs: how many clusters, by version and group",
      .flags = where_flags,
      .words = { WORD_APPLICATION },
      .min_words = 1,
      .max_words = 1,
      .run = command_where },
    { .name = NULL },
};
