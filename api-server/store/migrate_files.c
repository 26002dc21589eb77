/*
 * migrate_files.c - the migrations of a folder, and how they compare with those of a database.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api-server/files.h"
#include "api-server/sha256.h"
#include "api-server/store/migrate.h"

enum { MAX_MIGRATION = 4 << 20, MAX_MIGRATIONS = 9999 };

bool migrations_find(const char *given, struct rse_arena *arena, const char **dir, struct rse_err *err)
{
    static const char *const beside[] = { "../migrations", "../../migrations", "../share/resedge/migrations" };

    *dir = given != NULL ? given : beside_program(beside, RSE_COUNT(beside), arena);
    if (*dir != NULL)
        return true;
    rse_err_hint(err, "Name it with --migrations.");
    return rse_fail(err, RSE_NOT_FOUND, "the folder of the migrations was not found beside the program");
}

/* "0001_fleet.sql" */
static bool parse_name(const char *name, int64_t *version, size_t *stem)
{
    size_t len = strlen(name);

    if (len < 10 || name[4] != '_' || strcmp(name + len - 4, ".sql") != 0)
        return false;
    *stem = len - 4;
    return rse_parse_int64(rse_str_n(name, 4), 1, MAX_MIGRATIONS, version);
}

static void checksum(struct rse_str text, char out[65])
{
    unsigned char digest[SHA256_SIZE];

    sha256_of(text, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(out + i * 2, 3, "%02x", digest[i]);
}

static int by_version(const void *a, const void *b)
{
    const struct migration *left = a, *right = b;

    return (left->version > right->version) - (left->version < right->version);
}

static bool load_one(const char *dir, const char *name, struct rse_arena *arena, struct migration *out,
                     struct rse_err *err)
{
    size_t stem;

    if (!parse_name(name, &out->version, &stem)) {
        rse_err_object(err, "%s/%s", dir, name);
        return rse_fail(err, RSE_INVALID, "a migration's name is not NNNN_name.sql");
    }
    if (!file_read(rse_arena_printf(arena, "%s/%s", dir, name), "a migration", MAX_MIGRATION, arena, &out->sql, err))
        return false;
    out->name = rse_arena_str(arena, rse_str_n(name, stem));
    out->expand = rse_str_starts(out->sql, RSE_STR("-- expand"));
    checksum(out->sql, out->checksum);
    return true;
}

static bool load_all(DIR *folder, const char *dir, struct rse_arena *arena, struct migrations *out, struct rse_err *err)
{
    struct dirent *entry;
    struct migration *items = rse_arena_calloc(arena, MAX_MIGRATIONS, sizeof(*items));

    out->count = 0;
    while ((entry = readdir(folder)) != NULL) {
        size_t len = strlen(entry->d_name);

        if (len < 4 || entry->d_name[0] == '.' || strcmp(entry->d_name + len - 4, ".sql") != 0)
            continue;
        if (out->count == MAX_MIGRATIONS || !load_one(dir, entry->d_name, arena, &items[out->count], err))
            return false;
        out->count++;
    }
    qsort(items, out->count, sizeof(*items), by_version);
    out->items = items;
    for (size_t i = 1; i < out->count; i++) {
        if (items[i].version != items[i - 1].version)
            continue;
        rse_err_object(err, "%.*s and %.*s", RSE_STR_ARG(items[i - 1].name), RSE_STR_ARG(items[i].name));
        return rse_fail(err, RSE_INVALID, "two migrations have the same number");
    }
    return true;
}

bool migrations_load(const char *dir, struct rse_arena *arena, struct migrations *out, struct rse_err *err)
{
    DIR *folder = opendir(dir);
    bool ok;

    if (folder == NULL) {
        rse_err_object(err, "%s", dir);
        return rse_fail_errno(err, RSE_NOT_FOUND, errno, "could not open the folder of the migrations");
    }
    ok = load_all(folder, dir, arena, out, err);
    closedir(folder);
    return ok;
}

static bool refuse(struct rse_err *err, const struct migration *migration, const char *what, const char *hint)
{
    rse_err_object(err, "migration %.*s", RSE_STR_ARG(migration->name));
    rse_err_hint(err, "%s", hint);
    return rse_fail(err, RSE_CONFLICT, "%s", what);
}

bool migrations_compare(const struct migrations *files, const struct migrations *applied, size_t *pending,
                        struct rse_err *err)
{
    size_t i = 0;

    for (; i < files->count && i < applied->count; i++) {
        const struct migration *file = &files->items[i], *row = &applied->items[i];

        if (file->version < row->version)
            return refuse(err, file, "a migration was added before others that are applied already",
                          "Give it the next free number.");
        if (file->version > row->version)
            return refuse(err, row, "an applied migration is missing among the files", "Restore the file.");
        if (strcmp(file->checksum, row->checksum) != 0)
            return refuse(err, row, "a migration was changed after it had been applied",
                          "Restore the file, and put the change into a new migration.");
    }
    *pending = files->count - i;
    for (; i < applied->count; i++)
        if (!applied->items[i].expand)
            return refuse(err, &applied->items[i], "the database is too far ahead of this program",
                          "Use the release that belongs to the database.");
    return true;
}
