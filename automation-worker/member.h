/* member.h - members of a JSON object, with a fallback where they are absent or of another type. */
#ifndef WORKER_MEMBER_H
#define WORKER_MEMBER_H

#include <stdint.h>

struct cJSON;

int64_t member_int64(const struct cJSON *object, const char *name, int64_t fallback);
/* "" when absent; borrowed. */
const char *member_text(const struct cJSON *object, const char *name);

#endif
