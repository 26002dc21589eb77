/* linediff.h - what differs between two texts, line by line, for people. */
#ifndef CLI_LINEDIFF_H
#define CLI_LINEDIFF_H

#include <resedge/resedge.h>

/* Appends the lines that differ, "-" those of a and "+" those of b, with an "@@ line" in front of each place. */
void line_diff(struct rse_str a, struct rse_str b, struct rse_buf *out);

#endif
