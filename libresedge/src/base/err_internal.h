/*
 * err_internal.h - what the files of err.h share.
 */
#ifndef RESEDGE_SRC_BASE_ERR_INTERNAL_H
#define RESEDGE_SRC_BASE_ERR_INTERNAL_H

#include "resedge/err.h"

/* Ends a text that did not fit with "...", behind a whole character. */
void err_cut_short(char *text, size_t size);

#endif
