/*
 * cli.h - what every command gets: the words of the command line, a client, a place to print to.
 */
#ifndef CLI_H
#define CLI_H

#include <cjson/cJSON.h>
#include <resedge/resedge.h>
#include <stdio.h>

#include "args.h"

enum format { FORMAT_TABLE, FORMAT_WIDE, FORMAT_JSON, FORMAT_YAML, FORMAT_NAME };

struct cli {
    struct args args;
    struct rse_arena *arena;
    struct rse_client *client; /* made at the first cli_client() */
    enum format format;
    bool terminal;          /* stderr is one: progress may be shown there */
    const char *expression; /* what was given, for an error that points into it; or NULL */
};

/* A command: one row in the table, one function in commands/. It prints to stdout and returns an exit status, or
 * fills err and returns that of the error. */
struct command {
    const char *name;         /* "get"; NULL ends the table */
    const char *alias;        /* or NULL */
    const char *arguments;    /* "NOUN [NAME...]" */
    const char *help;         /* one sentence, no full stop */
    const char *details;      /* more lines for --help, or NULL */
    const struct flag *flags; /* its own, besides the global ones; or NULL */
    int min_words, max_words; /* how many words it takes */
    bool (*run)(struct cli *cli, struct rse_err *err);
};

extern const struct command commands[];

/* The client, from --url and RESEDGE_URL, RESEDGE_TOKEN, --token-file and RESEDGE_TOKEN_FILE. */
bool cli_client(struct cli *cli, struct rse_err *err) RSE_MUST;

/* A request with JSON, answered with an object or with nothing (NULL); *out belongs to the arena. */
bool cli_request(struct cli *cli, const char *method, const char *path, const cJSON *body, cJSON **out,
                 struct rse_err *err) RSE_MUST;
/* GETs a list: *out has the array "value". */
bool cli_get_list(struct cli *cli, const char *path, cJSON **out, struct rse_err *err) RSE_MUST;
/* The same for a request with a content type or an ETag, and for an answer of which more than the JSON matters. */
struct reply {
    cJSON *json;
    char etag[80];
    int64_t revision; /* of the fleet that it reflects; -1: not said */
};
bool cli_send(struct cli *cli, const struct rse_request *request, struct reply *reply, struct rse_err *err) RSE_MUST;
/* An empty object that belongs to the arena. */
cJSON *cli_new_object(struct cli *cli);
/* For what is done again and again: memory between the two is freed at the end. Make the client before. */
struct rse_arena *cli_begin_round(struct cli *cli);
void cli_end_round(struct cli *cli, struct rse_arena *outer);
/* "/api/v1/clusters/name:store-1": digits alone are an id. */
char *cli_object_path(struct cli *cli, const struct rse_noun_info *noun, const char *name);
/* The noun of a word, or an error with a near one. */
bool cli_noun(const char *word, const struct rse_noun_info **out, struct rse_err *err) RSE_MUST;

/* Whether a verb is one of those known, the last being NULL; else an error with a near one. */
bool cli_verb(const char *verb, const char *const *known, struct rse_err *err) RSE_MUST;

/* A whole file, or standard input for "-". Bounded at 64 MiB. The bytes live in the arena. */
bool cli_read_file(struct cli *cli, const char *path, struct rse_str *out, struct rse_err *err) RSE_MUST;

/* Asks on the terminal; without one, or with --yes, says what that means. */
bool cli_confirm(struct cli *cli, const char *question, struct rse_err *err) RSE_MUST;

/* Waits until every target that is not paused has done the revision; prints what was committed and what was held. */
bool cli_wait(struct cli *cli, int64_t revision, struct rse_err *err) RSE_MUST;

/* ---- members of an answer: never NULL, never a crash on a server that answers something else ---- */

const char *json_text(const cJSON *object, const char *member);
int64_t json_int(const cJSON *object, const char *member);
const cJSON *json_list(const cJSON *object, const char *member);

#endif
