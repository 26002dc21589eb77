/*
 * noun_write.c - creating, replacing, patching and deleting one object.
 */
#include <stdio.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/cascade.h"
#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live.h"
#include "api-server/fleet/rules.h"
#include "api-server/fleet/write.h"
#include "api-server/handlers/apply_answer.h"
#include "api-server/handlers/body_pointers.h"
#include "api-server/handlers/given.h"
#include "api-server/handlers/noun.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/writing.h"
#include "api-server/http/route.h"

enum { DOC_MAX_BYTES = 1024 * 1024, ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

struct noun_write {
    struct call *call;
    enum rse_noun noun;
    int64_t id; /* 0: a new one */
    cJSON *body;
    noun_part *part; /* makes the patch; NULL: the body is it */
    bool patch, dry_run, cascade;
    struct write_rights rights;
    struct rse_strs keys;          /* of the metadata whose places the errors of a patch tell */
    struct precondition condition; /* of the one that is there */
};

static bool find_old(const struct changeset *set, const struct noun_write *write, const struct rse_object **old,
                     struct rse_err *err)
{
    *old = rse_fleet_get(changeset_fleet(set), write->noun, write->id);
    return *old != NULL ||
           rse_fail(err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(write->noun)->name, (long long)write->id);
}

/* Faults of a patched document have its places, which are not those of a body that says metadata by key. */
static void keep_keys(struct noun_write *write, const cJSON *patched)
{
    if (!cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(write->body, "metadata")))
        write->keys = body_pointers_keys(patched, write->call->arena);
}

/* What can't be taken away is told beside what can't be put. */
static bool check_nulls(const struct noun_write *write, const cJSON *doc, struct rse_arena *arena, bool ok,
                        struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults);
    struct rse_err one = RSE_ERR_INIT;

    if (rse_object_check_patch(write->noun, doc, write->body, arena, &one))
        return ok;
    faults->arena = arena;
    rse_faults_add(faults, &one);
    if (!ok)
        rse_faults_add(faults, err);
    return rse_faults_check(faults, err);
}

/* What the object is with the patch applied to its document. */
static bool parse_patched(struct noun_write *write, const struct rse_object *old, struct rse_arena *arena,
                          struct rse_object **out, struct rse_err *err)
{
    cJSON *doc = NULL, *patch = NULL, *patched = NULL;
    bool ok;
    RSE_BUF_AUTO text = { 0 };

    if (write->part == NULL && !cJSON_IsObject(write->body))
        return rse_fail(err, RSE_INVALID, "a patch is a JSON object");
    rse_buf_init(&text, DOC_MAX_BYTES);
    rse_object_render(old, 0, &text);
    ok = rse_buf_ok(&text, err) && rse_json_parse(&doc, rse_buf_str(&text), err);
    if (ok && write->part != NULL)
        ok = (patch = write->part(write->call, old, write->body, err)) != NULL;
    if (ok) {
        patched = rse_object_merge_patch(write->noun, doc, patch != NULL ? patch : write->body);
        ok = rse_object_parse_over(out, old, patched, RSE_PARSE_WRITE, arena, err);
        if (!ok)
            keep_keys(write, patched);
        ok = patch != NULL ? ok : check_nulls(write, doc, arena, ok, err);
    }
    cJSON_Delete(doc);
    cJSON_Delete(patch);
    cJSON_Delete(patched);
    return ok;
}

static bool parse_written(struct noun_write *write, const struct rse_object *old, struct rse_arena *arena,
                          struct rse_object **out, struct rse_err *err)
{
    bool ok;

    if (old == NULL)
        return rse_object_parse(out, write->noun, write->body, RSE_PARSE_WRITE, arena, err);
    if (write->patch)
        return parse_patched(write, old, arena, out, err);
    ok = rse_object_parse_over(out, old, write->body, RSE_PARSE_WRITE, arena, err);
    if (*out != NULL)
        given_keep_target(*out, old, write->body);
    return ok;
}

/* What is written is there, and as the request wants to find it. */
static bool find_wanted(struct changeset *set, struct noun_write *write, const struct rse_object **old,
                        struct rse_err *err)
{
    return find_old(set, write, old, err) && precondition_check(&write->condition, set, *old, write->dry_run, err);
}

static void point_all(const struct noun_write *write, struct rse_faults *faults)
{
    struct rse_err err = RSE_ERR_INIT;

    if (!rse_faults_check(faults, &err))
        (void)!body_pointers(write->body, &write->keys, NULL, &err);
}

/* Faults of form, of references, of expressions and of names in one answer: what was read of the object is looked at although it has
 * faults. read: it has none of form, so that err comes from what it says. */
static bool refuse_all(struct changeset *set, struct noun_write *write, const struct rse_object *old,
                       struct rse_object *object, bool read, struct rse_err *err)
{
    struct rse_arena *arena = changeset_arena(set);
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults), more = { .arena = arena };
    struct rse_err one = RSE_ERR_INIT;

    if (write->part != NULL || !writing_is_of_body(err))
        return false;
    faults->arena = arena;
    rse_faults_add(faults, err);
    point_all(write, faults);
    write->keys = body_pointers_sorted_keys(object, write->call->arena);
    if (!read && !rules_put(changeset_fleet(set), &write->rights, old, object, arena, &one) && writing_is_of_body(&one))
        rse_faults_add(&more, &one);
    (void)changeset_put_rest(set, object, faults, &more);
    changeset_object_faults(set, &more);
    point_all(write, &more);
    changeset_merge_faults(write->noun, faults, &more);
    write->keys = (struct rse_strs){ 0 }; /* all point into the body now */
    return rse_faults_check(faults, err);
}

static bool build_put(struct changeset *set, void *arg, struct rse_err *err)
{
    struct noun_write *write = arg;
    struct rse_arena *arena = changeset_arena(set);
    const struct rse_object *old = NULL;
    struct rse_object *object = NULL;
    bool read;

    if (write->id != 0 && !find_wanted(set, write, &old, err))
        return false;
    write->keys = (struct rse_strs){ 0 };
    read = parse_written(write, old, arena, &object, err);
    if (object == NULL)
        return false;
    object->id = write->id;
    if (read)
        write->keys = body_pointers_sorted_keys(object, write->call->arena); /* errors that show later number these */
    return (read && rules_put(changeset_fleet(set), &write->rights, old, object, arena, err) &&
            rules_close(&write->rights, old, object, err) && changeset_put(set, object, err)) ||
           refuse_all(set, write, old, object, read, err);
}

static bool build_delete(struct changeset *set, void *arg, struct rse_err *err)
{
    struct noun_write *write = arg;
    const struct rse_object *old;

    if (!find_wanted(set, write, &old, err))
        return false;
    if (write->cascade)
        return cascade_delete(set, &write->rights, old, err);
    if (rules_delete(&write->rights, old, err) && changeset_delete(set, write->noun, write->id, err))
        return true;
    if (err->code != RSE_CONFLICT || (write->noun != RSE_NAMESPACE && write->noun != RSE_GROUP) ||
        !cascade_helps(set, old))
        return false;
    err->hint[0] = '\0';
    rse_err_hint(err, "Change these first, or delete what is nothing without it too: ?cascade=true.");
    return false;
}

static const struct change *find_change(const struct changeset *set, const struct noun_write *write)
{
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *c = changeset_at(set, i);

        if (c->noun == write->noun && (write->id == 0 ? c->created : c->id == write->id))
            return c;
    }
    return NULL;
}

static void fail_put(struct noun_write *write, const struct rse_err *err)
{
    struct rse_err pointed = *err;
    struct call *call = write->call;

    precondition_refused(&write->condition, &pointed);
    if (body_pointers(write->body, &write->keys, write->part != NULL ? &call->params[1] : NULL, &pointed))
        return writing_fail(call, &pointed);
    call_fail_with(call, &pointed);
}

static void put_done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct noun_write *write = arg;
    struct call *call = write->call;
    const struct change *change;

    if (err != NULL)
        return fail_put(write, err);
    writing_show_asked(call, &write->rights);
    change = find_change(set, write);
    if (change == NULL) /* it says nothing new */
        return noun_reply_stored(call, write->noun, write->id);
    call_reply_object(call, 200, change->doc, change->etag, changeset_revision(set));
}

static bool render_created(void *arg, const struct changeset *set, struct writing_answer *out,
                           struct rse_err *err RSE_UNUSED)
{
    struct noun_write *write = arg;
    const struct change *change = find_change(set, write);

    rse_buf_add_str(&out->body, change->doc);
    out->etag = rse_arena_strdup(write->call->arena, change->etag);
    if (write->dry_run)
        return true;
    out->status = 201;
    out->location = rse_arena_printf(write->call->arena, "/api/v1/%s/%lld", rse_noun_info(write->noun)->plural,
                                     (long long)change->id);
    return true;
}

static void point_created(void *arg, struct rse_err *err)
{
    const struct noun_write *write = arg;

    (void)!body_pointers(write->body, &write->keys, NULL, err);
}

/* A cascade says what went along. */
static void reply_all(const struct noun_write *write, const struct changeset *set)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, ANSWER_MAX_BYTES);
    apply_answer(set, write->dry_run, writing_asked(&write->rights), &body);
    call_reply_buf(write->call, 200, &body);
}

static void delete_done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct noun_write *write = arg;

    if (err != NULL) {
        write->call->err = *err;
        precondition_refused(&write->condition, &write->call->err);
        return call_fail_body(write->call);
    }
    writing_show_asked(write->call, &write->rights);
    call_set_revision(write->call, changeset_revision(set));
    if (write->cascade)
        reply_all(write, set);
    else
        call_reply_empty(write->call, 204);
}

/* A deletion takes one parameter more. */
static bool read_rights(struct noun_write *write)
{
    static const char *const PARAMETERS[] = { "cascade", "dryRun", "confirm", "reason", "ifRevision", "urgent", NULL };
    struct call *call = write->call;

    if (strcmp(call->route->method, "DELETE") != 0 || write->part != NULL)
        return writing_rights(call, &write->rights);
    if (call_query_only(call, PARAMETERS))
        return call_query_bool(call, "cascade", false, &write->cascade) &&
               (!write->cascade || cascade_knows(write->noun, &call->err)) && writing_rights_only(call, &write->rights);
    rse_err_hint(&call->err, "It takes cascade, dryRun, confirm, reason, ifRevision and urgent.");
    return false;
}

/* What all writes of one object have in common. part: see noun_part_handler(), or NULL. NULL with call->err set. */
static struct noun_write *write_new(struct call *call, bool has_id, noun_part *part)
{
    struct noun_write *write = rse_arena_new_of(call->arena, struct noun_write);

    write->call = call;
    write->noun = call_noun(call);
    write->part = part;
    if (has_id && !call_object(call, write->noun, &write->id))
        return NULL;
    if (!read_rights(write) || !call_query_bool(call, "dryRun", false, &write->dry_run))
        return NULL;
    precondition_read(call, &write->condition);
    return write;
}

static void put(struct call *call, bool patch)
{
    struct noun_write *write = write_new(call, true, NULL);

    if (write == NULL || !call_json(call, &write->body))
        return call_fail(call);
    write->patch = patch;
    writing_start(call, &write->rights, write->dry_run, build_put, put_done, write);
}

void noun_post_handler(struct call *call)
{
    struct noun_write *write = write_new(call, false, NULL);

    if (write == NULL || !precondition_new(call) || !call_json(call, &write->body))
        return call_fail(call);
    writing_start_once(call, &write->rights,
                       &(struct writing_once){ .dry_run = write->dry_run,
                                               .build = build_put,
                                               .render = render_created,
                                               .point = point_created,
                                               .arg = write });
}

void noun_put_handler(struct call *call)
{
    put(call, false);
}

void noun_patch_handler(struct call *call)
{
    put(call, true);
}

void noun_part_handler(struct call *call, noun_part *part, bool has_body)
{
    struct noun_write *write = write_new(call, true, part);

    if (write == NULL || (has_body && !call_json(call, &write->body)))
        return call_fail(call);
    write->patch = true;
    writing_start(call, &write->rights, write->dry_run, build_put, put_done, write);
}

void noun_delete_handler(struct call *call)
{
    struct noun_write *write = write_new(call, true, NULL);

    if (write == NULL)
        return call_fail(call);
    writing_start(call, &write->rights, write->dry_run, build_delete, delete_done, write);
}
