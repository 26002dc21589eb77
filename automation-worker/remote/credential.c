#include "automation-worker/remote/credential.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SECRET_BYTES 16384

static void wipe(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void credential_free(struct credential *credential)
{
    if (credential == NULL)
        return;
    wipe(credential->username);
    wipe(credential->password);
    wipe(credential->bearer_token);
    free(credential->ca_file);
    free(credential->identity_file);
    free(credential->known_hosts_file);
    free(credential);
}

/* Opens a part. *fd -1: there is none. is_secret: others may not read it. */
static bool open_part(const char *path, bool is_secret, int *fd, struct rse_err *err)
{
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (*fd < 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not read the credential's file");
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(*fd);
        return rse_fail(err, RSE_INVALID, "a part of the credential is no file");
    }
    if (is_secret && (st.st_mode & S_IRWXO) != 0) {
        close(*fd);
        rse_err_hint(err, "chmod 600 the file, or defaultMode: 0440 where a Secret is mounted.");
        return rse_fail(err, RSE_DENIED, "everybody may read the credential's file");
    }
    return true;
}

static char *part_path(const char *folder, struct rse_str name, const char *part)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/%.*s/%s", folder, RSE_STR_ARG(name), part);

    return len > 0 && (size_t)len < sizeof(path) ? rse_xstrdup(path) : rse_xstrdup("");
}

static bool read_all(int fd, char text[static MAX_SECRET_BYTES + 1], size_t *len, struct rse_err *err)
{
    ssize_t n;

    *len = 0;
    while ((n = read(fd, text + *len, MAX_SECRET_BYTES + 1 - *len)) > 0) {
        *len += (size_t)n;
        if (*len > MAX_SECRET_BYTES)
            return rse_fail(err, RSE_TOO_LARGE, "a part of the credential is longer than %d bytes", MAX_SECRET_BYTES);
    }
    return n == 0 || rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not read the credential's file");
}

/* The text of a part, without the line break that editors put at its end. NULL: there is no such part. */
static bool read_part(const char *folder, struct rse_str name, const char *part, char **out, struct rse_err *err)
{
    char *path = part_path(folder, name, part);
    char text[MAX_SECRET_BYTES + 1];
    size_t len = 0;
    int fd;
    bool ok = open_part(path, true, &fd, err);

    *out = NULL;
    if (ok && fd >= 0) {
        ok = read_all(fd, text, &len, err);
        close(fd);
        while (len > 0 && isspace((unsigned char)text[len - 1]))
            len--;
        for (size_t i = 0; i < len && ok; i++) {
            if (iscntrl((unsigned char)text[i]))
                ok = rse_fail(err, RSE_INVALID, "the credential's file holds more than one line");
        }
        if (ok)
            *out = rse_xstrndup(rse_str_n(text, len));
        explicit_bzero(text, sizeof(text));
    }
    if (!ok)
        rse_err_object(err, "%s", path);
    free(path);
    return ok;
}

/* The path of a part, where there is one. */
static bool find_part(const char *folder, struct rse_str name, const char *part, bool is_secret, char **out,
                      struct rse_err *err)
{
    char *path = part_path(folder, name, part);
    int fd;

    *out = NULL;
    if (!open_part(path, is_secret, &fd, err)) {
        rse_err_object(err, "%s", path);
        free(path);
        return false;
    }
    if (fd < 0) {
        free(path);
        return true;
    }
    close(fd);
    *out = path;
    return true;
}

/* A credential may be bound to a host, so that no target can have it sent elsewhere. */
static bool check_host(const char *folder, struct rse_str name, const struct remote_address *address,
                       struct rse_err *err)
{
    char *host;

    if (!read_part(folder, name, "host", &host, err))
        return false;
    bool ok = host == NULL || strcasecmp(host, address->host) == 0;
    free(host);
    if (ok)
        return true;
    rse_err_hint(err, "Name another credential in the target, or change the credential's file host.");
    return rse_fail(err, RSE_DENIED, "the credential is for another host than %s", address->host);
}

static bool load_parts(struct credential *out, const char *folder, struct rse_str name,
                       const struct remote_address *address, struct rse_err *err)
{
    if (address->kind == REMOTE_HTTP)
        return read_part(folder, name, "username", &out->username, err) &&
               read_part(folder, name, "password", &out->password, err) &&
               read_part(folder, name, "bearerToken", &out->bearer_token, err) &&
               find_part(folder, name, "ca.crt", false, &out->ca_file, err);
    return find_part(folder, name, "identity", true, &out->identity_file, err) &&
           find_part(folder, name, "known_hosts", false, &out->known_hosts_file, err);
}

/* Names come from the Data Service: none of them leaves the folder. */
static bool check_name(const char *folder, struct rse_str name, struct rse_err *err)
{
    struct stat st;
    char *path;
    bool ok;

    if (folder == NULL) {
        rse_err_hint(err, "Start the worker with --credentials-dir.");
        return rse_fail(err, RSE_INVALID, "the worker has no credentials");
    }
    if (name.p[0] == '.' || memchr(name.p, '/', name.len) != NULL || memchr(name.p, '\0', name.len) != NULL)
        return rse_fail(err, RSE_INVALID, "that can't be the name of a credential");
    path = part_path(folder, name, "");
    ok = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    free(path);
    if (ok)
        return true;
    rse_err_hint(err, "Make the folder %s/%.*s on the worker.", folder, RSE_STR_ARG(name));
    return rse_fail(err, RSE_INVALID, "the worker has no such credential");
}

static bool load(struct credential *out, const char *folder, struct rse_str name, const struct remote_address *address,
                 struct rse_err *err)
{
    if (check_name(folder, name, err) && check_host(folder, name, address, err) &&
        load_parts(out, folder, name, address, err))
        return true;
    rse_err_object(err, "credential \"%.*s\"", RSE_STR_ARG(name));
    return false;
}

bool credential_load(struct credential **out, const char *folder, struct rse_str name,
                     const struct remote_address *address, struct rse_err *err)
{
    struct credential *credential = rse_new(struct credential);

    if (name.len > 0 && !load(credential, folder, name, address, err)) {
        credential_free(credential);
        return false;
    }
    *out = credential;
    return true;
}
