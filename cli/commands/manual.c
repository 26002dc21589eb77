/* resedge manual: the manual pages, made from the table of commands. */
#include <errno.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/help.h"

static bool write_page(struct cli *cli, const char *folder, const struct command *command, struct rse_err *err)
{
    const char *path = rse_arena_printf(cli->arena, "%s/resedge%s%s.1", folder, command != NULL ? "-" : "",
                                        command != NULL ? command->name : "");
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", path);
    print_manual(file, command);
    bool ok = ferror(file) == 0;

    ok = fclose(file) == 0 && ok;
    return ok || rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", path);
}

bool command_manual(struct cli *cli, struct rse_err *err)
{
    const char *folder = cli->args.words[0];

    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not make the folder %s", folder);
    if (!write_page(cli, folder, NULL, err))
        return false;
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (!c->hidden && !write_page(cli, folder, c, err))
            return false;
    }
    return true;
}
