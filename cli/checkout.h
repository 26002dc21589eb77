/* checkout.h - writes templates into a checkout. */
#ifndef CLI_CHECKOUT_H
#define CLI_CHECKOUT_H

#include "cli/cli.h"

/* Makes the folders of path below root, which has to be there. */
bool checkout_make_folders(struct cli *cli, const char *root, const char *path, struct rse_err *err) RSE_MUST;
/* A new file in a folder. What is there already is nobody's to overwrite. */
bool checkout_write(struct cli *cli, const char *folder, const char *name, const char *text,
                    struct rse_err *err) RSE_MUST;

#endif
