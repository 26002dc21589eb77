/*
 * replay.c - runs a fuzz target without libFuzzer, for `make check`: on each file of its corpus, then on random changes of them.
 *
 *   fuzz_x CORPUS [RUNS]        TEST_SEED=<number> repeats a run
 *
 * An input that ends the program is left in fuzz_x.crash, beside the program. What takes coverage to find is for `make fuzz`.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <resedge/resedge.h>

enum { RUNS = 2000, INPUT_MAX = 64 << 10, MAX_FILES = 100, MAX_CHANGES = 8, MAX_PIECE = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct corpus {
    struct rse_buf at[MAX_FILES];
    size_t count;
};

/* What the signal handler needs. */
static struct {
    const uint8_t *data;
    size_t size;
    char path[4096];
} current;

static void on_crash(int number)
{
    int fd = open(current.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd >= 0) {
        (void)!write(fd, current.data, current.size);
        close(fd);
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* In a block of exactly its size, so that sanitizers see the first byte behind. */
static void run(struct rse_str input)
{
    uint8_t *data = rse_xmalloc(input.len > 0 ? input.len : 1);

    if (input.len > 0)
        memcpy(data, input.p, input.len);
    current.data = data;
    current.size = input.len;
    (void)LLVMFuzzerTestOneInput(data, input.len);
    free(data);
}

/* ---- the corpus ---- */

static void read_file(const char *path, struct rse_buf *out)
{
    FILE *file = fopen(path, "rbe");
    char piece[4096];
    size_t n;

    rse_buf_init(out, INPUT_MAX);
    while (file != NULL && (n = fread(piece, 1, sizeof(piece), file)) > 0)
        rse_buf_addn(out, piece, n);
    if (file == NULL || fclose(file) != 0 || !rse_buf_ok(out, NULL)) {
        fprintf(stderr, "%s can't be read\n", path);
        exit(2);
    }
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_corpus(const char *folder, struct corpus *corpus)
{
    struct dirent **names;
    int count = scandir(folder, &names, is_file, alphasort);

    for (int i = 0; i < count; i++) {
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (corpus->count < MAX_FILES)
            read_file(path, &corpus->at[corpus->count++]);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    if (corpus->count == 0) {
        fprintf(stderr, "%s has no files\n", folder);
        exit(2);
    }
}

/* ---- changes ---- */

/* splitmix64 */
static size_t below(uint64_t *state, size_t end)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return end > 0 ? (size_t)((z ^ z >> 31) % end) : 0;
}

/* What parsers look at. */
static char likely_byte(uint64_t *state)
{
    static const char bytes[] =
        "\"\\{}[]():;,.=&?%$'/-+*<>|~#@!_ \t\r\n0179aefnrtuxzAZ\0\x7f\x80\xc3\xa9\xef\xbb\xbf\xff";

    return below(state, 2) == 0 ? bytes[below(state, sizeof(bytes) - 1)] : (char)below(state, 256);
}

static struct rse_str piece_of(uint64_t *state, struct rse_str text)
{
    size_t from = below(state, text.len + 1), most = text.len - from;

    return rse_str_n(text.p + from, below(state, (most < MAX_PIECE ? most : MAX_PIECE) + 1));
}

/* input with, at some place, a few bytes gone and others put in. */
static void change(uint64_t *state, const struct corpus *corpus, struct rse_buf *input)
{
    struct rse_str old = rse_buf_str(input), piece = piece_of(state, old);
    size_t at = (size_t)(piece.p - old.p);
    struct rse_buf next;
    char byte = likely_byte(state);

    rse_buf_init(&next, INPUT_MAX);
    rse_buf_addn(&next, old.p, at);
    switch (below(state, 5)) {
    case 0: /* one byte less, or another one */
        piece.len = at < old.len;
        rse_buf_addn(&next, &byte, below(state, 2));
        break;
    case 1: /* one byte more */
        piece.len = 0;
        rse_buf_addc(&next, byte);
        break;
    case 2: /* a piece less */
        break;
    case 3: /* a piece twice */
        rse_buf_add_str(&next, piece);
        rse_buf_add_str(&next, piece);
        break;
    default: /* a piece of another one */
        rse_buf_add_str(&next, piece_of(state, rse_buf_str(&corpus->at[below(state, corpus->count)])));
    }
    rse_buf_add_str(&next, rse_str_from(old, at + piece.len));
    rse_buf_release(input);
    *input = next;
}

static void run_changed(uint64_t *state, const struct corpus *corpus)
{
    struct rse_buf input;

    rse_buf_init(&input, INPUT_MAX);
    rse_buf_add_str(&input, rse_buf_str(&corpus->at[below(state, corpus->count)]));
    for (size_t changes = 1 + below(state, MAX_CHANGES); changes > 0; changes--)
        change(state, corpus, &input);
    run(rse_buf_str(&input));
    rse_buf_release(&input);
}

int main(int argc, char **argv)
{
    static struct corpus corpus;
    const char *given = getenv("TEST_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL), state = seed;
    long runs = argc > 2 ? strtol(argv[2], NULL, 10) : RUNS;

    if (argc < 2)
        return 2;
    snprintf(current.path, sizeof(current.path), "%s.crash", argv[0]);
    signal(SIGABRT, on_crash);
    signal(SIGSEGV, on_crash);
    printf("TEST_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    read_corpus(argv[1], &corpus);
    for (size_t i = 0; i < corpus.count; i++)
        run(rse_buf_str(&corpus.at[i]));
    for (long i = 0; i < runs; i++)
        run_changed(&state, &corpus);
    for (size_t i = 0; i < corpus.count; i++)
        rse_buf_release(&corpus.at[i]);
    return 0;
}
