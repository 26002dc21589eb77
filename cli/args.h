/*
 * args.h - the words of a command line: flags from a table, everything else in order.
 *
 * -f FILE, -fFILE, --file FILE and --file=FILE all work; flags may stand before and after other words; "--" ends them.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <resedge/resedge.h>

struct flag {
    char letter;       /* 'f', or 0 */
    const char *name;  /* "file"; NULL ends a table */
    const char *value; /* name of its value in the help ("FILE"), or NULL: a switch */
    const char *help;
};

enum { ARGS_MAX_FLAGS = 24, ARGS_MAX_WORDS = 64 };

struct args {
    const char *words[ARGS_MAX_WORDS];
    int nwords;
    struct {
        const struct flag *flag;
        const char *value; /* "" for a switch */
    } flags[ARGS_MAX_FLAGS];
    int nflags;
};

/* Reads argv[0..argc) with two tables (either may be NULL). Errors (RSE_INVALID) name the word and offer what is near. */
bool args_parse(struct args *args, int argc, char **argv, const struct flag *own, const struct flag *global,
                struct rse_err *err) RSE_MUST;

/* Where the first word stands that is none of these flags and no value of one; argc where there is none. */
int args_first_word(int argc, char **argv, const struct flag *flags);

/* The last value given, or NULL. */
const char *args_value(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);

#endif
