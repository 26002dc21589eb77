#include "automation-worker/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

void crash_point(const char *name)
{
    const char *wanted = getenv("RESEDGE_TEST") != NULL ? getenv("RESEDGE_TEST_CRASH") : NULL;

    if (wanted != NULL && strcmp(wanted, name) == 0)
        raise(SIGKILL);
}
