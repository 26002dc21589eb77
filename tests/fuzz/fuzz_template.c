/*
 * fuzz_template.c - whatever file is compiled, with whatever values: what is rendered means what the template means, with
 * the values substituted in its scalars. The first two bytes choose the values, the rest is the file.
 *
 * Build: clang -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ilibresedge/include -I. with libresedge.a.
 */
#include "resedge/yaml.h"
#include "tests/unit/template/yaml_meaning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool is_encrypted(struct rse_arena *arena, struct rse_str text)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_yaml_doc *docs = NULL;
    size_t count = 0;
    bool sops = false;

    must(rse_yaml_docs(arena, RSE_STR("x.yaml"), text, &docs, &count, &err));
    for (size_t i = 0; i < count; i++)
        sops = sops || docs[i].sops;
    return sops;
}

static void check_rendered(struct reading *reading, struct rse_str text, struct rse_str out)
{
    struct document wanted, got;

    if (is_encrypted(reading->arena, text)) {
        must(rse_str_eq(text, out));
        return;
    }
    must(read_yaml(reading, text, true, &wanted));
    must(!has_clash(&wanted));
    must(read_yaml(reading, out, false, &got));
    must(difference(&wanted, &got) == NULL);
}

static void check_file(struct reading *reading, struct rse_str text)
{
    struct rse_values values = test_values_of(&reading->values);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_template *tpl = NULL;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 64 << 20);
    if (!rse_template_compile(&tpl, RSE_STR("x.yaml"), text, reading->values.keys, &err)) {
        must(tpl == NULL && err.code == RSE_INVALID && err.what[0] != '\0');
        return;
    }
    if (rse_template_render(tpl, &values, &out, &err))
        check_rendered(reading, text, rse_buf_str(&out));
    else
        must(err.code == RSE_INVALID && err.what[0] != '\0');
    rse_template_free(tpl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct yaml_kinds kinds;
    static bool ready;
    struct reading reading;
    struct maker maker;

    if (size < 2)
        return 0;
    if (!ready)
        yaml_kinds_init(&kinds);
    ready = true;
    reading.kinds = kinds;
    test_values_init(&reading.values);
    reading.arena = rse_arena_new();
    maker = (struct maker){ .state = ((uint64_t)data[0] << 8 | data[1] | 1u << 16) * 0x9e3779b97f4a7c15u };
    set_values(&reading, &maker);
    check_file(&reading, rse_str_n((const char *)data + 2, size - 2));
    rse_arena_free(reading.arena);
    test_values_release(&reading.values);
    return 0;
}
