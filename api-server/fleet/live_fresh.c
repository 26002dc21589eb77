/*
 * live_fresh.c - see live_fresh.h.
 */
#include "api-server/fleet/live_fresh.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "api-server/fleet/live_internal.h"
#include "api-server/store/fleet.h"

enum { CATCH_UP_MS = 2000 };

struct asking {
    struct live_freshener *freshener;
    live_is_fresh *done;
    void *arg;
    int64_t revision;           /* that is waited for */
    struct live_waiter *waiter; /* NULL: the database is asked first */
    LIST_ENTRY(asking) link;
};

LIST_HEAD(asking_list, asking);

struct live_freshener {
    struct live *live;
    bool under_way;            /* a question */
    struct live_place from;    /* where the fleet was then */
    struct asking_list next;   /* they come after it */
    struct asking_list asked;  /* it is theirs */
    struct asking_list behind; /* they wait for the feed */
};

static void tell(struct asking *asking, const struct rse_err *err)
{
    LIST_REMOVE(asking, link);
    asking->done(asking->arg, err);
    free(asking);
}

static void caught_up(void *arg)
{
    struct asking *asking = arg;
    struct rse_err err = RSE_ERR_INIT;

    asking->waiter = NULL;
    if (live_revision(asking->freshener->live) >= asking->revision)
        return tell(asking, NULL);
    rse_err_hint(&err, "Try again in a moment.");
    rse_fail(&err, RSE_UNAVAILABLE, "this server is behind the database");
    tell(asking, &err);
}

static void catch_up(struct asking *asking, int64_t revision)
{
    struct live_freshener *freshener = asking->freshener;

    asking->revision = revision;
    LIST_REMOVE(asking, link);
    LIST_INSERT_HEAD(&freshener->behind, asking, link);
    asking->waiter = live_wait(freshener->live, revision - 1, CATCH_UP_MS, caught_up, asking);
    live_catch_up(freshener->live);
}

static void ask(struct live_freshener *freshener);

/* 0: there is nothing to wait for. */
static int64_t newer(struct live_freshener *freshener, const struct fleet_head *head)
{
    struct live *live = freshener->live;

    if (head == NULL || !live_follows(live, &freshener->from, head) || !live_is_ready(live))
        return 0;
    return head->revision > live_revision(live) ? head->revision : 0;
}

static void on_head(void *arg, const struct fleet_head *head, const struct rse_err *err)
{
    struct live_freshener *freshener = arg;
    int64_t revision = newer(freshener, head);
    struct asking *asking;

    while ((asking = LIST_FIRST(&freshener->asked)) != NULL) {
        if (revision > 0)
            catch_up(asking, revision);
        else
            tell(asking, err);
    }
    freshener->under_way = false;
    ask(freshener);
}

static void ask(struct live_freshener *freshener)
{
    struct asking *asking;

    if (freshener->under_way || LIST_EMPTY(&freshener->next))
        return;
    while ((asking = LIST_FIRST(&freshener->next)) != NULL) {
        LIST_REMOVE(asking, link);
        LIST_INSERT_HEAD(&freshener->asked, asking, link);
    }
    freshener->under_way = true;
    freshener->from = live_place(freshener->live);
    store_fleet_head(live_db(freshener->live), freshener->from.revision, on_head, freshener);
}

void live_freshen(struct live_freshener *freshener, live_is_fresh *done, void *arg)
{
    struct asking *asking = rse_new(struct asking);

    *asking = (struct asking){ .freshener = freshener, .done = done, .arg = arg };
    LIST_INSERT_HEAD(&freshener->next, asking, link);
    ask(freshener);
}

struct live_freshener *live_freshener_new(struct live *live)
{
    struct live_freshener *freshener = rse_new(struct live_freshener);

    freshener->live = live;
    return freshener;
}

static void drop(struct asking_list *list)
{
    struct asking *asking;

    while ((asking = LIST_FIRST(list)) != NULL) {
        if (asking->waiter != NULL)
            live_wait_cancel(asking->waiter);
        LIST_REMOVE(asking, link);
        free(asking);
    }
}

void live_freshener_free(struct live_freshener *freshener)
{
    if (freshener == NULL)
        return;
    drop(&freshener->next);
    drop(&freshener->asked);
    drop(&freshener->behind);
    free(freshener);
}
