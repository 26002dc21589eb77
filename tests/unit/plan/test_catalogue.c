/* What is found in a tree of templates, and what is wrong with it. */
#include "libresedge/src/plan/template_set.h"
#include "tests/unit/plan/plan_test.h"

static void catalogue__finds_sets_wherever_they_are(void **state)
{
    struct world *world = world_new();
    RSE_BUF_AUTO paths = { 0 };

    rse_buf_init(&paths, 1000);
    world_file(world, "apps/README.md", "hello");
    world_file(world, "apps/team/notes.txt", "hello");
    world_file(world, "apps/team/till/base/kustomization.yaml", KUSTOMIZATION("  []\n"));
    world_file(world, "apps/team/shelf/kustomization.yaml", KUSTOMIZATION("  []\n"));
    world_file(world, "apps/team/shelf/parts/kustomization.yaml", KUSTOMIZATION("  []\n"));
    world_file(world, "apps/flux-system/deep/source.yaml", CONFIG_MAP("s"));
    world_file(world, "policies/net/no-ingress/policy.yaml", CONFIG_MAP("p"));
    world_file(world, "policies/simple/a.yaml", CONFIG_MAP("a"));
    world_file(world, "policies/simple/more/b.yaml", CONFIG_MAP("b"));
    world_file(world, "clusters/store-1/web/shop/base/config.yaml", CONFIG_MAP("b"));
    world_plan(world);
    for (size_t i = 0; i < rse_catalogue_count(world->catalogue); i++)
        rse_buf_addf(&paths, "%.*s\n", RSE_STR_ARG(rse_catalogue_at(world->catalogue, i)->path));
    assert_string_equal(paths.p, "apps/flux-system\napps/shop\napps/team/shelf\napps/team/till\n"
                                 "policies/net/no-ingress\npolicies/simple\n");
    assert_int_equal(world_set(world, "policies/simple")->pub.nfiles, 2);
    assert_int_equal(world_set(world, "apps/team/shelf")->pub.nfiles, 2);
    assert_true(world_set(world, "apps/team/till")->pub.has_base);
    assert_false(world_set(world, "apps/team/shelf")->pub.has_base);
    assert_null(rse_catalogue_find(world->catalogue, RSE_STR("apps/team")));
    world_free(world);
    (void)state;
}

static void catalogue__renders_as_what_the_worker_reports(void **state)
{
    struct world *world = world_new();
    RSE_BUF_AUTO json = { 0 };

    rse_buf_init(&json, 10000);
    world_file(world, "apps/shop/overlays/1.10.0/kustomization.yaml", KUSTOMIZATION("  - ../../base\n"));
    world_file(world, "apps/shop/overlays/1.2.0/kustomization.yaml", KUSTOMIZATION("  - ../../base\n"));
    world_file(world, "apps/till/kustomization.yaml", KUSTOMIZATION("  - gone.yaml\n"));
    world_plan(world);
    rse_catalogue_render(world->catalogue, &json);
    assert_string_equal(json.p,
                        "[{\"path\":\"apps/shop\",\"versions\":[\"1.10.0\",\"1.2.0\"],"
                        "\"keys\":[\"application.name\",\"application.title\",\"cluster.region\"],"
                        "\"files\":4,\"error\":null},"
                        "{\"path\":\"apps/till\",\"versions\":[],\"keys\":[],\"files\":1,"
                        "\"error\":\"apps/till/kustomization.yaml: resources names \\\"gone.yaml\\\", which is not "
                        "there. Add it, or take it out of resources.\"}]");
    world_free(world);
    (void)state;
}

static void catalogue__keeps_a_broken_file_to_its_application(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":2,\"name\":\"till\",\"namespaceId\":1,\"path\":\"apps/till\",\"fluxName\":\"till\"}");
    world_file(world, "apps/till/base/kustomization.yaml", KUSTOMIZATION("  - config.yaml\n"));
    world_file(world, "apps/till/base/config.yaml", "a: [1\n");
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_fails(folder, RSE_PART_APPLICATION, "till", "apps/till/base/config.yaml:");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void catalogue__refuses_a_broken_file_in_base_though_nobody_names_it(void **state)
{
    struct world *world = world_new();

    world_file(world, "apps/shop/base/unused.yaml", "name: rea.cluster.regionn\n");
    assert_shop_fails(world, "apps/shop/base/unused.yaml:1:");
    world_free(world);
    (void)state;
}

static void catalogue__breaks_the_application_of_what_is_refused(void **state)
{
    struct world *world = world_new();
    struct rse_catalogue *catalogue;
    const struct rse_template_set *set;

    world_plan(world);
    catalogue = rse_catalogue_new(world->keys, NULL);
    rse_catalogue_refuse(catalogue, RSE_STR("apps/shop/base/link.yaml"), "a symbolic link can't be rendered");
    rse_catalogue_refuse(catalogue, RSE_STR("apps/module"), "a submodule can't be rendered");
    rse_catalogue_seal(catalogue);
    set = rse_catalogue_find(catalogue, RSE_STR("apps/shop"));
    assert_non_null(set);
    assert_string_equal(set->err.what, "apps/shop/base/link.yaml: a symbolic link can't be rendered");
    set = rse_catalogue_find(catalogue, RSE_STR("apps/module"));
    assert_non_null(set);
    assert_string_equal(set->err.what, "apps/module: a submodule can't be rendered");
    rse_catalogue_free(catalogue);
    world_free(world);
    (void)state;
}

static void catalogue__refuses_a_file_that_is_too_large(void **state)
{
    struct world *world = world_new();
    size_t size = (4U << 20) + 1;
    char *text = rse_xmalloc(size);

    memset(text, '#', size);
    world_bytes(world, "apps/shop/base/large.yaml", rse_str_n(text, size));
    assert_shop_fails(world, "apps/shop/base/large.yaml: the file is larger than 4 MiB");
    free(text);
    world_free(world);
    (void)state;
}

static void catalogue__takes_over_what_the_previous_one_has(void **state)
{
    struct world *world = world_new();
    struct rse_catalogue *next;
    uint8_t id[RSE_OID_SIZE], other[RSE_OID_SIZE] = { 1 };
    const struct template_set *set;
    struct rse_template *tpl;

    world_plan(world);
    set = world_set(world, "apps/shop");
    tpl = set->pub.files[0].tpl;
    memcpy(id, set->pub.files[0].id, sizeof(id));
    next = rse_catalogue_new(world->keys, world->catalogue);
    assert_true(rse_catalogue_reuse(next, RSE_STR("apps/shop/base/config.yaml"), id));
    assert_false(rse_catalogue_reuse(next, RSE_STR("apps/shop/base/config.yaml"), other));
    assert_false(rse_catalogue_reuse(next, RSE_STR("apps/shop/base/other.yaml"), id));
    rse_catalogue_seal(next);
    rse_plan_free(world->plan);
    world->plan = NULL;
    rse_catalogue_free(world->catalogue);
    world->catalogue = next;
    assert_ptr_equal(world_set(world, "apps/shop")->pub.files[0].tpl, tpl);
    world_free(world);
    (void)state;
}

static void catalogue__compiles_again_when_keys_have_other_numbers(void **state)
{
    struct world *world = world_new();
    struct rse_keys *keys = rse_keys_new();
    struct rse_catalogue *next;

    world_plan(world);
    for (int scope = 0; scope < RSE_SCOPE_COUNT; scope++) {
        for (uint32_t i = rse_keys_count(world->keys, scope); i-- > 0;)
            rse_keys_add(keys, scope, rse_keys_name(world->keys, scope, i));
    }
    next = rse_catalogue_new(keys, world->catalogue);
    assert_false(rse_catalogue_reuse(next, RSE_STR("apps/shop/base/config.yaml"),
                                     world_set(world, "apps/shop")->pub.files[0].id));
    rse_catalogue_free(next);
    rse_keys_free(keys);
    world_free(world);
    (void)state;
}

static void catalogue__copies_other_files_as_they_are(void **state)
{
    static const char bytes[] = "\x00\xff rea.cluster.region";
    struct world *world = world_new();
    struct folder *folder;
    const struct rse_str *text;

    world_bytes(world, "apps/shop/base/logo.png", rse_str_n(bytes, sizeof(bytes)));
    world_plan(world);
    folder = folder_render(world, "store-1");
    text = rse_map_get(folder->files, RSE_STR("web/shop/base/logo.png"));
    assert_non_null(text);
    assert_true(rse_str_eq(*text, rse_str_n(bytes, sizeof(bytes))));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void secret__is_refused_in_plain(void **state)
{
    struct world *world = world_new();

    world_file(world, "apps/shop/base/secret.yaml",
               CONFIG_MAP("a") "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: b\n");
    assert_shop_fails(world, "apps/shop/base/secret.yaml:7: a Secret that everyone");
    world_file(world, "apps/shop/base/secret.yaml",
               "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Secret\n    metadata: {name: s}\n");
    assert_shop_fails(world, "apps/shop/base/secret.yaml:4: a Secret that everyone");
    world_free(world);
    (void)state;
}

static void secret__passes_when_it_is_marked_or_encrypted_or_none(void **state)
{
    static const char *const texts[] = {
        "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    res-edge.io/allow-secret: \"true\"\n  name: s\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: ENC[AES256_GCM,data:x]\nsops:\n  mac: "
        "x\n",
        "apiVersion: secrets.example.com/v1\nkind: Secret\nmetadata: {name: s}\n",
        CONFIG_MAP("s") "data:\n  kind: Secret\n  text: |\n    kind: Secret\n",
    };
    struct world *world = world_new();

    for (size_t i = 0; i < RSE_COUNT(texts); i++) {
        world_file(world, "apps/shop/base/secret.yaml", texts[i]);
        assert_shop_renders(world);
    }
    world_free(world);
    (void)state;
}

static void sops__passes_byte_for_byte(void **state)
{
    static const char text[] = "apiVersion: v1\nkind: Secret\nmetadata: {name: rea.cluster.name}\n"
                               "stringData:\n  a: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n";
    struct world *world = world_new();
    struct folder *folder;

    world_file(world, "apps/shop/base/secret.yaml", text);
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_string_equal(folder_text(folder, "web/shop/base/secret.yaml"), text);
    folder_free(folder);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue__finds_sets_wherever_they_are),
        cmocka_unit_test(catalogue__renders_as_what_the_worker_reports),
        cmocka_unit_test(catalogue__keeps_a_broken_file_to_its_application),
        cmocka_unit_test(catalogue__refuses_a_broken_file_in_base_though_nobody_names_it),
        cmocka_unit_test(catalogue__breaks_the_application_of_what_is_refused),
        cmocka_unit_test(catalogue__refuses_a_file_that_is_too_large),
        cmocka_unit_test(catalogue__takes_over_what_the_previous_one_has),
        cmocka_unit_test(catalogue__compiles_again_when_keys_have_other_numbers),
        cmocka_unit_test(catalogue__copies_other_files_as_they_are),
        cmocka_unit_test(secret__is_refused_in_plain),
        cmocka_unit_test(secret__passes_when_it_is_marked_or_encrypted_or_none),
        cmocka_unit_test(sops__passes_byte_for_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
