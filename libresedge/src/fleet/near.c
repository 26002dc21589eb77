/*
 * near.c - "did you mean": the names nearest to one that the fleet doesn't have.
 */
#include "libresedge/src/fleet/fleet_impl.h"
#include "resedge/suggest.h"

/* Of a path also its last name counts: people forget where a group is. */
static unsigned name_distance(const struct rse_suggestion *s, enum rse_noun noun, const struct fleet_entry *entry)
{
    struct rse_str name = entry->object->name;

    if (noun != RSE_GROUP)
        return rse_edit_distance(s->word, name, s->distance);
    if (rse_str_eq(s->word, name))
        return 1;
    return rse_edit_distance(s->word, path_without_slash(((const struct fleet_group *)entry)->path), s->distance);
}

void fleet_hint_near(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name, struct rse_err *err)
{
    const struct fleet_table *table = &fleet->tables[noun];
    struct rse_suggestion s;

    if (err == NULL)
        return;
    if (noun == RSE_GROUP)
        fleet_build_tree(fleet);
    rse_suggest_begin(&s, noun == RSE_GROUP ? path_without_slash(name) : name);
    for (size_t i = 0; i < table->count; i++) {
        unsigned distance = name_distance(&s, noun, table->at[i]);

        if (distance <= s.distance)
            rse_suggest_put(&s, fleet_display_name(fleet, noun, table->at[i]->object->id), distance);
    }
    rse_suggest_hint(&s, "", "", err);
}
