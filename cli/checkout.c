/* See checkout.h. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/checkout.h"
#include "cli/output/output.h"

static bool make_folder(const char *path, struct rse_err *err)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           rse_fail_errno(err, RSE_INVALID, errno, "could not make the folder %s", path);
}

bool checkout_make_folders(struct cli *cli, const char *root, const char *path, struct rse_err *err)
{
    char *whole = rse_arena_printf(cli->arena, "%s/%s", root, path);

    if (access(root, W_OK) != 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not write into %s", root);
    for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        bool ok = make_folder(whole, err);

        *slash = '/';
        if (!ok)
            return false;
    }
    return make_folder(whole, err);
}

bool checkout_write(struct cli *cli, const char *folder, const char *name, const char *text, struct rse_err *err)
{
    const char *path = rse_arena_printf(cli->arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "wxe");

    if (file == NULL)
        return rse_fail_errno(err, errno == EEXIST ? RSE_CONFLICT : RSE_INVALID, errno, "could not write %s", path);
    fputs(text, file);
    bool ok = fclose(file) == 0;

    if (ok && is_table(cli))
        printf("wrote %s\n", path);
    return ok || rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", path);
}
