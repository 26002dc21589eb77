/* help.h - what --help and the manual pages say: both are made from the table of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

#define EXIT_STATUS_TEXT \
    "0 done, 1 not found or different, 2 usage, 3 refused, 4 unreachable or too late, 5 a defect, 130 interrupted"

void print_usage(void);
void print_command_help(const struct command *command);
/* A manual page in man(7), of a command or (NULL) of resedge itself. */
void print_manual(FILE *to, const struct command *command);

#endif
