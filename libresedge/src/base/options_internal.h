/*
 * options_internal.h - what the reader of settings shares among its files.
 */
#ifndef RESEDGE_SRC_OPTIONS_INTERNAL_H
#define RESEDGE_SRC_OPTIONS_INTERNAL_H

#include "resedge/options.h"

/* A value as text, and where it came from, for errors: "--port", "RESEDGE_PORT", "line 3 of /etc/resedge.conf". */
struct found {
    const char *value; /* NULL: not there */
    const char *origin;
    bool in_file; /* value is the path of a file that holds the secret */
};

/* "RESEDGE_DATABASE_URL", with the suffix behind ("" or "_FILE"). */
const char *options_variable(const struct rse_option *row, const char *suffix, struct rse_arena *arena);

size_t options_count(const struct rse_option *table);

/* The row that a flag or a key names. "database-password-file" is the row of the secret "database-password", and sets
 * *in_file. NULL: there is none. */
const struct rse_option *options_row(const struct rse_option *table, struct rse_str name, bool *in_file);

/* A whole file of at most limit bytes, in the arena. */
bool options_read_file(const char *path, size_t limit, struct rse_arena *arena, struct rse_str *out,
                       struct rse_err *err) RSE_MUST;

/* Reads a config file into found, one element per row. */
bool options_read_config(const struct rse_option *table, const char *path, struct found *found, struct rse_arena *arena,
                         struct rse_err *err) RSE_MUST;

/* Turns the text of one setting into its value in the config struct. */
bool options_store(const struct rse_option *row, const struct found *found, void *config, struct rse_arena *arena,
                   struct rse_err *err) RSE_MUST;

/* What fits: "a whole number from 1 to 65535", in text of OPTIONS_FITS_SIZE bytes. */
enum { OPTIONS_FITS_SIZE = 128 };
void options_fits(const struct rse_option *row, char text[OPTIONS_FITS_SIZE]);

#endif
