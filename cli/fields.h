/* fields.h - FIELD=VALUE words as members of a document. */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

#include "cli/cli.h"

/* Puts FIELD=VALUE into a body, by the type of the field: lists are split at ',', nothing behind the '=' is null;
 * metadata.KEY=VALUE, capacity.memoryLimit=512 and the like set a member. */
bool fields_put(struct cli *cli, const struct rse_noun_info *noun, const char *word, cJSON *body,
                struct rse_err *err) RSE_MUST;

#endif
