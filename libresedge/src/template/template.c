#include <stdlib.h>

#include "libresedge/src/template/program.h"
#include "libresedge/src/template/yaml_reader.h"

void rse_template_free(struct rse_template *tpl)
{
    if (tpl == NULL)
        return;
    free(tpl->path);
    free((char *)tpl->text.p);
    rse_buf_release(&tpl->values);
    free(tpl->slots);
    free(tpl->units);
    free(tpl->keys);
    free(tpl->mappings);
    free(tpl->use_keys);
    free(tpl->use_scopes);
    free(tpl);
}

static void template_freep(struct rse_template **tpl)
{
    rse_template_free(*tpl);
}

static bool is_yaml_path(struct rse_str path)
{
    return rse_str_ends(path, RSE_STR(".yaml")) || rse_str_ends(path, RSE_STR(".yml"));
}

/* Whether the text, checked to be YAML, is worth a closer look: it holds "rea.", or an escape that may be part of it,
 * and is not encrypted. */
static bool may_have_slots(const struct rse_template *tpl, bool *may, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_yaml_doc *docs;
    size_t count;

    if (!yaml_docs_find(arena, rse_str(tpl->path), tpl->text, SIZE_MAX, &docs, &count, err))
        return false;
    *may = memmem(tpl->text.p, tpl->text.len, "rea.", 4) != NULL || rse_str_find(tpl->text, '\\') >= 0;
    for (size_t i = 0; i < count; i++)
        *may = *may && !docs[i].sops;
    return true;
}

static int use_cmp(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Lists each (scope, key) of the slots once. */
static void list_uses(struct rse_template *tpl)
{
    RSE_CLEANUP(rse_freep) uint64_t *all = rse_xcalloc(tpl->slot_count, sizeof(*all));

    for (size_t i = 0; i < tpl->slot_count; i++)
        all[i] = (uint64_t)tpl->slots[i].scope << 32 | tpl->slots[i].key;
    qsort(all, tpl->slot_count, sizeof(*all), use_cmp);
    tpl->use_keys = rse_xcalloc(tpl->slot_count, sizeof(*tpl->use_keys));
    tpl->use_scopes = rse_xcalloc(tpl->slot_count, sizeof(*tpl->use_scopes));
    for (size_t i = 0; i < tpl->slot_count; i++) {
        if (i > 0 && all[i] == all[i - 1])
            continue;
        tpl->use_keys[tpl->use_count] = (uint32_t)all[i];
        tpl->use_scopes[tpl->use_count++] = (uint8_t)(all[i] >> 32);
        tpl->uses_scope[all[i] >> 32] = true;
    }
}

bool rse_template_compile(struct rse_template **out, struct rse_str path, struct rse_str text,
                          const struct rse_keys *keys, struct rse_err *err)
{
    RSE_CLEANUP(template_freep) struct rse_template *tpl = rse_new(struct rse_template);
    bool may = false;

    if (text.len > TEMPLATE_MAX_TEXT)
        return yaml_fail(err, path, 1, "larger than %u MiB", TEMPLATE_MAX_TEXT >> 20);
    tpl->path = rse_xstrndup(path);
    tpl->text = rse_str_n(memcpy(rse_xmalloc(text.len + 1), text.len > 0 ? text.p : "", text.len), text.len);
    if (is_yaml_path(path) && !may_have_slots(tpl, &may, err))
        return false;
    if (may && !compile_yaml(tpl, keys, err))
        return false;
    list_uses(tpl);
    *out = RSE_TAKE(tpl);
    return true;
}

struct rse_str rse_template_path(const struct rse_template *tpl)
{
    return rse_str(tpl->path);
}

bool rse_template_is_constant(const struct rse_template *tpl)
{
    return tpl->unit_count == 0;
}

bool rse_template_uses_scope(const struct rse_template *tpl, enum rse_scope scope)
{
    return tpl->uses_scope[scope];
}

size_t rse_template_uses(const struct rse_template *tpl, const uint32_t **keys, const uint8_t **scopes)
{
    *keys = tpl->use_keys;
    *scopes = tpl->use_scopes;
    return tpl->use_count;
}
