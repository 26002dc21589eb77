/*
 * resedge - the command line of Res-Edge: a client of the Data Service like any other.
 *
 * main finds the row of the command, reads its words, runs it, and turns an error into a line and an exit status:
 * 0 done, 1 not found or different, 2 usage, 3 refused, 4 unreachable, 5 our fault.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

static const struct flag global_flags[] = {
    { 'o', "output", "FORMAT", "table, wide, json, yaml or name" },
    { 0, "url", "URL", "the Data Service (RESEDGE_URL)" },
    { 0, "token-file", "FILE", "file with the token (RESEDGE_TOKEN_FILE; or the token itself in RESEDGE_TOKEN)" },
    { 0, "ca-file", "FILE", "certificates to trust, PEM" },
    { 'v', "verbose", NULL, "show requests on stderr" },
    { 'h', "help", NULL, "say what a command does" },
    { 0, NULL, NULL, NULL },
};

static void print_flags(const struct flag *flags)
{
    for (; flags != NULL && flags->name != NULL; flags++) {
        char text[64];

        if (flags->letter != 0)
            snprintf(text, sizeof(text), "-%c, --%s%s%s", flags->letter, flags->name, flags->value ? " " : "",
                     flags->value ? flags->value : "");
        else
            snprintf(text, sizeof(text), "    --%s%s%s", flags->name, flags->value ? " " : "",
                     flags->value ? flags->value : "");
        printf("  %-26s %s\n", text, flags->help);
    }
}

static void print_usage(void)
{
    printf("resedge: puts applications on a fleet of clusters\n\nusage: resedge COMMAND [ARGUMENTS] [OPTIONS]\n\n");
    for (const struct command *c = commands; c->name != NULL; c++)
        printf("  %-16s %s\n", c->name, c->help);
    printf("\noptions everywhere:\n");
    print_flags(global_flags);
    printf("\n`resedge help COMMAND` tells more. Exit status: 0 done, 1 not found, 2 usage, 3 refused, "
           "4 unreachable, 5 a defect.\n");
}

static void print_command_help(const struct command *command)
{
    printf("%s\n\nusage: resedge %s %s [OPTIONS]\n", command->help, command->name, command->arguments);
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    printf("\noptions:\n");
    print_flags(command->flags);
    print_flags(global_flags);
}

/* The server speaks of a header to whoever writes a client; here it is an option. */
static void mend_hint(struct rse_err *err)
{
    if (err->code != RSE_UNAUTHENTICATED)
        return;
    err->hint[0] = '\0';
    rse_err_hint(err, "Give it in RESEDGE_TOKEN or with --token-file; `resedge token create` makes one.");
}

static int fail(const struct cli *cli, struct rse_err *err)
{
    bool color = cli->terminal && getenv("NO_COLOR") == NULL;
    RSE_BUF_AUTO text;

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

static const struct command *find_command(const char *word, struct rse_err *err)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, rse_str(word));
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, word) == 0 || (c->alias != NULL && strcmp(c->alias, word) == 0))
            return c;
        rse_suggest_offer(&s, rse_str(c->name));
    }
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "`resedge help` lists the commands.");
    rse_fail(err, RSE_INVALID, "unknown command \"%s\"", word);
    return NULL;
}

static bool read_format(struct cli *cli, struct rse_err *err)
{
    static const struct {
        const char *name;
        enum format format;
    } formats[] = { { "table", FORMAT_TABLE },
                    { "wide", FORMAT_WIDE },
                    { "json", FORMAT_JSON },
                    { "yaml", FORMAT_YAML },
                    { "name", FORMAT_NAME } };
    const char *name = args_value(&cli->args, "output");

    if (name == NULL)
        return true;
    for (size_t i = 0; i < RSE_COUNT(formats); i++) {
        if (strcmp(formats[i].name, name) == 0) {
            cli->format = formats[i].format;
            return true;
        }
    }
    rse_err_hint(err, "There are table, wide, json, yaml and name.");
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
    command = find_command(argv[2], err);
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

    put_command_first(argc, argv);
    if (argc < 2 || is_help(argv[1]))
        return help(argc, argv, err);
    if (argv[1][0] == '-' && strcmp(argv[1], "--version") != 0)
        return refuse_no_command(cli, argc, argv, err);
    command = find_command(argv[1][0] == '-' ? "version" : argv[1], err);
    if (command == NULL || !args_parse(&cli->args, argc - 2, argv + 2, command->flags, global_flags, err))
        return false;
    if (args_has(&cli->args, "help")) {
        print_command_help(command);
        return true;
    }
    return read_format(cli, err) && check_words(cli, command, err) && command->run(cli, err);
}

/* A disk that is full must not look like an answer that was empty. */
static bool flush_output(struct rse_err *err)
{
    return (fflush(stdout) == 0 && !ferror(stdout)) ||
           rse_fail_errno(err, RSE_INTERNAL, errno, "could not write the output");
}

int main(int argc, char **argv)
{
    struct cli cli = { .format = FORMAT_TABLE };
    struct rse_err err = RSE_ERR_INIT;
    int status = 0;

    /* A pipe that is closed early (| head) ends us quietly. */
    signal(SIGPIPE, SIG_DFL);
    rse_client_global_init();
    cli.arena = rse_arena_new();
    cli.terminal = isatty(STDERR_FILENO);
    if (!run(&cli, argc, argv, &err) || !flush_output(&err))
        status = fail(&cli, &err);
    rse_arena_free(cli.arena);
    rse_client_global_cleanup();
    return status;
}
