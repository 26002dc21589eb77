/*
 * command_migrate.c - `resedge-api migrate`.
 */
#include <stdio.h>

#include "api-server/commands.h"
#include "api-server/config.h"
#include "api-server/store/migrate.h"

bool command_migrate(const struct config *config, int nwords, char **words, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct migrations files;
    const char *dir;
    size_t done;

    if (nwords > 0) {
        rse_err_object(err, "%s", words[0]);
        return rse_fail(err, RSE_INVALID, "migrate takes options only");
    }
    if (!migrations_find(config->migrations, arena, &dir, err) || !migrations_load(dir, arena, &files, err) ||
        !migrate_run(config->database_url, &files, config->serve_role, &done, err))
        return false;
    printf("%zu of %zu migrations applied\n", done, files.count);
    return true;
}
