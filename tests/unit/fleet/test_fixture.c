/* A real fleet, where the fixture is there. */
#include "tests/unit/fleet/fleet_test.h"

static const char PATH[] = "../shared/fixtures/res-edge-labs/inventory.json";

static bool read_file(const char *path, struct rse_buf *out)
{
    FILE *file = fopen(path, "rb");
    char chunk[4096];
    size_t n;

    if (file == NULL)
        return false;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        rse_buf_addn(out, chunk, n);
    (void)fclose(file);
    return true;
}

/* Ids are given in the order of the inventory, which names references only. */
static struct rse_fleet *load(void)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_inventory inventory;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 24);
    if (!read_file(PATH, &text)) {
        rse_fleet_free(fleet);
        return NULL;
    }
    if (!rse_inventory_read(&inventory, rse_str(PATH), rse_buf_str(&text), arena, &err))
        fail_msg("%s", err.what);
    for (size_t i = inventory.count; i-- > 0;) {
        inventory.at[i]->id = (int64_t)i + 1;
        if (!rse_fleet_put(fleet, inventory.at[i], &err))
            fail_msg("%s", err.what);
    }
    return fleet;
}

static void beta__is_three_clusters(void **state)
{
    struct rse_fleet *fleet = load();

    if (fleet == NULL)
        skip();
    assert_selects(fleet, "/g/beta and /c/central-la-nola-2301", "central-la-nola-2301");
    assert_selects(fleet, "/g/beta and not (/c/central-la-nola-2301 or /c/east-ga-atl-2301 or /c/west-ca-sd-2301)", "");
    assert_selects(fleet, "/g/beta and not (/c/central-la-nola-2301 or /c/east-ga-atl-2301)", "west-ca-sd-2301");
    assert_selects(fleet, "/g/beta and not (/c/central-la-nola-2301 or /c/west-ca-sd-2301)", "east-ga-atl-2301");
    rse_fleet_free(fleet);
    (void)state;
}

static void stores__is_the_whole_subtree(void **state)
{
    struct rse_fleet *fleet = load();

    if (fleet == NULL)
        skip();
    assert_selects(fleet, "not /g/stores and not /g/corp", "");
    assert_selects(fleet, "/g/stores/central/la/nola and /m/ring/beta", "central-la-nola-2301");
    rse_fleet_free(fleet);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beta__is_three_clusters),
        cmocka_unit_test(stores__is_the_whole_subtree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
