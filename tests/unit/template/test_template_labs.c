/*
 * The templates of the public labs, which nobody wrote for this engine: each compiles, renders, and keeps its meaning.
 * Where they are not at hand ($RESEDGE_FIXTURES, or ../shared/fixtures), there is nothing to do.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/template/yaml_meaning.h"

#define MAX_FILE (1u << 20)

static const char *fixtures_folder(void)
{
    const char *folder = getenv("RESEDGE_FIXTURES");

    return folder != NULL ? folder : "../shared/fixtures";
}

static struct rse_str read_file(struct rse_arena *arena, const char *path)
{
    char *text = rse_arena_alloc(arena, MAX_FILE);
    FILE *file = fopen(path, "rb");
    size_t len;

    assert_non_null(file);
    len = fread(text, 1, MAX_FILE, file);
    fclose(file);
    assert_true(len < MAX_FILE);
    return rse_str_n(text, len);
}

static void set_labs_values(struct test_values *v)
{
    test_values_set(v, RSE_SCOPE_CLUSTER, "name", RSE_STR("central-la-nola-2301"));
    test_values_set(v, RSE_SCOPE_CLUSTER, "region", RSE_STR("central"));
    test_values_set(v, RSE_SCOPE_CLUSTER, "state", RSE_STR("la"));
    test_values_set(v, RSE_SCOPE_NAMESPACE, "name", RSE_STR("dogs-cats"));
    test_values_set(v, RSE_SCOPE_APPLICATION, "name", RSE_STR("dogs-cats"));
    test_values_set(v, RSE_SCOPE_APPLICATION, "title", RSE_STR("Dogz RULE!"));
    test_values_set(v, RSE_SCOPE_APPLICATION, "choice1", RSE_STR("yes"));
    test_values_set(v, RSE_SCOPE_APPLICATION, "choice2", RSE_STR("cats: #2"));
}

/* Renders a file into out, and holds what it means against what the template means. */
static void render_file(struct reading *reading, const char *path, struct rse_buf *out)
{
    struct rse_values values = test_values_of(&reading->values);
    struct rse_str text = read_file(reading->arena, path);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_template *tpl = NULL;
    struct document wanted, got;

    rse_buf_reset(out);
    if (!rse_template_compile(&tpl, rse_str(path), text, reading->values.keys, &err) ||
        !rse_template_render(tpl, &values, out, &err))
        fail_msg("%s", err.what);
    rse_template_free(tpl);
    assert_true(read_yaml(reading, text, true, &wanted));
    assert_true(read_yaml(reading, rse_buf_str(out), false, &got));
    if (difference(&wanted, &got) != NULL)
        fail_msg("%s: %s", path, difference(&wanted, &got));
}

/* nftw() has no argument to hand on. */
static struct reading walked;
static struct rse_buf walked_out;
static size_t walked_files;

static int visit(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)ftw;
    if (type == FTW_F && rse_str_ends(rse_str(path), RSE_STR(".yaml"))) {
        render_file(&walked, path, &walked_out);
        walked_files++;
    }
    return 0;
}

static void check_holds(const char *folder, const char *file, const char *wanted)
{
    render_file(&walked, rse_arena_printf(walked.arena, "%s/%s", folder, file), &walked_out);
    if (strstr(walked_out.p, wanted) == NULL)
        fail_msg("%s lacks \"%s\":\n%s", file, wanted, walked_out.p);
}

static void labs__templates_keep_their_meaning(void **state)
{
    char folder[1000];

    (void)state;
    snprintf(folder, sizeof(folder), "%s/res-edge-labs/apps", fixtures_folder());
    if (access(folder, R_OK) != 0)
        skip();
    reading_init(&walked);
    walked.arena = rse_arena_new();
    rse_buf_init(&walked_out, MAX_FILE);
    set_labs_values(&walked.values);
    assert_int_equal(nftw(folder, visit, 16, FTW_PHYS), 0);
    assert_true(walked_files > 20);
    check_holds(folder, "go-vote/base/ingress.yaml", "  - host: dogs-cats.central-la-nola-2301.res-edge.com\n");
    check_holds(folder, "go-vote/base/ingress.yaml", "  #   - dogs-cats.central-la-nola-2301.res-edge.com\n");
    check_holds(folder, "go-vote/base/pvc.yaml", "  name: dogs-cats-redis-pvc\n");
    check_holds(folder, "go-vote/base/deployment.yaml", "            value: Dogz RULE!\n");
    check_holds(folder, "go-vote/base/deployment.yaml", "            value: \"yes\"\n");
    check_holds(folder, "go-vote/base/deployment.yaml", "            value: \"cats: #2\"\n");
    check_holds(folder, "imdb/base/deployment.yaml", "            - central\n");
    rse_buf_release(&walked_out);
    rse_arena_free(walked.arena);
    reading_release(&walked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labs__templates_keep_their_meaning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
