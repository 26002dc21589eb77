/*
 * push.h - one push of the worker's own, timed: `automation push REPOSITORY URL CREDENTIALS COMMIT`.
 */
#ifndef BENCH_AUTOMATION_PUSH_H
#define BENCH_AUTOMATION_PUSH_H

/* Pushes a commit of a repository to branch main at a URL, where its first parent stands, with the credential "host" of
 * that folder. Prints the seconds that finding its pack and the push took. */
int command_push(const char *repository, const char *url, const char *credentials, const char *commit);

#endif
