/*
 * migrate.h - the schema: forward-only SQL files, applied in order, each once.
 *
 * A file is named NNNN_name.sql; its number is its version. Applied ones are kept in schema_migrations with their
 * SHA-256: a file that was changed after it was applied is refused. A release runs on a schema that is further ahead
 * than its own files only as long as everything ahead was marked by a first line `-- expand`, which promises that it
 * takes nothing away from the release before: so a rolling upgrade migrates first and replaces the servers afterwards.
 */
#ifndef API_STORE_MIGRATE_H
#define API_STORE_MIGRATE_H

#include <resedge/resedge.h>

struct migration {
    int64_t version;
    struct rse_str name; /* "0001_fleet" */
    struct rse_str sql;  /* empty for one that was read from the database */
    char checksum[65];   /* SHA-256, hex */
    bool expand;
};

struct migrations {
    struct migration *items; /* in the order of versions */
    size_t count;
};

/* The folder to use: the given one, else ../migrations or ../share/resedge/migrations seen from the program's own
 * folder, else migrations of the current folder. */
bool migrations_find(const char *given, struct rse_arena *arena, const char **dir, struct rse_err *err) RSE_MUST;
/* Reads a folder. Two files of one version and names that don't fit are errors. */
bool migrations_load(const char *dir, struct rse_arena *arena, struct migrations *out, struct rse_err *err) RSE_MUST;

/* Compares what this program has with what the database has. *pending: how many are still to be applied (they are the
 * last ones). RSE_CONFLICT: a file was changed, or is missing between others, or the schema is too far ahead. */
bool migrations_compare(const struct migrations *files, const struct migrations *applied, size_t *pending,
                        struct rse_err *err) RSE_MUST;

/* Applies what is pending, synchronously, under an advisory lock; *done: how many. serve_role: gets what serving takes, see
 * role.h; NULL: nobody does. RSE_DENIED: the URL's role is not the schema's owner; the hint says who that is. */
bool migrate_run(const char *url, const struct migrations *files, const char *serve_role, size_t *done,
                 struct rse_err *err) RSE_MUST;

/* The applied ones: version, name, checksum, expand; and a mapper of its rows. */
extern const char MIGRATIONS_APPLIED[];
struct pg_result;
void migrations_from_result(const struct pg_result *res, struct rse_arena *arena, struct migrations *out);

#endif
