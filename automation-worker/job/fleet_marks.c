#include "automation-worker/job/fleet_marks.h"

#include <stdlib.h>

#define MAX_GONE 100000

struct gone {
    int64_t revision;
    char *name;
};

struct fleet_marks {
    int64_t from;        /* what happened up to here is not known */
    int64_t *changed_at; /* by index */
    uint32_t count;
    struct gone *gone; /* in the order of revisions */
    size_t ngone, gone_cap;
};

struct fleet_marks *fleet_marks_new(void)
{
    return rse_new(struct fleet_marks);
}

static void forget_gone(struct fleet_marks *marks)
{
    for (size_t i = 0; i < marks->ngone; i++)
        free(marks->gone[i].name);
    marks->ngone = 0;
}

void fleet_marks_free(struct fleet_marks *marks)
{
    if (marks == NULL)
        return;
    forget_gone(marks);
    free(marks->gone);
    free(marks->changed_at);
    free(marks);
}

void fleet_marks_begin(struct fleet_marks *marks, int64_t revision)
{
    forget_gone(marks);
    free(marks->changed_at);
    marks->changed_at = NULL;
    marks->count = 0;
    marks->from = revision;
}

static void grow(struct fleet_marks *marks, uint32_t count)
{
    if (count <= marks->count)
        return;
    marks->changed_at = rse_xrealloc(marks->changed_at, count * sizeof(marks->changed_at[0]));
    memset(marks->changed_at + marks->count, 0, (count - marks->count) * sizeof(marks->changed_at[0]));
    marks->count = count;
}

void fleet_marks_add(struct fleet_marks *marks, const struct rse_bitmap *clusters, int64_t revision)
{
    grow(marks, clusters->nbits);
    RSE_BITMAP_EACH(clusters, index)
    marks->changed_at[index] = revision;
}

void fleet_marks_add_gone(struct fleet_marks *marks, struct rse_str name, int64_t revision)
{
    /* Who asks about a time before this is told that it isn't known. */
    if (marks->ngone == MAX_GONE) {
        marks->from = marks->gone[marks->ngone - 1].revision;
        forget_gone(marks);
    }
    RSE_GROW(marks->gone, marks->ngone, marks->gone_cap);
    marks->gone[marks->ngone++] = (struct gone){ .revision = revision, .name = rse_xstrndup(name) };
}

static void list_gone(const struct fleet_marks *marks, int64_t since, struct rse_arena *arena,
                      struct fleet_changes *out)
{
    size_t first = marks->ngone;

    while (first > 0 && marks->gone[first - 1].revision > since)
        first--;
    out->ngone = 0;
    out->gone = rse_arena_calloc(arena, marks->ngone - first + 1, sizeof(out->gone[0]));
    for (size_t i = first; i < marks->ngone; i++)
        out->gone[out->ngone++] = rse_str(rse_arena_strdup(arena, marks->gone[i].name));
}

bool fleet_marks_since(const struct fleet_marks *marks, int64_t since, uint32_t nbits, struct rse_arena *arena,
                       struct fleet_changes *out)
{
    if (since < marks->from)
        return false;
    rse_bitmap_init(&out->clusters, nbits);
    for (uint32_t i = 0; i < marks->count && i < nbits; i++) {
        if (marks->changed_at[i] > since)
            rse_bitmap_set(&out->clusters, i);
    }
    list_gone(marks, since, arena, out);
    return true;
}
