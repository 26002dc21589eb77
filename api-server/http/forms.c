/*
 * forms.c - the media types that a route answers in, and which of them a request gets.
 */
#include "api-server/http/accept.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/route.h"

/* The most that a route has. */
enum { FORMS_MAX = 4 };

struct forms {
    unsigned flag; /* of a route; 0: of all others */
    const char *types[FORMS_MAX];
    size_t count;
};

static const struct forms FORMS[] = {
    { ROUTE_LIST, { "application/json", "application/x-ndjson", "text/csv" }, 3 },
    { ROUTE_LINES, { "application/x-ndjson" }, 1 },
    { ROUTE_EVENTS, { "text/event-stream" }, 1 },
    { ROUTE_INVENTORY, { "application/json", "application/yaml", "application/x-yaml", "text/yaml" }, 4 },
    { ROUTE_FILES, { "application/json", "text/plain" }, 2 },
    { 0, { "application/json" }, 1 },
};

const char *const *route_forms(const struct route *route, size_t *count)
{
    const struct forms *forms = FORMS;

    *count = 0;
    if ((route->flags & ROUTE_PUBLIC) != 0 || (strcmp(route->method, "GET") != 0 && (route->flags & ROUTE_ASKS) == 0))
        return NULL;
    while (forms->flag != 0 && (route->flags & forms->flag) == 0)
        forms++;
    *count = forms->count;
    return forms->types;
}

static bool fail(struct call *call, const char *const *types, size_t count)
{
    RSE_BUF_AUTO list = { 0 };

    rse_buf_init(&list, sizeof(call->err.hint));
    for (size_t i = 0; i < count; i++)
        rse_buf_addf(&list, "%s%s", i > 0 ? ", " : "", types[i]);
    rse_err_hint(&call->err, "The answer comes as %s.", list.p);
    call->status = 406;
    return rse_fail(&call->err, RSE_INVALID, "no media type in Accept is one that the answer comes in");
}

bool call_choose_form(struct call *call)
{
    size_t count;
    const char *const *types = route_forms(call->route, &count);
    int chosen = count > 0 ? accept_choose(call_header(call, "Accept"), types, count) : 0;

    if (chosen < 0)
        return fail(call, types, count);
    call->form = (size_t)chosen;
    return true;
}
