/*
 * question.h - questions that other handlers pass on to a worker.
 */
#ifndef API_HANDLERS_QUESTION_H
#define API_HANDLERS_QUESTION_H

#include "api-server/http/call.h"

/* What adopting the folders of these clusters (names with commas between, in the call's arena) would change. Answers the call. */
void question_adoption(struct call *call, const char *clusters);

#endif
