/* What people are asked, and the files that they give. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

enum { MAX_FILE = 64 << 20, MAX_TOKEN = 512, MOST_NODES = 20 * 1000 * 1000 /* more than 64 MiB of YAML have */ };

static bool read_stream(FILE *file, const char *name, struct rse_arena *arena, struct rse_str *out, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };
    char chunk[16384];
    size_t n;

    rse_buf_init(&text, MAX_FILE);
    while (!text.overflow && (n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        rse_buf_addn(&text, chunk, n);
    if (ferror(file))
        return rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", name);
    if (text.overflow)
        return rse_fail(err, RSE_TOO_LARGE, "%s has more than %d MiB", name, MAX_FILE >> 20);
    *out = rse_arena_str(arena, rse_buf_str(&text));
    return true;
}

bool cli_read_file(struct cli *cli, const char *path, struct rse_str *out, struct rse_err *err)
{
    FILE *file;
    bool ok;

    if (strcmp(path, "-") == 0)
        return read_stream(stdin, "standard input", cli->arena, out, err);
    file = fopen(path, "re");
    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    ok = read_stream(file, path, cli->arena, out, err);
    fclose(file);
    return ok;
}

bool looks_like_json(struct rse_str text)
{
    size_t i = rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? 3 : 0;

    while (i < text.len && isspace((unsigned char)text.p[i]))
        i++;
    return i < text.len && (text.p[i] == '{' || text.p[i] == '[');
}

bool cli_parse_file(struct cli *cli, const char *path, struct rse_str text, cJSON **out, struct rse_err *err)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    cJSON *json = NULL;
    bool ok;

    if (looks_like_json(text)) {
        ok = rse_json_parse(&json, text, err);
        rse_err_object(err, "%s", name);
    } else {
        ok = (json = rse_yaml_to_json(rse_str(name), text, MOST_NODES, err)) != NULL;
    }
    if (ok)
        *out = cli_own(cli, json);
    return ok && (!cJSON_IsNull(json) || rse_fail(err, RSE_INVALID, "%s is empty", name));
}

bool cli_confirm(struct cli *cli, const char *question, struct rse_err *err)
{
    char answer[16] = "";

    if (args_has(&cli->args, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        rse_err_hint(err, "Add --yes to do it without being asked.");
        return rse_fail(err, RSE_CONFIRM, "this needs to be confirmed, and there is no terminal to ask on");
    }
    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", question);
    if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return true;
    return rse_fail(err, RSE_CONFIRM, "not confirmed: nothing was changed");
}

static bool take_token(struct cli *cli, struct rse_str text, const char *from, const char **out, struct rse_err *err)
{
    while (text.len > 0 && strchr("\r\n \t", text.p[text.len - 1]) != NULL)
        text.len--;
    if (text.len == 0 || text.len > MAX_TOKEN)
        return rse_fail(err, RSE_INVALID, "%s holds no token", from);
    *out = rse_arena_str(cli->arena, text).p;
    return true;
}

bool cli_read_token(struct cli *cli, const char *file, const char **out, struct rse_err *err)
{
    struct rse_str text;
    const char *from = strcmp(file, "-") == 0 ? "standard input" : rse_arena_printf(cli->arena, "the file %s", file);

    return cli_read_file(cli, file, &text, err) && take_token(cli, text, from, out, err);
}

static struct termios shown_again;

/* An interrupted question leaves no terminal behind that shows nothing. */
static void interrupt(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_again);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static bool read_silently(char *answer, int size)
{
    struct termios silent = shown_again;

    silent.c_lflag &= ~(tcflag_t)ECHO;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool ok = fgets(answer, size, stdin) != NULL;

    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_again);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    fputc('\n', stderr);
    return ok;
}

bool cli_ask_secret(struct cli *cli, const char *question, const char **out, struct rse_err *err)
{
    char answer[MAX_TOKEN + 2] = "";

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown_again) != 0) {
        rse_err_hint(err, "Give it with --token-file FILE; --token-file - is standard input.");
        return rse_fail(err, RSE_INVALID, "there is no terminal to ask for the token on");
    }
    fprintf(stderr, "%s ", question);
    bool ok =
        read_silently(answer, (int)sizeof(answer)) && take_token(cli, rse_str(answer), "what was entered", out, err);

    explicit_bzero(answer, sizeof(answer));
    return ok || rse_fail(err, RSE_INVALID, "no token was entered");
}
