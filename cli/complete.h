/* complete.h - what a shell may put where the cursor is. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/cli.h"

/* Prints the words that may stand for the last of argv[0..argc), which is what was typed of it, one a line; behind a tab
 * what it means. Never an error: where nothing is known, nothing is printed. */
void complete(struct cli *cli, int argc, char **argv);

#endif
