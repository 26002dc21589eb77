/*
 * near.c - "did you mean": the names nearest to one that the fleet doesn't have.
 *
 * There may be 60,000 names, so distances are only computed near the diagonal and given up as soon as they are too large.
 */
#include "libresedge/src/fleet/fleet_impl.h"

enum { NEAR_MOST = 2, NEAR_BAND = 2 * NEAR_MOST + 1, NEAR_SHOWN = 3 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* Letters to add, take away or change; more than NEAR_MOST where it is more. row[d] is the distance at column i + d - 2. */
static unsigned distance_of_rest(struct rse_str a, struct rse_str b)
{
    unsigned row[NEAR_BAND + 1];

    for (unsigned d = 0; d <= NEAR_BAND; d++)
        row[d] = d < NEAR_MOST || d == NEAR_BAND ? NEAR_MOST + 1 : d - NEAR_MOST;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned least = NEAR_MOST + 1, left = NEAR_MOST + 1;

        for (unsigned d = 0; d < NEAR_BAND; d++) {
            size_t j = i + d;

            if (j < NEAR_MOST || j - NEAR_MOST > b.len) {
                left = row[d] = NEAR_MOST + 1;
                continue;
            }
            j -= NEAR_MOST;
            left = j == 0 ? (unsigned)(i < NEAR_MOST + 1 ? i : NEAR_MOST + 1)
                          : min3(row[d] + (a.p[i - 1] != b.p[j - 1]), left + 1, row[d + 1] + 1);
            row[d] = left;
            least = left < least ? left : least;
        }
        if (least > NEAR_MOST)
            return NEAR_MOST + 1;
    }
    return row[b.len + NEAR_MOST - a.len];
}

struct near {
    struct rse_str names[NEAR_SHOWN];
    unsigned distances[NEAR_SHOWN];
    size_t count;
};

/* The nearest first, and of the equally near the one that came first. */
static void offer(struct near *near, struct rse_str name, unsigned at)
{
    size_t place = near->count;

    while (place > 0 && near->distances[place - 1] > at)
        place--;
    if (place == NEAR_SHOWN)
        return;
    near->count += near->count < NEAR_SHOWN;
    for (size_t i = near->count - 1; i > place; i--) {
        near->names[i] = near->names[i - 1];
        near->distances[i] = near->distances[i - 1];
    }
    near->names[place] = name;
    near->distances[place] = at;
}

/* What both begin or end with doesn't count, and names of stores have most of it in common. */
static unsigned distance(struct rse_str a, struct rse_str b)
{
    if (a.len > b.len + NEAR_MOST || b.len > a.len + NEAR_MOST)
        return NEAR_MOST + 1;
    while (a.len > 0 && b.len > 0 && a.p[0] == b.p[0]) {
        a = rse_str_from(a, 1);
        b = rse_str_from(b, 1);
    }
    while (a.len > 0 && b.len > 0 && a.p[a.len - 1] == b.p[b.len - 1]) {
        a.len--;
        b.len--;
    }
    return distance_of_rest(a, b);
}

/* Of a path also its last name counts: people forget where a group is. */
static unsigned name_distance(enum rse_noun noun, struct rse_str wanted, const struct fleet_entry *entry)
{
    struct rse_str name = entry->object->name;

    if (noun != RSE_GROUP)
        return distance(wanted, name);
    if (rse_str_eq(wanted, name))
        return 1;
    return distance(wanted, path_without_slash(((const struct fleet_group *)entry)->path));
}

void fleet_hint_near(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name, struct rse_err *err)
{
    const struct fleet_table *table = &fleet->tables[noun];
    struct rse_str wanted = noun == RSE_GROUP ? path_without_slash(name) : name;
    struct near near = { .count = 0 };

    if (err == NULL || wanted.len == 0)
        return;
    if (noun == RSE_GROUP)
        fleet_build_tree(fleet);
    for (size_t i = 0; i < table->count; i++) {
        unsigned at = name_distance(noun, wanted, table->at[i]);

        if (at <= NEAR_MOST && at < wanted.len)
            offer(&near, fleet_display_name(fleet, noun, table->at[i]->object->id), at);
    }
    if (near.count == 1)
        rse_err_hint(err, "Did you mean %.*s?", RSE_STR_ARG(near.names[0]));
    else if (near.count == 2)
        rse_err_hint(err, "Did you mean %.*s or %.*s?", RSE_STR_ARG(near.names[0]), RSE_STR_ARG(near.names[1]));
    else if (near.count == 3)
        rse_err_hint(err, "Did you mean %.*s, %.*s or %.*s?", RSE_STR_ARG(near.names[0]), RSE_STR_ARG(near.names[1]),
                     RSE_STR_ARG(near.names[2]));
}
