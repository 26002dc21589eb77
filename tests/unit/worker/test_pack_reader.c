#include "tests/unit/worker/worker_test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "automation-worker/git/pack_list.h"
#include "automation-worker/git/pack_reader.h"

enum { FILES = 12 };

static void text_of(int number, char out[static 200])
{
    snprintf(out, 200, "forty bytes that all of them have in common: %d\nname: store-%04d\nand what comes behind\n",
             number, number * 37);
}

/* One pack: a first text whole, the others as deltas against it, and one that is like none. */
static void fill(struct fixture *fixture, git_oid ids[static FILES])
{
    static const struct rse_span spans[] = { { 0, 0, 40 } };
    struct rse_err err = RSE_ERR_INIT;
    char text[200];

    for (int i = 0; i < FILES; i++) {
        struct new_object object = { .type = GIT_OBJECT_BLOB, .group = i == FILES - 1 ? 0 : 1 };

        text_of(i, text);
        object.side = (struct delta_side){ rse_str(text), spans, 1 };
        assert_ok(object_hash(GIT_OBJECT_BLOB, object.side.bytes, &object.id, &err), &err);
        assert_ok(objects_add(fixture->objects, &object, &err), &err);
        ids[i] = object.id;
    }
    assert_ok(objects_finish(fixture->objects, &err), &err);
}

static struct pack_reader *reader_of(struct fixture *fixture)
{
    char folder[200];

    snprintf(folder, sizeof(folder), "%s/objects/pack", fixture->path);
    return pack_reader_new(folder);
}

/* How many are given; those that are, are right. */
static int count_given(struct fixture *fixture, const git_oid ids[static FILES])
{
    struct pack_reader *reader = reader_of(fixture);
    int given = 0;

    for (int i = 0; i < FILES; i++) {
        char text[200], *bytes;
        size_t len;

        text_of(i, text);
        if (!pack_reader_read(reader, &ids[i], GIT_OBJECT_BLOB, &bytes, &len))
            continue;
        assert_int_equal(len, strlen(text));
        assert_memory_equal(bytes, text, len);
        free(bytes);
        given++;
    }
    pack_reader_free(reader);
    return given;
}

static void reader__gives_every_object_of_a_pack_whole_or_delta(void **state)
{
    struct fixture *fixture = *state;
    git_oid ids[FILES];

    fill(fixture, ids);
    assert_int_equal(count_given(fixture, ids), FILES);
}

static void reader__gives_nothing_that_is_not_there_or_of_another_type(void **state)
{
    struct fixture *fixture = *state;
    struct pack_reader *reader;
    git_oid ids[FILES], other;
    char *bytes;
    size_t len;

    reader = reader_of(fixture);
    memset(&other, 0x5a, sizeof(other));
    assert_false(pack_reader_read(reader, &other, GIT_OBJECT_BLOB, &bytes, &len));
    pack_reader_free(reader);
    fill(fixture, ids);
    reader = reader_of(fixture);
    assert_false(pack_reader_read(reader, &other, GIT_OBJECT_BLOB, &bytes, &len));
    assert_false(pack_reader_read(reader, &ids[3], GIT_OBJECT_TREE, &bytes, &len));
    pack_reader_free(reader);
}

static void write_byte(int fd, off_t at, uint8_t byte)
{
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

/* Whatever byte is wrong: an object is right, or somebody else is asked. */
static void reader__gives_no_wrong_byte_out_of_a_damaged_pack(void **state)
{
    static const char *const endings[] = { ".pack", ".idx" };
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct pack_list list;
    git_oid ids[FILES];
    char folder[200];

    fill(fixture, ids);
    snprintf(folder, sizeof(folder), "%s/objects/pack", fixture->path);
    assert_ok(pack_list_read(&list, folder, &err), &err);
    assert_int_equal(list.count, 1);
    for (size_t e = 0; e < RSE_COUNT(endings); e++) {
        char path[300];
        struct stat st;

        snprintf(path, sizeof(path), "%s%s", list.at[0].name, endings[e]);
        assert_int_equal(chmod(path, 0644), 0);
        int fd = open(path, O_RDWR);
        assert_int_equal(fstat(fd, &st), 0);
        for (off_t at = 0; at < st.st_size; at++) {
            uint8_t byte;

            assert_int_equal(pread(fd, &byte, 1, at), 1);
            write_byte(fd, at, byte ^ (uint8_t)(1 + at % 255));
            (void)count_given(fixture, ids);
            write_byte(fd, at, byte);
        }
        close(fd);
    }
    assert_int_equal(count_given(fixture, ids), FILES);
    pack_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reader__gives_every_object_of_a_pack_whole_or_delta, fixture_up, fixture_down),
        cmocka_unit_test_setup_teardown(reader__gives_nothing_that_is_not_there_or_of_another_type, fixture_up,
                                        fixture_down),
        cmocka_unit_test_setup_teardown(reader__gives_no_wrong_byte_out_of_a_damaged_pack, fixture_up, fixture_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
