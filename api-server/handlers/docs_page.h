/*
 * docs_page.h - the page at /docs, where people read the API's description and try it.
 *
 * The page is ours and part of the program; the viewer (Swagger UI) comes with its package, in a folder beside the program
 * or where --docs-page says. Nothing is loaded from anywhere else, and the page may talk to this server only.
 */
#ifndef API_HANDLERS_DOCS_PAGE_H
#define API_HANDLERS_DOCS_PAGE_H

struct api;
struct docs_page;

/* folder: of the viewer, or NULL for the one beside the program. Where there is none, /docs says how to get it. */
struct docs_page *docs_page_new(const char *folder);
void docs_page_free(struct docs_page *page);

#endif
