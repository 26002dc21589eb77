/*
 * main.c - resedge-api: picks the subcommand, reads its settings, and says on stderr what went wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api-server/commands.h"
#include "api-server/config.h"

static const struct command {
    const char *name;
    const struct rse_option *options;
    bool (*run)(const struct config *config, int nwords, char **words, struct rse_err *err);
    const char *usage;
    const char *help;
} commands[] = {
    { "serve", serve_options, command_serve, "serve [OPTION...]", "Serve the REST API until SIGTERM or SIGINT" },
    { "migrate", migrate_options, command_migrate, "migrate [OPTION...]", "Bring the database's schema up to date" },
    { "token", token_options, command_token, "token create NAME [OPTION...] | token list | token revoke ID",
      "Make, list and revoke tokens, straight in the database" },
    { "forget-changes", forget_options, command_forget_changes,
      "forget-changes --keep TIME | --before TIME [OPTION...]",
      "Drop the documents of old changes; the audit goes on telling who changed what and when" },
    { "routes", routes_options, command_routes, "routes", "Show which role may ask what" },
};

static void print_usage(FILE *out)
{
    fprintf(out, "resedge-api, the Data Service of Res-Edge\n\nUsage: resedge-api COMMAND [OPTION...]\n\nCommands:\n");
    for (size_t i = 0; i < RSE_COUNT(commands); i++)
        fprintf(out, "  %-15s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nresedge-api COMMAND --help shows the options; --version the version.\n");
}

static void print_command_help(const struct command *command)
{
    printf("%s.\n\nUsage: resedge-api %s\n\nOptions:\n", command->help, command->usage);
    rse_options_help(command->options, stdout);
}

static int fail(const struct rse_err *err)
{
    RSE_BUF_AUTO line = { 0 };

    rse_buf_init(&line, 4096);
    rse_err_print(err, &line);
    fprintf(stderr, "resedge-api: %.*s\n", (int)line.len, line.p != NULL ? line.p : "");
    return rse_code_exit_status(err->code);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < RSE_COUNT(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static bool has_word(int argc, char **argv, const char *word, const char *short_word)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], word) == 0 || strcmp(argv[i], short_word) == 0)
            return true;
    return false;
}

static bool start_log(const struct config *config, struct rse_err *err)
{
    enum rse_log_level level;
    enum rse_log_format format;

    if (!rse_log_level_parse(rse_str(config->log_level), &level)) {
        rse_err_object(err, "--log-level %s", config->log_level);
        return rse_fail(err, RSE_INVALID, "the level is not one of debug, info, warn, error and off");
    }
    if (!rse_log_format_parse(rse_str(config->log_format), &format)) {
        rse_err_object(err, "--log-format %s", config->log_format);
        return rse_fail(err, RSE_INVALID, "the format is not one of json, text and auto");
    }
    rse_log_init("resedge-api", 2, format, level);
    return true;
}

int main(int argc, char **argv)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct config config = { 0 };
    struct rse_err err = RSE_ERR_INIT;
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;

    if (command == NULL) {
        bool version = has_word(argc, argv, "--version", "-V"), help = has_word(argc, argv, "--help", "-h");

        if (version)
            printf("resedge-api %s\n", rse_version());
        else
            print_usage(help ? stdout : stderr);
        return version || help ? EXIT_SUCCESS : 2;
    }
    argc--;
    argv++;
    if (has_word(argc, argv, "--help", "-h")) {
        print_command_help(command);
        return EXIT_SUCCESS;
    }
    if (!rse_options_parse(command->options, &config, &argc, argv, arena, &err) || !start_log(&config, &err) ||
        !command->run(&config, argc, argv, &err))
        return fail(&err);
    return EXIT_SUCCESS;
}
