#include "tests/unit/worker/worker_test.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "automation-worker/git/deflate.h"
#include "automation-worker/git/objects.h"
#include "automation-worker/git/pack_index.h"
#include "automation-worker/git/pack_writer.h"

static void pack_folder(struct fixture *fixture, char out[static 4096])
{
    snprintf(out, 4096, "%s/objects/pack", git_repository_path(repo_git(fixture->repo)));
}

static git_oid add(struct pack_writer *writer, struct rse_str bytes, uint32_t *entry)
{
    struct rse_err err = RSE_ERR_INIT;
    git_oid id;

    assert_ok(object_hash(GIT_OBJECT_BLOB, bytes, &id, &err), &err);
    assert_ok(pack_writer_add(writer, GIT_OBJECT_BLOB, bytes, &id, entry, &err), &err);
    return id;
}

static void add_delta(struct pack_writer *writer, uint32_t base, struct rse_str delta, const git_oid *id)
{
    struct deflater *deflater = deflater_new();
    struct pack_file_entry entry = { .id = *id, .type = PACK_OFS_DELTA, .size = delta.len };
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO stream = { 0 };

    rse_buf_init(&stream, 1 << 20);
    assert_ok(deflater_add(deflater, delta, &stream, &err), &err);
    entry.stream = rse_buf_str(&stream);
    assert_ok(pack_writer_copy(writer, &entry, base, &err), &err);
    deflater_free(deflater);
}

/* Incompressible, of any size. */
static struct rse_str noise(struct rse_buf *out, size_t len, uint64_t seed)
{
    rse_buf_reset(out);
    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        rse_buf_addc(out, (char)(seed >> 56));
    }
    return rse_buf_str(out);
}

static void assert_git_agrees(struct fixture *fixture)
{
    char command[8192];

    /* verify-pack recomputes every id, checksum and CRC from the pack and compares with the index; fsck reads it all.
     * */
    snprintf(
        command, sizeof(command),
        "cd '%s' && for i in objects/pack/*.idx; do git verify-pack $i || exit 1; "
        "git index-pack --strict -o ../check.idx ${i%%.idx}.pack >/dev/null && cmp ../check.idx $i || exit 1; done; "
        "git fsck --strict --no-dangling",
        git_repository_path(repo_git(fixture->repo)));
    assert_int_equal(system(command), 0);
}

static void pack__is_what_git_would_have_made_of_the_same_objects(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct pack_writer *writer;
    char folder[4096];
    git_oid ids[300], name;
    git_odb *odb;
    RSE_BUF_AUTO bytes = { 0 };

    rse_buf_init(&bytes, 1 << 22);
    pack_folder(fixture, folder);
    assert_ok(pack_writer_new(&writer, folder, &err), &err);
    for (size_t i = 0; i < RSE_COUNT(ids); i++)
        ids[i] = add(writer, noise(&bytes, i == 7 ? 3 << 20 : i, i), NULL);
    assert_int_equal(pack_writer_count(writer), RSE_COUNT(ids));
    assert_ok(pack_writer_finish(writer, &name, &err), &err);
    pack_writer_free(writer);

    assert_git_agrees(fixture);
    assert_int_equal(git_repository_odb(&odb, repo_git(fixture->repo)), 0);
    assert_int_equal(git_odb_refresh(odb), 0);
    for (size_t i = 0; i < RSE_COUNT(ids); i++)
        assert_int_equal(git_odb_exists(odb, &ids[i]), 1);
    git_odb_free(odb);
}

static void delta__against_an_earlier_entry_gives_the_object_it_describes(void **state)
{
    /* base size 11, result size 13; copy 6 bytes from 0, insert "cruel ", copy 1 byte from 10 */
    static const char delta[] = { 11, 13, (char)0x90, 6, 6, 'c', 'r', 'u', 'e', 'l', ' ', (char)0x91, 10, 1 };
    struct rse_str made = RSE_STR("hello cruel d");
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct pack_writer *writer;
    git_blob *blob;
    char folder[4096];
    uint32_t base;
    git_oid id;
    RSE_BUF_AUTO bytes = { 0 };

    rse_buf_init(&bytes, 1 << 20);
    pack_folder(fixture, folder);
    assert_ok(pack_writer_new(&writer, folder, &err), &err);
    add(writer, RSE_STR("hello world"), &base);
    add(writer, noise(&bytes, 100000, 1), NULL); /* a distance of several bytes */
    assert_ok(object_hash(GIT_OBJECT_BLOB, made, &id, &err), &err);
    add_delta(writer, base, rse_str_n(delta, sizeof(delta)), &id);
    assert_ok(pack_writer_finish(writer, NULL, &err), &err);
    pack_writer_free(writer);

    assert_git_agrees(fixture);
    assert_int_equal(git_blob_lookup(&blob, repo_git(fixture->repo), &id), 0);
    assert_int_equal(git_blob_rawsize(blob), (git_object_size_t)made.len);
    assert_memory_equal(git_blob_rawcontent(blob), made.p, made.len);
    git_blob_free(blob);
}

/* More than waits at a time, and enough for a second thread. */
static void objects__written_one_by_one_are_all_there(void **state)
{
    enum { COUNT = 2500, EACH = 4000 };
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    git_oid *ids = rse_xcalloc(COUNT, sizeof(*ids));
    struct rse_str bytes;
    RSE_BUF_AUTO buf = { 0 };

    rse_buf_init(&buf, 1 << 20);
    for (int i = 0; i < COUNT; i++) {
        bytes = noise(&buf, EACH, (uint64_t)i);
        assert_ok(object_hash(GIT_OBJECT_BLOB, bytes, &ids[i], &err), &err);
        assert_ok(objects_write(fixture->objects, GIT_OBJECT_BLOB, bytes, &ids[i], &err), &err);
    }
    assert_ok(objects_finish(fixture->objects, &err), &err);
    assert_git_agrees(fixture);
    for (int i = 0; i < COUNT; i++) {
        git_odb_object *object;

        bytes = noise(&buf, EACH, (uint64_t)i);
        assert_ok(objects_read(&object, fixture->objects, &ids[i], GIT_OBJECT_BLOB, &err), &err);
        assert_int_equal(git_odb_object_size(object), EACH);
        assert_memory_equal(git_odb_object_data(object), bytes.p, EACH);
        git_odb_object_free(object);
    }
    free(ids);
}

static int files_in(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;

    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void pack__that_is_given_up_or_empty_leaves_no_file_behind(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct pack_writer *writer;
    char folder[4096];

    pack_folder(fixture, folder);
    assert_ok(pack_writer_new(&writer, folder, &err), &err);
    add(writer, RSE_STR("never finished"), NULL);
    pack_writer_free(writer);
    assert_int_equal(files_in(folder), 0);

    assert_ok(pack_writer_new(&writer, folder, &err), &err);
    assert_ok(pack_writer_finish(writer, NULL, &err), &err);
    pack_writer_free(writer);
    assert_int_equal(files_in(folder), 0);
}

static void pack__in_a_folder_that_is_not_there_is_an_error_that_names_it(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    struct pack_writer *writer = NULL;

    (void)state;
    assert_false(pack_writer_new(&writer, "/nowhere/objects/pack", &err));
    assert_null(writer);
    assert_int_equal(err.code, RSE_UNAVAILABLE);
    assert_string_equal(err.object, "/nowhere/objects/pack");
}

static void index__puts_offsets_past_two_gibibytes_into_the_table_for_large_ones(void **state)
{
    struct pack_entry entries[3] = { { .offset = 12 }, { .offset = (UINT64_C(5) << 30) + 7 }, { .offset = 100 } };
    uint8_t sum[20] = { 0 }, bytes[2048];
    struct rse_err err = RSE_ERR_INIT;
    FILE *file = tmpfile();
    size_t len;

    (void)state;
    for (uint8_t i = 0; i < 3; i++)
        entries[i].id[0] = i;
    assert_ok(pack_index_write(fileno(file), entries, 3, sum, &err), &err);
    rewind(file);
    len = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    /* head, fan-out, three ids, CRCs and offsets, one large offset, two checksums */
    assert_int_equal(len, 8 + 1024 + 3 * 28 + 8 + 40);
    assert_memory_equal(bytes + 8 + 1024 + 3 * 24 + 4, "\x80\0\0\0", 4);
    assert_memory_equal(bytes + 8 + 1024 + 3 * 28, "\0\0\0\1\x40\0\0\7", 8);
}

static void entries__are_sorted_by_id_however_many(void **state)
{
    enum { MANY = 100000 };
    struct pack_entry *entries = calloc(MANY, sizeof(*entries));
    uint64_t seed = 42;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        for (size_t j = 0; j < sizeof(entries[i].id); j++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            entries[i].id[j] = (uint8_t)(seed >> 56);
        }
        entries[i].offset = i;
    }
    pack_entries_sort(entries, MANY);
    for (size_t i = 1; i < MANY; i++)
        assert_true(memcmp(entries[i - 1].id, entries[i].id, sizeof(entries[i].id)) < 0);
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(objects__written_one_by_one_are_all_there, fixture_up, fixture_down),
        cmocka_unit_test_setup_teardown(pack__is_what_git_would_have_made_of_the_same_objects, fixture_up,
                                        fixture_down),
        cmocka_unit_test_setup_teardown(delta__against_an_earlier_entry_gives_the_object_it_describes, fixture_up,
                                        fixture_down),
        cmocka_unit_test_setup_teardown(pack__that_is_given_up_or_empty_leaves_no_file_behind, fixture_up,
                                        fixture_down),
        cmocka_unit_test(pack__in_a_folder_that_is_not_there_is_an_error_that_names_it),
        cmocka_unit_test(index__puts_offsets_past_two_gibibytes_into_the_table_for_large_ones),
        cmocka_unit_test(entries__are_sorted_by_id_however_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
