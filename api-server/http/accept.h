/*
 * accept.h - which of the forms that we can answer in a client wants (RFC 9110, section 12.5.1).
 */
#ifndef API_HTTP_ACCEPT_H
#define API_HTTP_ACCEPT_H

#include <resedge/resedge.h>

/* header: the value of Accept; NULL or empty: anything goes. types: media types without parameters, the one we like best
 * first. Returns its index: the highest quality, of those the first; or -1 where none fits. */
int accept_choose(const char *header, const char *const *types, size_t count);

#endif
