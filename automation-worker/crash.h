/*
 * crash.h - a test aid: end the process with SIGKILL at a named point of a job.
 *
 * Where RESEDGE_TEST is set, RESEDGE_TEST_CRASH names one of before-objects, before-pack,
 * between-pack-and-index, before-ref, after-ref, before-push, after-push,
 * before-deployments, before-complete, so that tests can pull the plug at each step. Without RESEDGE_TEST nothing happens.
 */
#ifndef WORKER_CRASH_H
#define WORKER_CRASH_H

void crash_point(const char *name);

#endif
