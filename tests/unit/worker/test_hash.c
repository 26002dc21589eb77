#include "tests/unit/worker/worker_test.h"

#include <openssl/evp.h>

#include "automation-worker/git/hash.h"
#include "automation-worker/git/sha1.h"

enum { MANY = 23, LONGEST = 700 };

/* By OpenSSL, from one text. */
static git_oid expected(const char *type, struct rse_str bytes)
{
    RSE_BUF_AUTO whole = { 0 };
    git_oid id;

    rse_buf_init(&whole, 1 << 22);
    rse_buf_addf(&whole, "%s %zu", type, bytes.len);
    rse_buf_addc(&whole, '\0');
    rse_buf_add_str(&whole, bytes);
    assert_int_equal(EVP_Digest(whole.p, whole.len, id.id, NULL, EVP_sha1(), NULL), 1);
    return id;
}

static struct rse_str noise(struct rse_buf *out, size_t len)
{
    uint64_t seed = len + 1;

    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        rse_buf_addc(out, (char)(seed >> 56));
    }
    return rse_buf_str(out);
}

static void hash__of_an_object_is_gits_whatever_its_length(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO bytes = { 0 };

    (void)state;
    rse_buf_init(&bytes, 1 << 22);
    (void)noise(&bytes, 1 << 20);
    for (size_t len = 0; len <= LONGEST; len++) {
        struct rse_str some = rse_str_n(bytes.p + len % 3, len);
        git_oid id, wanted = expected("blob", some);

        assert_ok(object_hash(GIT_OBJECT_BLOB, some, &id, &err), &err);
        assert_true(git_oid_equal(&id, &wanted));
    }
    git_oid id, wanted = expected("tree", rse_buf_str(&bytes));
    assert_ok(object_hash(GIT_OBJECT_TREE, rse_buf_str(&bytes), &id, &err), &err);
    assert_true(git_oid_equal(&id, &wanted));
}

/* Two go together, so each length has to meet each: those around the ends of blocks, and the rest by chance. */
static void hashes__of_many_objects_are_those_of_each_alone(void **state)
{
    static const size_t lengths[MANY] = { 0,   1,   54,  55,  46,  47,  48,  63,  64,  65,  111, 112,
                                          118, 119, 120, 127, 128, 183, 184, 500, 640, 699, 700 };
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO bytes = { 0 };

    (void)state;
    rse_buf_init(&bytes, 1 << 20);
    (void)noise(&bytes, 2 * LONGEST);
    for (size_t step = 1; step < MANY; step++) {
        for (size_t count = 0; count <= MANY; count++) {
            struct to_hash objects[MANY];
            git_oid ids[MANY];

            for (size_t i = 0; i < count; i++)
                objects[i] =
                    (struct to_hash){ GIT_OBJECT_BLOB, rse_str_n(bytes.p + i, lengths[i * step % MANY]), &ids[i] };
            assert_ok(object_hash_all(objects, count, &err), &err);
            for (size_t i = 0; i < count; i++) {
                git_oid wanted = expected("blob", objects[i].bytes);

                assert_true(git_oid_equal(&ids[i], &wanted));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash__of_an_object_is_gits_whatever_its_length),
        cmocka_unit_test(hashes__of_many_objects_are_those_of_each_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
