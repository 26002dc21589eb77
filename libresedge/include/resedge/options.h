/*
 * options.h - one row per setting: flag, environment variable, key of the config file, default, bounds, help.
 *
 * A value comes from, the first that has it: the flag (--name VALUE or --name=VALUE), the environment (RESEDGE_NAME),
 * the file given with --config (lines `name = value`, '#' begins a comment), the default. A secret is never taken
 * from a flag: its row offers --name-file FILE and RESEDGE_NAME_FILE instead, besides the environment itself and the
 * config file (one newline at the end of FILE is not part of the secret).
 * A bool takes true or false, and its flag alone means true: --name, --name=false. A variable that is empty counts as
 * not set. RESEDGE_CONFIG stands for --config; a name in that file that is no setting is an error. -h means --help where
 * the table has a row "help".
 * --help and the docs are printed from the same rows.
 */
#ifndef RESEDGE_OPTIONS_H
#define RESEDGE_OPTIONS_H

#include <stdio.h>

#include "arena.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum rse_option_type { RSE_OPT_STRING, RSE_OPT_INT, RSE_OPT_BOOL, RSE_OPT_DURATION, RSE_OPT_SIZE, RSE_OPT_SECRET };

struct rse_option {
    const char *name; /* "database-url": flag --database-url, variable RESEDGE_DATABASE_URL */
    enum rse_option_type type;
    const char *fallback;   /* default as text, or NULL: none */
    int64_t min, max;       /* bounds of INT, DURATION (ms) and SIZE (bytes); both 0: unbounded */
    const char *value_name; /* "URL" in the help */
    const char *help;       /* one sentence, no full stop */
    size_t offset;          /* where the value goes in the config struct: const char *, int64_t or bool */
};

/* The table's end: .name = NULL. */

/* Fills *config (zeroed by the caller) from argv, environment and file; strings live in the arena. argv[0] is
 * skipped. Words that are no option are left in argv, in order, and *argc becomes their number (argv[0] not
 * counted: they start at argv[0]). "--" ends the options. Errors name the option, where it came from and what fits. */
RSE_API bool rse_options_parse(const struct rse_option *table, void *config, int *argc, char **argv,
                               struct rse_arena *arena, struct rse_err *err) RSE_MUST;

/* The rows as text for a terminal, or as a Markdown table for docs/. */
RSE_API void rse_options_help(const struct rse_option *table, FILE *out);
RSE_API void rse_options_markdown(const struct rse_option *table, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
