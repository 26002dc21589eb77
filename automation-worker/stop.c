#include "automation-worker/stop.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "automation-worker/clock.h"

static int wake_fd = -1; /* readable for good once a signal came */
static atomic_int signals;
static _Atomic int64_t first_at_ms;
static int64_t grace;

static void on_signal(int number)
{
    uint64_t one = 1;

    (void)number;
    if (atomic_fetch_add(&signals, 1) == 0)
        atomic_store(&first_at_ms, clock_ms());
    if (write(wake_fd, &one, sizeof(one)) < 0)
        return; /* full: somebody wrote before, which wakes as well */
}

void stop_init(int64_t grace_ms)
{
    struct sigaction action = { .sa_handler = on_signal };

    grace = grace_ms;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of the write, as a full disk is */
}

bool stop_requested(void)
{
    return atomic_load(&signals) > 0;
}

bool stop_overdue(void)
{
    int count = atomic_load(&signals);

    return count > 1 || (count == 1 && clock_ms() - atomic_load(&first_at_ms) >= grace);
}

bool stop_wait(int64_t ms)
{
    struct pollfd wake = { .fd = wake_fd, .events = POLLIN };
    nfds_t watched = stop_requested() ? 0 : 1; /* readable for good after the first signal */

    for (int64_t end = clock_ms() + ms, left = ms; left > 0; left = end - clock_ms()) {
        poll(&wake, watched, (int)left);
        if (stop_overdue() || (watched == 1 && stop_requested()))
            break;
    }
    return stop_requested();
}
