#include "cli/help.h"

static const char *flag_text(const struct flag *flag, char *text, size_t size)
{
    const char *space = flag->value != NULL ? " " : "", *value = flag->value != NULL ? flag->value : "";

    if (flag->letter != 0)
        snprintf(text, size, "-%c, --%s%s%s", flag->letter, flag->name, space, value);
    else
        snprintf(text, size, "    --%s%s%s", flag->name, space, value);
    return text;
}

static void print_flags(const struct flag *flags)
{
    char text[64];

    for (; flags != NULL && flags->name != NULL; flags++)
        printf("  %-26s %s\n", flag_text(flags, text, sizeof(text)), flags->help);
}

void print_usage(void)
{
    printf("resedge: puts applications on a fleet of clusters\n\nusage: resedge COMMAND [ARGUMENTS] [OPTIONS]\n\n");
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (!c->hidden)
            printf("  %-16s %s\n", c->name, c->help);
    }
    printf("\noptions everywhere:\n");
    print_flags(global_flags);
    printf("\n`resedge help COMMAND` tells more. Exit status:\n" EXIT_STATUS_TEXT ".\n");
}

void print_command_help(const struct command *command)
{
    printf("%s\n\nusage: resedge %s %s [OPTIONS]\n", command->help, command->name, command->arguments);
    if (command->alias != NULL)
        printf("also: resedge %s\n", command->alias);
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    if (command->examples != NULL)
        printf("\nexamples:\n%s\n", command->examples);
    printf("\noptions:\n");
    print_flags(command->flags);
    print_flags(global_flags);
}

/* ---- manual pages ---- */

/* Text as man(7) takes it: no line begins with a control character, no '-' becomes a hyphen. */
static void add_roff(FILE *to, const char *text)
{
    bool begins = true;

    for (; *text != '\0'; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", to);
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            fputc(*text, to);
        begins = *text == '\n';
    }
}

static void add_flags(FILE *to, const struct flag *flags)
{
    char text[64];

    for (; flags != NULL && flags->name != NULL; flags++) {
        const char *shown = flag_text(flags, text, sizeof(text));

        fputs(".TP\n.B ", to);
        add_roff(to, shown + strspn(shown, " "));
        fputc('\n', to);
        add_roff(to, flags->help);
        fputs(".\n", to);
    }
}

static void add_lines(FILE *to, const char *section, const char *lines)
{
    if (lines == NULL)
        return;
    fprintf(to, ".SH %s\n.nf\n", section);
    add_roff(to, lines);
    fputs("\n.fi\n", to);
}

static void add_environment(FILE *to)
{
    static const char *const variables[][2] = {
        { "RESEDGE_URL", "The Data Service, where no context and no --url says it." },
        { "RESEDGE_TOKEN, RESEDGE_TOKEN_FILE", "The token, or the file that holds it." },
        { "RESEDGE_CONTEXT, RESEDGE_CONFIG", "The context to use, and the file that the contexts are in." },
        { "RESEDGE_PAGER, PAGER", "What long output goes through on a terminal; empty or cat: nothing." },
        { "VISUAL, EDITOR", "What `resedge edit` opens." },
        { "NO_COLOR", "Where it is set and not empty, nothing is coloured." },
        { "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, CURL_CA_BUNDLE, SSL_CERT_FILE", "As curl(1) has them." },
    };

    fputs(".SH ENVIRONMENT\n", to);
    for (size_t i = 0; i < RSE_COUNT(variables); i++) {
        fprintf(to, ".TP\n.B %s\n", variables[i][0]);
        add_roff(to, variables[i][1]);
        fputc('\n', to);
    }
}

static void add_main_page(FILE *to)
{
    fputs(".SH NAME\nresedge \\- puts applications on a fleet of clusters\n.SH SYNOPSIS\n.B resedge\n"
          ".I COMMAND\n[\\fIARGUMENTS\\fR] [\\fIOPTIONS\\fR]\n.SH COMMANDS\n",
          to);
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (c->hidden)
            continue;
        fprintf(to, ".TP\n.BR resedge\\-%s (1)\n", c->name);
        add_roff(to, c->help);
        fputs(".\n", to);
    }
}

static void add_command_page(FILE *to, const struct command *command)
{
    fprintf(to, ".SH NAME\nresedge\\-%s \\- ", command->name);
    add_roff(to, command->help);
    fprintf(to, "\n.SH SYNOPSIS\n.B resedge %s\n", command->name);
    add_roff(to, command->arguments);
    fputs("\n[\\fIOPTIONS\\fR]\n", to);
    add_lines(to, "DESCRIPTION", command->details);
    fputs(".SH OPTIONS\n", to);
    add_flags(to, command->flags);
}

void print_manual(FILE *to, const struct command *command)
{
    fprintf(to, ".TH \"RESEDGE%s%s\" 1 \"\" \"Res\\-Edge %s\" \"Res\\-Edge\"\n", command != NULL ? "\\-" : "",
            command != NULL ? command->name : "", rse_version());
    if (command != NULL)
        add_command_page(to, command);
    else
        add_main_page(to);
    fputs(".SH OPTIONS EVERYWHERE\n", to);
    add_flags(to, global_flags);
    add_environment(to);
    fputs(".SH EXIT STATUS\n" EXIT_STATUS_TEXT ".\n", to);
    add_lines(to, "EXAMPLES", command != NULL ? command->examples : NULL);
}
