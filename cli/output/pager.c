/* The pager: what is longer than the screen can be looked through. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/output/output.h"

static pid_t pager;

static const char *pager_command(void)
{
    const char *own = getenv("RESEDGE_PAGER"), *general = getenv("PAGER");

    if (own != NULL)
        return own;
    return general != NULL && general[0] != '\0' ? general : "less";
}

static RSE_NORETURN void run_pager(const char *command, const int ends[2])
{
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    setenv("LESS", "FRX", 0); /* quit if it fits a screen, keep colours, leave what was read on the screen */
    unsetenv("RESEDGE_TOKEN");
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

void pager_start(struct cli *cli)
{
    const char *command = pager_command();
    int ends[2];

    if (!cli->pages || pager != 0 || command[0] == '\0' || strcmp(command, "cat") == 0 || pipe(ends) != 0)
        return;
    fflush(stdout);
    pager = fork();
    if (pager == 0)
        run_pager(command, ends);
    if (pager > 0) {
        dup2(ends[1], STDOUT_FILENO);
        signal(SIGINT, SIG_IGN); /* it is for the pager, which shares the terminal; when that ends, so do we */
    }
    close(ends[0]);
    close(ends[1]);
}

void pager_end(void)
{
    if (pager <= 0)
        return;
    fflush(stdout);
    close(STDOUT_FILENO);
    waitpid(pager, NULL, 0);
    pager = 0;
}
