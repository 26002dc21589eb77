/*
 * cli.h - what every command gets: the words of the command line, a client, a place to print to.
 */
#ifndef CLI_H
#define CLI_H

#include <cjson/cJSON.h>
#include <resedge/resedge.h>
#include <stdio.h>

#include "cli/args.h"

enum format { FORMAT_TABLE, FORMAT_WIDE, FORMAT_JSON, FORMAT_YAML, FORMAT_NAME, FORMAT_CSV, FORMAT_JSONPATH };

struct cli {
    struct args args;
    struct rse_arena *arena;
    struct rse_client *client; /* made at the first cli_client(), */
    bool has_token;            /* and whether it shows one */
    enum format format;
    const char *jsonpath;   /* the template of -o jsonpath=, or NULL */
    bool terminal;          /* stderr is one: progress may be shown there */
    bool color;             /* stdout is one, and nobody minds */
    bool pages;             /* stdout is one, and what is long may go through a pager */
    int columns;            /* of the terminal that stdout is; 0: it is none, and nothing is cut */
    const char *expression; /* what was given, for an error that points into it; or NULL */
    int64_t timeout_ms;     /* of a request; 0: as usual. No more than one try then. */
    int status;             /* exit status of a command that did what it should: 1 where something differs */
};

/* What a word of a command line may be, so that a shell can complete it. */
enum word_kind {
    WORD_AS_BEFORE, /* whatever the one in front of it is */
    WORD_ANY,
    WORD_VERB, /* one of the command's verbs */
    WORD_COMMAND,
    WORD_NOUN,
    WORD_NAME, /* of the noun in front of it */
    WORD_CLUSTER,
    WORD_GROUP,
    WORD_NAMESPACE,
    WORD_APPLICATION,
    WORD_TARGET,
    WORD_PAUSABLE, /* a target or an application */
    WORD_FIELD,    /* FIELD= of the noun two words in front */
    WORD_JOB,
    WORD_CONTEXT,
    WORD_SHELL,
    WORD_EXPRESSION,
};

enum { COMMAND_WORDS = 4 };

/* A command: one row in the table, one function in commands/. It prints to stdout, or fills err and fails. */
struct command {
    const char *name;                    /* "get"; NULL ends the table */
    const char *alias;                   /* or NULL */
    const char *arguments;               /* "NOUN [NAME...]" */
    const char *help;                    /* one sentence, no full stop */
    const char *details;                 /* more lines for --help and the manual, or NULL */
    const char *examples;                /* lines, each a whole command; or NULL */
    const struct flag *flags;            /* its own, besides the global ones; or NULL */
    const char *const *verbs;            /* what its first word may be, ends with NULL; or NULL */
    enum word_kind words[COMMAND_WORDS]; /* the last one given stands for all that follow */
    int min_words, max_words;            /* how many words it takes */
    bool (*run)(struct cli *cli, struct rse_err *err);
    bool hidden; /* for other programs, not for people */
};

extern const struct command commands[];
extern const struct flag global_flags[];

/* By name or alias, NULL when there is none. */
const struct command *find_command(const char *word);

/* ---- the connection ---- */

/* The client, from --url and RESEDGE_URL, RESEDGE_TOKEN, --token-file and RESEDGE_TOKEN_FILE, else from a context. */
bool cli_client(struct cli *cli, struct rse_err *err) RSE_MUST;
/* Whether there is anything to connect to. */
bool cli_has_server(struct cli *cli);

/* A request with JSON, answered with an object or with nothing (NULL); *out belongs to the arena. */
bool cli_request(struct cli *cli, const char *method, const char *path, const cJSON *body, cJSON **out,
                 struct rse_err *err) RSE_MUST;
/* GETs a list: *out has the array "value". */
bool cli_get_list(struct cli *cli, const char *path, cJSON **out, struct rse_err *err) RSE_MUST;
/* All pages of it, as one list. The path has no query yet. */
bool cli_get_pages(struct cli *cli, const char *path, cJSON **out, struct rse_err *err) RSE_MUST;
/* How many there are, on whatever page. */
int cli_list_count(const cJSON *list);
/* The same for a request with a content type or an ETag, and for an answer of which more than the JSON matters. */
struct reply {
    cJSON *json;
    char etag[80];
    int64_t revision; /* of the fleet that it reflects; -1: not said */
    int64_t date;     /* when it was made by the server's clock, in seconds since 1970; -1: not said */
};
bool cli_send(struct cli *cli, const struct rse_request *request, struct reply *reply, struct rse_err *err) RSE_MUST;
/* Without reading it as JSON; the text belongs to the arena. */
bool cli_get_text(struct cli *cli, const char *path, const char *accept, struct rse_str *out,
                  struct rse_err *err) RSE_MUST;
/* An empty object that belongs to the arena. */
cJSON *cli_new_object(struct cli *cli);
/* An object of somebody else's that shall belong to the arena. */
cJSON *cli_own(struct cli *cli, cJSON *json);
/* For what is done again and again: memory between the two is freed at the end. Make the client before. */
struct rse_arena *cli_begin_round(struct cli *cli);
void cli_end_round(struct cli *cli, struct rse_arena *outer);

/* ---- nouns ---- */

/* "/api/v1/clusters/name:store-1": digits alone are an id. What follows ("/clusters") is put behind. */
char *cli_object_path(struct cli *cli, const struct rse_noun_info *noun, const char *name, const char *behind);
/* The noun of a word, or an error with a near one. */
bool cli_noun(const char *word, const struct rse_noun_info **out, struct rse_err *err) RSE_MUST;
/* GETs the object that words name. */
bool cli_get_object(struct cli *cli, const struct rse_noun_info *noun, const char *name, struct reply *out,
                    struct rse_err *err) RSE_MUST;
/* The noun and the object that the first two words name. */
bool cli_find_object(struct cli *cli, const struct rse_noun_info **noun, struct reply *out,
                     struct rse_err *err) RSE_MUST;
/* What names a document on a command line: a group's path, an application within its namespace. In the arena. */
const char *cli_name_of(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document);
/* Whether a verb is one of the command's; else an error with a near one. */
bool cli_verb(const char *verb, const char *const *known, struct rse_err *err) RSE_MUST;

/* ---- expressions ---- */

/* What the server makes of an expression, within a namespace where one is given; at most `limit` names. */
bool cli_evaluate(struct cli *cli, const char *expression, const char *namespace_, int64_t limit, cJSON **out,
                  struct rse_err *err) RSE_MUST;

/* ---- people and files ---- */

/* A whole file, or standard input for "-". Bounded at 64 MiB. The bytes live in the arena. */
bool cli_read_file(struct cli *cli, const char *path, struct rse_str *out, struct rse_err *err) RSE_MUST;
/* JSON, or YAML by what it looks like, as an object of the arena. Errors name the file and the line. */
bool cli_parse_file(struct cli *cli, const char *path, struct rse_str text, cJSON **out, struct rse_err *err) RSE_MUST;
bool looks_like_json(struct rse_str text);

/* Asks on the terminal; without one, or with --yes, says what that means. */
bool cli_confirm(struct cli *cli, const char *question, struct rse_err *err) RSE_MUST;
/* A secret from the terminal, not shown. Belongs to the arena. */
bool cli_ask_secret(struct cli *cli, const char *question, const char **out, struct rse_err *err) RSE_MUST;
/* A token: the first line of a file, of standard input for "-". */
bool cli_read_token(struct cli *cli, const char *file, const char **out, struct rse_err *err) RSE_MUST;

/* ---- writes ---- */

/* One write, with what --dry-run, --confirm, --urgent and --reason add to it. */
struct write {
    const char *method, *path;
    const cJSON *body;        /* or NULL */
    struct rse_str text;      /* the body where it is text already */
    const char *content_type; /* NULL: JSON */
    const char *if_match;     /* "" or NULL: whatever is there */
    int64_t confirm;          /* how many clusters the person agreed to; 0: nobody was asked */
};
bool cli_write(struct cli *cli, const struct write *write, struct reply *reply, struct rse_err *err) RSE_MUST;
/* "cluster "a" changed (revision 7)", or what a dry run says; documents with -o. Waits where --wait says so. */
bool cli_written(struct cli *cli, const struct rse_noun_info *noun, const char *name, const char *done,
                 const struct reply *reply, struct rse_err *err) RSE_MUST;
/* A PATCH of one object with the ETag of what was read (or NULL), told as `done`. */
bool cli_patch(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document, const char *etag,
               const cJSON *patch, const char *done, struct rse_err *err) RSE_MUST;
bool is_dry_run(const struct cli *cli);
/* What was done, or would be, where the server answers with nothing: `said` for people, {"noun", "name", "op", "dryRun"} for programs. */
void cli_acted(struct cli *cli, const char *noun, const char *name, const char *op, const char *said);

/* Where --wait was given: until all that is wanted by now is done. For what gives work without a new revision. */
bool cli_wait_now(struct cli *cli, struct rse_err *err) RSE_MUST;
/* Waits until every target that is not paused has done the revision; prints what was committed and what was held. */
bool cli_wait(struct cli *cli, int64_t revision, struct rse_err *err) RSE_MUST;

/* ---- members of an answer: never NULL, never a crash on a server that answers something else ---- */

const char *json_text(const cJSON *object, const char *member);
int64_t json_int(const cJSON *object, const char *member);
const cJSON *json_list(const cJSON *object, const char *member);
bool json_true(const cJSON *object, const char *member);

#endif
