/*
 * answer_head.h - the head of an answer: what all of them say, those of the front and those of handlers.
 */
#ifndef API_HTTP_ANSWER_HEAD_H
#define API_HTTP_ANSWER_HEAD_H

#include <resedge/resedge.h>

/* The status line, and the headers of every answer with that status. content_type NULL: there is no content. revision: of the fleet;
 * -1: that is added by the caller. The empty line at the end is the caller's too. */
void answer_head_begin(struct rse_buf *head, int status, const char *content_type, const char *request_id,
                       int64_t revision);
/* name and value have no line break. */
void answer_head_add(struct rse_buf *head, const char *name, const char *value);
/* Content-Length. */
void answer_head_add_length(struct rse_buf *head, size_t len);

const char *status_reason(int status);

#endif
