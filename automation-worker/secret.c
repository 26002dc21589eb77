#include "automation-worker/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES  32
#define LENGTH (2 * BYTES)

static bool is_secret(const char *text, ssize_t len)
{
    return len == LENGTH && strspn(text, "0123456789abcdef") == LENGTH;
}

static bool generate(char text[static LENGTH + 1], struct rse_err *err)
{
    uint8_t random[BYTES];

    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return rse_fail_errno(err, RSE_INTERNAL, errno, "could not get random bytes");
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    return true;
}

static bool store(const char *path, const char *text, struct rse_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not keep the worker's secret");
    bool ok = write(fd, text, LENGTH) == LENGTH;
    int error = errno;
    close(fd);
    return ok || rse_fail_errno(err, RSE_UNAVAILABLE, error, "could not keep the worker's secret");
}

static ssize_t read_stored(const char *path, char text[static LENGTH + 1])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t len = fd >= 0 ? read(fd, text, LENGTH) : -1;

    if (fd >= 0)
        close(fd);
    text[len > 0 ? len : 0] = '\0';
    return len;
}

static bool load(const char *data_dir, const char *path, char text[static LENGTH + 1], struct rse_err *err)
{
    if (mkdir(data_dir, 0700) != 0 && errno != EEXIST) {
        rse_err_hint(err, "Name a folder that this user may write with --data-dir.");
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not make the data folder");
    }
    /* One that was cut short by a crash is made anew. */
    return is_secret(text, read_stored(path, text)) || (generate(text, err) && store(path, text, err));
}

bool secret_load(const char *data_dir, struct rse_arena *arena, const char **out, struct rse_err *err)
{
    const char *path = rse_arena_printf(arena, "%s/secret", data_dir);
    char text[LENGTH + 1];

    if (!load(data_dir, path, text, err)) {
        rse_err_object(err, "%s", data_dir);
        return false;
    }
    *out = rse_arena_strdup(arena, text);
    return true;
}
