/* nounview.h - the columns of a noun, from the table of fields. */
#ifndef CLI_NOUNVIEW_H
#define CLI_NOUNVIEW_H

#include "cli/output/output.h"

/* In the arena. */
const struct view *noun_view(struct cli *cli, const struct rse_noun_info *noun);

#endif
