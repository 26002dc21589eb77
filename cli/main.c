/*
 * resedge - the command line of Res-Edge: a client of the Data Service like any other.
 *
 * main finds the row of the command, reads its words, runs it, and turns an error into a line and an exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/complete.h"
#include "cli/help.h"
#include "cli/output/output.h"

const struct flag global_flags[] = {
    { 'o', "output", "FORMAT", "table, wide, json, yaml, name, csv or jsonpath=TEMPLATE" },
    { 0, "no-headers", NULL, "tables and CSV without their first line" },
    { 0, "no-pager", NULL, "don't send long output through a pager" },
    { 0, "context", "NAME", "the context to use (RESEDGE_CONTEXT; see `resedge help context`)" },
    { 0, "url", "URL", "the Data Service (RESEDGE_URL)" },
    { 0, "token-file", "FILE", "file with the token (RESEDGE_TOKEN_FILE; or the token itself in RESEDGE_TOKEN)" },
    { 0, "timeout", "SPAN", "how long a request may take, 120s when absent" },
    { 0, "cacert", "FILE", "certificates to trust, PEM (CURL_CA_BUNDLE)" },
    { 'v', "verbose", NULL, "show requests on stderr, without secrets" },
    { 'h', "help", NULL, "say what a command does" },
    { 0, NULL, NULL, NULL },
};

/* The server speaks of headers and parameters to whoever writes a client; here they are options. */
static void mend_hint(struct rse_err *err)
{
    char *parameter = strstr(err->hint, "repeat it with ?confirm=");

    if (err->code == RSE_UNAUTHENTICATED) {
        err->hint[0] = '\0';
        rse_err_hint(err, "Use `resedge login`, or give a token in RESEDGE_TOKEN or with --token-file; "
                          "`resedge token create` makes one.");
    } else if (parameter != NULL) {
        char count[32];

        snprintf(count, sizeof(count), "%s", parameter + strlen("repeat it with ?confirm="));
        snprintf(parameter, sizeof(err->hint) - (size_t)(parameter - err->hint), "add --confirm %s", count);
    }
}

static bool wants_color(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fd) && (no == NULL || no[0] == '\0') && (term == NULL || strcmp(term, "dumb") != 0);
}

static int fail(const struct cli *cli, struct rse_err *err)
{
    bool color = wants_color(STDERR_FILENO);
    RSE_BUF_AUTO text = { 0 };

    fflush(stdout);
    mend_hint(err);
    rse_buf_init(&text, 4096);
    rse_err_print(err, &text);
    fprintf(stderr, "%sresedge:%s %.*s\n", color ? "\033[31m" : "", color ? "\033[0m" : "", (int)text.len, text.p);
    if (err->others[0] != '\0')
        fprintf(stderr, "also:\n%s\n", err->others);
    if (err->has_position && cli->expression != NULL)
        print_pointing(stderr, cli->expression, err->position);
    return rse_code_exit_status(err->code);
}

const struct command *find_command(const char *word)
{
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, word) == 0 || (c->alias != NULL && strcmp(c->alias, word) == 0))
            return c;
    }
    return NULL;
}

static const struct command *command_of(const char *word, struct rse_err *err)
{
    const struct command *command = find_command(word);
    struct rse_suggestion s;

    if (command != NULL)
        return command;
    rse_suggest_begin(&s, rse_str(word));
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (!c->hidden)
            rse_suggest_offer(&s, rse_str(c->name));
    }
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "`resedge help` lists the commands.");
    rse_fail(err, RSE_INVALID, "unknown command \"%s\"", word);
    return NULL;
}

static bool read_jsonpath(struct cli *cli, const char *template, struct rse_err *err)
{
    static const cJSON nothing = { .type = cJSON_NULL };
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 1 << 20);
    cli->format = FORMAT_JSONPATH;
    cli->jsonpath = template;
    if (jsonpath_eval(template, &nothing, &out, err))
        return true;
    cli->expression = template;
    return false;
}

static bool read_format(struct cli *cli, struct rse_err *err)
{
    static const char *const formats[] = {
        [FORMAT_TABLE] = "table", [FORMAT_WIDE] = "wide", [FORMAT_JSON] = "json",
        [FORMAT_YAML] = "yaml",   [FORMAT_NAME] = "name", [FORMAT_CSV] = "csv",
    };
    const char *name = args_value(&cli->args, "output");

    if (name == NULL)
        return true;
    for (size_t i = 0; i < RSE_COUNT(formats); i++) {
        if (strcmp(formats[i], name) == 0) {
            cli->format = (enum format)i;
            return true;
        }
    }
    if (strncmp(name, "jsonpath=", strlen("jsonpath=")) == 0)
        return read_jsonpath(cli, name + strlen("jsonpath="), err);
    rse_err_hint(err, "There are table, wide, json, yaml, name, csv and jsonpath=TEMPLATE.");
    return rse_fail(err, RSE_INVALID, "unknown output format \"%s\"", name);
}

static bool check_words(const struct cli *cli, const struct command *command, struct rse_err *err)
{
    if (cli->args.nwords >= command->min_words && cli->args.nwords <= command->max_words)
        return true;
    rse_err_hint(err, "Usage: resedge %s %s", command->name, command->arguments);
    return rse_fail(err, RSE_INVALID, "%s",
                    cli->args.nwords < command->min_words ? "something is missing after the command"
                                                          : "too many words after the command");
}

/* Options for everywhere may stand before the command too: its word comes first, they follow. */
static void put_command_first(int argc, char **argv)
{
    int at = args_first_word(argc, argv, global_flags);

    if (at < argc) {
        char *command = argv[at];

        memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof(*argv));
        argv[1] = command;
    }
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* "resedge help" and "resedge help get" */
static bool help(int argc, char **argv, struct rse_err *err)
{
    const struct command *command;

    if (argc < 3) {
        print_usage();
        return true;
    }
    command = command_of(argv[2], err);
    if (command != NULL)
        print_command_help(command);
    return command != NULL;
}

/* Only options: either one of them is wrong, or the command is missing. */
static bool refuse_no_command(struct cli *cli, int argc, char **argv, struct rse_err *err)
{
    if (!args_parse(&cli->args, argc - 1, argv + 1, NULL, global_flags, err))
        return false;
    rse_err_hint(err, "`resedge help` lists the commands.");
    return rse_fail(err, RSE_INVALID, "no command is given");
}

static bool run(struct cli *cli, int argc, char **argv, struct rse_err *err)
{
    const struct command *command;

    if (argc > 2 && strcmp(argv[1], "__complete") == 0) {
        complete(cli, argc - 2, argv + 2);
        return true;
    }
    put_command_first(argc, argv);
    if (argc < 2 || is_help(argv[1]))
        return help(argc, argv, err);
    if (argv[1][0] == '-' && strcmp(argv[1], "--version") != 0)
        return refuse_no_command(cli, argc, argv, err);
    command = command_of(argv[1][0] == '-' ? "version" : argv[1], err);
    if (command == NULL || !args_parse(&cli->args, argc - 2, argv + 2, command->flags, global_flags, err))
        return false;
    if (args_has(&cli->args, "help")) {
        print_command_help(command);
        return true;
    }
    cli->pages = cli->columns > 0 && !args_has(&cli->args, "no-pager");
    return read_format(cli, err) && check_words(cli, command, err) && command->run(cli, err);
}

/* A disk that is full must not look like an answer that was empty. */
static bool flush_output(struct rse_err *err)
{
    return (fflush(stdout) == 0 && !ferror(stdout)) ||
           rse_fail_errno(err, RSE_INTERNAL, errno, "could not write the output");
}

/* A descriptor that is closed would be given to the next file that is opened, a connection perhaps. Writing to what stands
 * in for stdout fails, as writing to a closed one does. */
static void keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
            _exit(5);
    }
}

static int terminal_columns(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int main(int argc, char **argv)
{
    struct cli cli = { .format = FORMAT_TABLE };
    struct rse_err err = RSE_ERR_INIT;
    int status;

    keep_standard_descriptors();
    /* A pipe that is closed early (| head) ends us quietly. */
    signal(SIGPIPE, SIG_DFL);
    cli.arena = rse_arena_new();
    cli.terminal = isatty(STDERR_FILENO);
    cli.color = wants_color(STDOUT_FILENO);
    cli.columns = terminal_columns();
    if (run(&cli, argc, argv, &err) && flush_output(&err)) {
        status = cli.status;
        pager_end();
    } else {
        pager_end();
        status = fail(&cli, &err);
    }
    rse_arena_free(cli.arena);
    rse_client_global_cleanup();
    return status;
}
