/*
 * part_leftover.c - a part that nobody plans any more, as far as its files can be found and listed.
 */
#include "libresedge/src/plan/plan_internal.h"

struct rse_part rse_part_leftover(struct rse_str namespace_, struct rse_str application, struct rse_str flux_name,
                                  struct rse_arena *arena)
{
    struct rse_namespace *of = rse_arena_new_of(arena, struct rse_namespace);
    struct rse_part part = { .kind = RSE_PART_NAMESPACE, .namespace_ = of, .frozen = true, .leftover = true };

    of->object = (struct rse_object){ .noun = RSE_NAMESPACE, .name = rse_arena_str(arena, namespace_) };
    if (application.len == 0) {
        struct plan_namespace *entry = rse_arena_new_of(arena, struct plan_namespace);

        entry->path = rse_str(rse_arena_printf(arena, "namespaces/%.*s.yaml", RSE_STR_ARG(namespace_)));
        part.detail = entry;
        return part;
    }

    struct rse_application *object = rse_arena_new_of(arena, struct rse_application);
    struct plan_application *entry = rse_arena_new_of(arena, struct plan_application);
    struct choice *choice = rse_arena_new_of(arena, struct choice);

    object->object = (struct rse_object){ .noun = RSE_APPLICATION, .name = rse_arena_str(arena, application) };
    entry->listener_path = rse_str(rse_arena_printf(arena, LISTENERS "/%.*s.yaml", RSE_STR_ARG(flux_name)));
    choice->entry = entry;
    part.kind = RSE_PART_APPLICATION;
    part.application = object;
    part.detail = choice;
    return part;
}
