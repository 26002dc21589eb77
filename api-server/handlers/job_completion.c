/*
 * job_completion.c - see job_completion.h.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/job_completion.h"

#define NUMBERS                                                                                                        \
    "filesAdded", "filesChanged", "filesRemoved", "filesRendered", "bytesRendered", "bytesWritten", "clustersChanged", \
        "durationMs", "heldCount"
#define IDS "commit", "tree", "parent"

const char *const JOB_COMPLETION_MEMBERS[] = { "fence",  "revision", "state", NUMBERS, IDS,
                                               "phases", "held",     "holds", "drift", NULL };

static const char *const HOLD_KINDS[] = { "clustersLosing", "clustersChanged", "files", "fork", "adopt", NULL };

static void look_texts(const struct body *body, const char *const *names, bool needed)
{
    for (; *names != NULL; names++)
        body_look_text(body, *names, needed);
}

static void look_numbers(const struct body *body, const char *const *names, bool needed)
{
    for (; *names != NULL; names++)
        body_look_int(body, *names, 0, JOB_MAX_NUMBER, needed);
}

void job_look_problem(const struct body *body, const char *name, bool needed)
{
    static const char *const TEXTS[] = { "type", "title", "detail", "code", "object", "field", "hint", NULL };
    struct body problem = body_object(body, name, NULL, needed);

    look_texts(&problem, TEXTS, false);
}

/* How long what took. */
static void look_phases(const struct body *body)
{
    struct body phases = body_object(body, "phases", NULL, false);
    const cJSON *phase;

    cJSON_ArrayForEach(phase, phases.json)
    {
        body_look_int(&phases, phase->string, 0, JOB_MAX_NUMBER, true);
    }
}

/* A part that is held, with its error, or what a guard holds. */
static void look_held(const struct body *body)
{
    static const char *const MEMBERS[] = { "cause",     "key",         "change", "actor",    "cluster",
                                           "namespace", "application", "kind",   "revision", "counted",
                                           "limit",     "of",          "losing", "changed",  "files",
                                           "parts",     "clusters",    "error",  NULL };
    static const char *const TEXTS[] = { "cause",     "key",         "change", "actor", "cluster",
                                         "namespace", "application", "kind",   NULL };
    static const char *const COUNTS[] = { "revision", "counted", "of", "losing", "changed", "files", NULL };
    const cJSON *list = body_array(body, "held", false), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct body held = body_item(body, "held", item, i++, MEMBERS);

        look_texts(&held, TEXTS, false);
        look_numbers(&held, COUNTS, false);
        body_look_number(&held, "limit");
        body_look_texts(&held, "parts", false);
        body_look_texts(&held, "clusters", false);
        job_look_problem(&held, "error", false);
    }
}

/* What the next job has to know of what is held. */
static void look_holds(const struct body *body)
{
    static const char *const MEMBERS[] = {
        "key", "kind", "state", "revision", "losing", "changed", "files", "doc", NULL
    };
    static const char *const DOC_MEMBERS[] = { "change", "actor", "parts", "clusters", NULL };
    static const char *const STATES[] = { "held", "approved", "discarded", NULL };
    static const char *const COUNTS[] = { "revision", "losing", "changed", "files", NULL };
    const cJSON *list = body_array(body, "holds", false), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct body hold = body_item(body, "holds", item, i++, MEMBERS);
        struct body doc = body_object(&hold, "doc", DOC_MEMBERS, true);

        (void)body_text(&hold, "key", 1, 200);
        (void)body_word(&hold, "kind", HOLD_KINDS);
        (void)body_word(&hold, "state", STATES);
        look_numbers(&hold, COUNTS, true);
        body_look_text(&doc, "change", false);
        body_look_text(&doc, "actor", false);
        body_look_texts(&doc, "parts", false);
        body_look_texts(&doc, "clusters", false);
    }
}

/* What people had changed by hand. */
static void look_drift(const struct body *body)
{
    static const char *const MEMBERS[] = { "files", "paths", NULL };
    static const char *const PATH_MEMBERS[] = { "path", "op", NULL };
    static const char *const OPS[] = { "added", "changed", "removed", NULL };
    struct body drift = body_object(body, "drift", MEMBERS, false);
    const cJSON *list = body_array(&drift, "paths", true), *item;
    size_t i = 0;

    body_look_int(&drift, "files", 0, JOB_MAX_NUMBER, true);
    cJSON_ArrayForEach(item, list)
    {
        struct body path = body_item(&drift, "paths", item, i++, PATH_MEMBERS);

        body_look_text(&path, "path", true);
        (void)body_word(&path, "op", OPS);
    }
}

const char *job_look_completion(const struct body *body)
{
    static const char *const STATES[] = { "committed", "pushed", "unchanged", NULL };
    static const char *const COUNTS[] = { NUMBERS, NULL };
    static const char *const OBJECTS[] = { IDS, NULL };
    const char *state = body_word(body, "state", STATES);

    look_numbers(body, COUNTS, false);
    for (const char *const *id = OBJECTS; *id != NULL; id++)
        (void)body_git_id(body, *id, false);
    look_phases(body);
    look_held(body);
    look_holds(body);
    look_drift(body);
    return state;
}
