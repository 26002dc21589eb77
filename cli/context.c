#include "cli/context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTEXT_FILE_MAX = 1 << 20 };

bool context_path(struct cli *cli, const char **out, struct rse_err *err)
{
    const char *own = getenv("RESEDGE_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (own != NULL && own[0] != '\0')
        *out = own;
    else if (xdg != NULL && xdg[0] == '/')
        *out = rse_arena_printf(cli->arena, "%s/resedge/contexts.json", xdg);
    else if (home != NULL && home[0] == '/')
        *out = rse_arena_printf(cli->arena, "%s/.config/resedge/contexts.json", home);
    else
        return rse_fail(err, RSE_INVALID, "there is no home to keep contexts in: set HOME or RESEDGE_CONFIG");
    return true;
}

/* Tokens that others can read are no secrets any more. */
static bool check_private(int fd, const char *path, struct rse_err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", path);
    if ((st.st_mode & 077) == 0)
        return true;
    rse_err_hint(err, "Its tokens are secrets: chmod 600 %s", path);
    return rse_fail(err, RSE_DENIED, "others can read %s", path);
}

static bool read_all(struct cli *cli, int fd, const char *path, struct rse_str *out, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };
    char chunk[4096];
    ssize_t n;

    rse_buf_init(&text, CONTEXT_FILE_MAX);
    while ((n = read(fd, chunk, sizeof(chunk))) > 0)
        rse_buf_addn(&text, chunk, (size_t)n);
    if (n < 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", path);
    *out = rse_arena_str(cli->arena, rse_buf_str(&text));
    return rse_buf_ok(&text, err);
}

bool context_load(struct cli *cli, cJSON **out, struct rse_err *err)
{
    const char *path;
    struct rse_str text;

    *out = cli_new_object(cli);
    if (!context_path(cli, &path, NULL)) /* who has no home has no contexts */
        return true;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ||
               rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    bool ok = check_private(fd, path, err) && read_all(cli, fd, path, &text, err);

    close(fd);
    if (!ok || text.len == 0)
        return ok;
    ok = rse_json_parse(out, text, err);
    rse_err_object(err, "%s", path);
    if (ok)
        cli_own(cli, *out);
    return ok && (cJSON_IsObject(*out) || rse_fail(err, RSE_INVALID, "%s holds no contexts", path));
}

/* "a/b/c": makes a and a/b, for us alone. */
static bool make_folders(struct cli *cli, const char *path, struct rse_err *err)
{
    char *folder = rse_arena_strdup(cli->arena, path);

    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return rse_fail_errno(err, RSE_INVALID, errno, "could not make the folder %s", folder);
        *slash = '/';
    }
    return true;
}

static bool write_new(const char *path, struct rse_str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t done = 0;
    bool ok = fd >= 0;

    while (ok && done < text.len) {
        ssize_t n = write(fd, text.p + done, text.len - done);

        ok = n > 0;
        done += ok ? (size_t)n : 0;
    }
    ok = ok && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    return ok;
}

bool context_save(struct cli *cli, const cJSON *all, struct rse_err *err)
{
    char *text = cJSON_Print(all), *fresh;
    const char *path;

    if (!context_path(cli, &path, err) || !make_folders(cli, path, err)) {
        cJSON_free(text);
        return false;
    }
    fresh = rse_arena_printf(cli->arena, "%s.%ld", path, (long)getpid());
    bool ok = write_new(fresh, rse_str(text)) && rename(fresh, path) == 0;

    if (!ok) {
        rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", path);
        unlink(fresh);
    }
    cJSON_free(text);
    return ok;
}

bool context_find(const cJSON *all, const char *name, cJSON **out, struct rse_err *err)
{
    const cJSON *contexts = cJSON_GetObjectItemCaseSensitive(all, "contexts"), *context;
    struct rse_suggestion s;

    *out = cJSON_GetObjectItemCaseSensitive(contexts, name);
    if (cJSON_IsObject(*out))
        return true;
    rse_suggest_begin(&s, rse_str(name));
    cJSON_ArrayForEach(context, contexts)
    {
        rse_suggest_offer(&s, rse_str(context->string));
    }
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "`resedge context list` shows those there are, `resedge login` makes one.");
    return rse_fail(err, RSE_NOT_FOUND, "there is no context \"%s\"", name);
}

bool context_current(struct cli *cli, const cJSON **out, struct rse_err *err)
{
    const char *name = args_value(&cli->args, "context");
    cJSON *all, *found;

    *out = NULL;
    if (name == NULL)
        name = getenv("RESEDGE_CONTEXT");
    if (!context_load(cli, &all, err))
        return false;
    if (name == NULL || name[0] == '\0')
        name = json_text(all, "current");
    if (name[0] == '\0')
        return true;
    if (!context_find(all, name, &found, err))
        return false;
    *out = found;
    return true;
}

cJSON *context_all(cJSON *all)
{
    cJSON *contexts = cJSON_GetObjectItemCaseSensitive(all, "contexts");

    return cJSON_IsObject(contexts) ? contexts : cJSON_AddObjectToObject(all, "contexts");
}

void context_make_current(cJSON *all, const char *name)
{
    cJSON_DeleteItemFromObjectCaseSensitive(all, "current");
    cJSON_AddStringToObject(all, "current", name);
}

bool context_delete(struct cli *cli, cJSON *all, const char *name, struct rse_err *err)
{
    cJSON *found;

    if (!context_find(all, name, &found, err))
        return false;
    cJSON_DeleteItemFromObjectCaseSensitive(context_all(all), name);
    if (strcmp(json_text(all, "current"), name) == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(all, "current");
    return context_save(cli, all, err);
}
