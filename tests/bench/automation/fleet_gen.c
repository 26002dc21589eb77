#include "tests/bench/automation/fleet_gen.h"

#include <stdio.h>
#include <stdlib.h>

enum { REGIONS = 8, STATES_PER_REGION = 6, STATES = REGIONS * STATES_PER_REGION, RINGS = 3, FIRST_EXTRA = 4 };
enum { ROOTS = 3, FIRST_REGION = ROOTS + 1, FIRST_STATE = FIRST_REGION + REGIONS, FIRST_RING = FIRST_STATE + STATES };
enum { FIRST_EQUIPMENT = FIRST_RING + RINGS, MAX_JSON = 1 << 16 };

static const char *const region_names[REGIONS] = { "northeast", "midatlantic", "southeast", "gulf",
                                                   "midwest",   "plains",      "mountain",  "pacific" };
static const char *const ring_names[RINGS] = { "canary", "early", "main" };
static const char *const equipment_names[2] = { "kiosk", "signage" };
static const char *const city_names[] = { "portland", "springfield", "clinton", "madison",   "georgetown", "salem",
                                          "fairview", "bristol",     "dover",   "hudson",    "kingston",   "newport",
                                          "oxford",   "milton",      "auburn",  "burlington" };
static const char *const time_zones[4] = { "America/New_York", "America/Chicago", "America/Denver",
                                           "America/Los_Angeles" };

struct out {
    const struct fleet_gen *gen;
    fleet_gen_take *take;
    void *arg;
    struct rse_buf json;
};

/* Numbers that look random and are the same on every machine. */
static uint32_t mix(uint32_t n)
{
    n = (n ^ (n >> 16)) * 0x45d9f3bU;
    n = (n ^ (n >> 16)) * 0x45d9f3bU;
    return n ^ (n >> 16);
}

static uint32_t state_of(uint32_t i)
{
    return mix(i) % STATES;
}

/* 1 % of the stores are in the canary ring, 10 % in the early one. */
static uint32_t ring_of(uint32_t i)
{
    uint32_t share = mix(i + 7777777) % 100;

    return share == 0 ? 0 : share <= 10 ? 1 : 2;
}

static void put(struct out *out, enum rse_noun noun)
{
    out->take(out->arg, noun, out->json.p);
    rse_buf_reset(&out->json);
}

static void begin(struct out *out, int64_t id)
{
    rse_buf_adds(&out->json, "{");
    if (out->gen->documents)
        rse_buf_addf(&out->json, "\"id\":%lld,", (long long)id);
}

static void put_target(struct out *out)
{
    begin(out, 1);
    rse_buf_addf(&out->json,
                 "\"name\":\"" FLEET_GEN_TARGET "\",\"url\":\"%s\",\"branch\":\"main\",\"folderPattern\":\"%s\"}",
                 out->gen->url, out->gen->pattern);
    put(out, RSE_TARGET);
}

static void put_key(struct out *out, int64_t id, const char *name, const char *type)
{
    begin(out, id);
    rse_buf_addf(&out->json, "\"name\":\"%s\",\"type\":\"%s\"}", name, type);
    put(out, RSE_METADATA_KEY);
}

/* metadata: the inside of a JSON object, or "". */
static void put_group(struct out *out, int64_t id, const char *name, const char *parent, int64_t parent_id,
                      const char *metadata)
{
    begin(out, id);
    rse_buf_addf(&out->json, "\"name\":\"%s\",\"metadata\":{%s}", name, metadata);
    if (parent != NULL)
        rse_buf_addf(&out->json, ",\"parent\":\"%s\"", parent);
    if (parent != NULL && out->gen->documents)
        rse_buf_addf(&out->json, ",\"parentId\":%lld", (long long)parent_id);
    rse_buf_adds(&out->json, "}");
    put(out, RSE_GROUP);
}

static void put_state(struct out *out, int state)
{
    char name[32], parent[64], metadata[200];
    int region = state / STATES_PER_REGION;

    (void)snprintf(name, sizeof(name), "s%02d", state);
    (void)snprintf(parent, sizeof(parent), "/stores/%s", region_names[region]);
    (void)snprintf(metadata, sizeof(metadata), "\"supportPhone\":\"1-800-555-%04d\",\"taxRegion\":\"US-%02d\"",
                   100 + state, state);
    put_group(out, FIRST_STATE + state, name, parent, FIRST_REGION + region, metadata);
}

static void put_groups(struct out *out)
{
    put_group(out, 1, "stores", NULL, 0,
              "\"gitUrl\":\"https://git.example.com/fleet/gitops.git\",\"logLevel\":\"info\"");
    put_group(out, 2, "rings", NULL, 0, "");
    put_group(out, 3, "equipment", NULL, 0, "");
    for (int region = 0; region < REGIONS; region++) {
        char metadata[200];

        (void)snprintf(metadata, sizeof(metadata), "\"region\":\"%s\",\"registry\":\"registry-%s.example.com\"",
                       region_names[region], region_names[region]);
        put_group(out, FIRST_REGION + region, region_names[region], "/stores", 1, metadata);
    }
    for (int state = 0; state < STATES; state++)
        put_state(out, state);
    for (int ring = 0; ring < RINGS; ring++)
        put_group(out, FIRST_RING + ring, ring_names[ring], "/rings", 2, "");
    for (int i = 0; i < 2; i++)
        put_group(out, FIRST_EQUIPMENT + i, equipment_names[i], "/equipment", 3, "");
}

void fleet_gen_cluster_name(uint32_t i, struct rse_buf *out)
{
    rse_buf_addf(out, "s%02u-%s-%06u", state_of(i), city_names[mix(i + 99) % RSE_COUNT(city_names)], i);
}

static void add_groups(const struct fleet_gen *gen, uint32_t i, struct rse_buf *out)
{
    uint32_t state = state_of(i), ring = ring_of(i), equipment = i % 2;

    rse_buf_addf(out, "\"groups\":[\"/stores/%s/s%02u\",\"/rings/%s\",\"/equipment/%s\"]",
                 region_names[state / STATES_PER_REGION], state, ring_names[ring], equipment_names[equipment]);
    if (gen->documents)
        rse_buf_addf(out, ",\"groupIds\":[%u,%u,%u]", FIRST_STATE + state, FIRST_RING + ring,
                     FIRST_EQUIPMENT + equipment);
}

void fleet_gen_cluster(const struct fleet_gen *gen, uint32_t i, const char *tax, struct rse_buf *out)
{
    uint32_t r = mix(i + 12345), state = state_of(i);

    rse_buf_adds(out, "{");
    if (gen->documents)
        rse_buf_addf(out, "\"id\":%u,\"targetId\":1,", i + 1);
    rse_buf_adds(out, "\"name\":\"");
    fleet_gen_cluster_name(i, out);
    rse_buf_addf(out,
                 "\",\"target\":\"" FLEET_GEN_TARGET
                 "\",\"state\":\"active\",\"environment\":\"prod\",\"timeZone\":\"%s\",",
                 time_zones[state / STATES_PER_REGION / 2]);
    add_groups(gen, i, out);
    rse_buf_addf(out, ",\"tags\":[\"wave-%u\"],\"metadata\":{\"storeNumber\":\"%06u\",\"city\":\"%s\",", i % 100, i,
                 city_names[mix(i + 99) % RSE_COUNT(city_names)]);
    rse_buf_addf(out, "\"street\":\"%u Main Street\",\"postalCode\":\"%05u\",\"terminals\":\"%u\",", 1 + r % 9000,
                 r % 99999, 2 + r % 12);
    rse_buf_addf(out, "\"printerAddress\":\"10.%u.%u.9\",\"taxRate\":\"%s\"}}", i >> 8 & 255, i & 255, tax);
}

static void put_clusters(struct out *out)
{
    for (uint32_t i = 0; i < out->gen->clusters; i++) {
        char tax[16];

        (void)snprintf(tax, sizeof(tax), "%u.%02u%%", 4 + mix(i + 5) % 6, mix(i + 6) % 4 * 25);
        fleet_gen_cluster(out->gen, i, tax, &out->json);
        put(out, RSE_CLUSTER);
    }
}

static void put_namespace(struct out *out, int64_t id, const char *name, const char *expression)
{
    begin(out, id);
    rse_buf_addf(&out->json, "\"name\":\"%s\",\"expression\":\"%s\",\"businessUnit\":\"Stores\"}", name, expression);
    put(out, RSE_NAMESPACE);
}

static void put_application(struct out *out, int64_t id, const char *name, const char *namespace_, int64_t namespace_id)
{
    begin(out, id);
    rse_buf_addf(&out->json, "\"name\":\"%s\",\"namespace\":\"%s\",\"path\":\"apps/%s\",\"owner\":\"team-%s\"", name,
                 namespace_, name, name);
    if (out->gen->documents)
        rse_buf_addf(&out->json, ",\"namespaceId\":%lld,\"fluxName\":\"%s\"", (long long)namespace_id, name);
    rse_buf_adds(&out->json, "}");
    put(out, RSE_APPLICATION);
}

static void put_namespaces(struct out *out)
{
    put_namespace(out, 1, "store", "all");
    put_namespace(out, 2, "kiosk", "/g/equipment/kiosk");
    put_namespace(out, 3, "signage", "/g/equipment/signage");
    put_namespace(out, 4, "promo", "none");
    put_application(out, 1, "pos", "store", 1);
    put_application(out, 2, "telemetry", "store", 1);
    put_application(out, 3, "kiosk", "kiosk", 2);
    put_application(out, 4, "signage", "signage", 3);
    put_application(out, 5, "promo", "promo", 4);
    for (uint32_t k = FIRST_EXTRA; k < out->gen->applications; k++) {
        char name[32], expression[64];

        (void)snprintf(name, sizeof(name), "service-%02u", k);
        (void)snprintf(expression, sizeof(expression), "/g/stores/%s", region_names[k % REGIONS]);
        put_namespace(out, k + 1, name, k % 3 == 0 ? "not /g/rings/canary" : expression);
        put_application(out, k + 2, name, name, k + 1);
    }
}

void fleet_gen_objects(const struct fleet_gen *gen, fleet_gen_take *take, void *arg)
{
    struct out out = { .gen = gen, .take = take, .arg = arg };

    rse_buf_init(&out.json, MAX_JSON);
    put_target(&out);
    put_key(&out, 1, "storeNumber", "string");
    put_key(&out, 2, "taxRate", "string");
    put_groups(&out);
    put_clusters(&out);
    put_namespaces(&out);
    rse_buf_release(&out.json);
}
