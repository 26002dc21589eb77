/*
 * utf8.h - one step through UTF-8, for everything in the library that must look at characters.
 */
#ifndef RESEDGE_SRC_UTF8_H
#define RESEDGE_SRC_UTF8_H

#include "resedge/base.h"

/* The length of the valid sequence at the start of s (1 to 4), its code point in *cp; 0 where there is none. */
size_t rse_utf8_step(struct rse_str s, uint32_t *cp);

/* Control characters (C0, DEL, C1), and what moves or reorders text on a terminal: line and paragraph separators,
 * bidirectional marks and overrides, the byte order mark. */
bool rse_is_control(uint32_t cp);

/* What Unicode lets a program show as nothing (Default_Ignorable_Code_Point: soft hyphen, zero width space and joiners, fillers,
 * tags) and what only annotates text: two names that differ in these look the same. Not the variation selectors, which choose how the character before them looks. */
bool rse_is_invisible(uint32_t cp);

/* White space as Unicode has it. */
bool rse_is_space(uint32_t cp);

#endif
