/*
 * catalogue_json.c - the catalogue as the worker reports it.
 */
#include <stdlib.h>

#include "libresedge/src/plan/catalogue_internal.h"
#include "resedge/map.h"
#include "resedge/model.h"

/* The first thing that is wrong with the set, whomever it breaks. */
static const struct rse_err *first_error(const struct template_set *set)
{
    if (set->pub.err.code != RSE_OK)
        return &set->pub.err;
    for (size_t i = 0; i < set->nvariants; i++) {
        if (set->variants[i].err.code != RSE_OK)
            return &set->variants[i].err;
    }
    for (size_t i = 0; i < set->pub.nfiles; i++) {
        if (set->pub.files[i].err.code != RSE_OK)
            return &set->pub.files[i].err;
    }
    return set->note.code != RSE_OK ? &set->note : NULL;
}

static void add_versions(const struct template_set *set, struct rse_buf *out)
{
    rse_buf_adds(out, ",\"versions\":[");
    for (size_t i = 0; i < set->pub.noverlays; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        rse_json_add_string(out, set->pub.overlays[i].version);
    }
    rse_buf_addc(out, ']');
}

static int by_text(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

/* "cluster.region" for each key that any file uses. */
static void gather_keys(const struct rse_catalogue *catalogue, const struct template_set *set, struct rse_arena *arena,
                        struct rse_map *keys)
{
    const uint32_t *numbers;
    const uint8_t *scopes;

    for (size_t i = 0; i < set->pub.nfiles; i++) {
        size_t count = set->pub.files[i].tpl != NULL ? rse_template_uses(set->pub.files[i].tpl, &numbers, &scopes) : 0;

        for (size_t n = 0; n < count; n++) {
            struct rse_str key = rse_keys_name(catalogue->keys, scopes[n], numbers[n]);

            key = rse_str(rse_arena_printf(arena, "%s.%.*s", rse_scope_name(scopes[n]), RSE_STR_ARG(key)));
            rse_map_put(keys, key, arena);
        }
    }
}

static void add_keys(const struct rse_catalogue *catalogue, const struct template_set *set, struct rse_buf *out)
{
    struct rse_arena *arena = rse_arena_new();
    struct rse_map *keys = rse_map_new();
    struct rse_str *names;
    size_t count = 0;

    gather_keys(catalogue, set, arena, keys);
    names = rse_arena_calloc(arena, rse_map_count(keys), sizeof(names[0]));
    for (size_t it = 0; rse_map_next(keys, &it, &names[count], NULL);)
        count++;
    qsort(names, count, sizeof(names[0]), by_text);
    rse_buf_adds(out, ",\"keys\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        rse_json_add_string(out, names[i]);
    }
    rse_buf_addc(out, ']');
    rse_map_free(keys);
    rse_arena_free(arena);
}

static void add_error(const struct rse_err *err, struct rse_buf *out)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 4096);
    if (err == NULL) {
        rse_buf_adds(out, ",\"error\":null");
        return;
    }
    rse_err_print(err, &text);
    rse_buf_adds(out, ",\"error\":");
    rse_json_add_string(out, rse_buf_str(&text));
}

void rse_catalogue_render(const struct rse_catalogue *catalogue, struct rse_buf *out)
{
    rse_buf_addc(out, '[');
    for (size_t i = 0; i < catalogue->nsets; i++) {
        const struct template_set *set = catalogue->sets[i];

        rse_buf_adds(out, i > 0 ? ",{\"path\":" : "{\"path\":");
        rse_json_add_string(out, set->pub.path);
        add_versions(set, out);
        add_keys(catalogue, set, out);
        rse_buf_adds(out, ",\"files\":");
        rse_buf_add_int(out, (int64_t)set->pub.nfiles);
        add_error(first_error(set), out);
        rse_buf_addc(out, '}');
    }
    rse_buf_addc(out, ']');
}
