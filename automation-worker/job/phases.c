#include "automation-worker/job/phases.h"

#include <inttypes.h>

#include "automation-worker/clock.h"

static const char *const NAMES[PHASE_COUNT] = { "claim", "fleet", "fetch",  "templates", "plan",  "render",
                                                "hash",  "write", "commit", "push",      "report" };

const char *phase_name(enum phase phase)
{
    return NAMES[phase];
}

void phases_begin(struct phases *phases)
{
    phases->begun = clock_us();
}

void phases_end(struct phases *phases, enum phase phase)
{
    int64_t now = clock_us();

    phases->us[phase] += now - phases->begun;
    phases->begun = now;
}

void phases_split(struct phases *phases, enum phase from, enum phase to, int64_t us)
{
    phases->us[from] -= us;
    phases->us[to] += us;
}

void phases_render(const struct phases *phases, struct rse_buf *out)
{
    for (int i = 0; i < PHASE_COUNT; i++)
        rse_buf_addf(out, "%s\"%s\":%" PRId64, i > 0 ? "," : "{", NAMES[i], (phases->us[i] + 500) / 1000);
    rse_buf_addc(out, '}');
}
