#include "output.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

enum { LONGEST_POINTED = 200 }; /* a text that is longer than a few lines of a terminal */

void table_begin(struct table *table, struct rse_arena *arena, const char *const *headers)
{
    *table = (struct table){ .headers = headers, .arena = arena };
    while (headers[table->ncolumns] != NULL)
        table->ncolumns++;
}

/* A description may hold line breaks, and who wrote it may mean the terminal no good. */
static const char *without_controls(struct rse_arena *arena, const char *text)
{
    char *copy = rse_arena_strdup(arena, text);

    for (char *c = copy; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    return copy;
}

void table_cell(struct table *table, const char *text)
{
    if (table->ncells == table->cap) {
        size_t cap = table->cap == 0 ? 256 : table->cap * 2;
        const char **cells = rse_arena_calloc(table->arena, cap, sizeof(*cells));

        if (table->ncells > 0)
            memcpy(cells, table->cells, table->ncells * sizeof(*cells));
        table->cells = cells;
        table->cap = cap;
    }
    table->cells[table->ncells++] = text == NULL || text[0] == '\0' ? "-" : without_controls(table->arena, text);
}

void table_cellf(struct table *table, const char *fmt, ...)
{
    RSE_BUF_AUTO text;
    va_list ap;

    rse_buf_init(&text, 4096);
    va_start(ap, fmt);
    rse_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    table_cell(table, text.p);
}

/* Columns on a terminal of the first len bytes: code points, near enough for what stands in tables. */
static int width_of(const char *text, size_t len)
{
    int width = 0;

    for (size_t i = 0; i < len && text[i] != '\0'; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

static void print_cell(const char *text, int width, bool last)
{
    if (last)
        printf("%s\n", text);
    else
        printf("%s%*s", text, width - width_of(text, SIZE_MAX) + 3, "");
}

void table_print(const struct table *table, const char *nothing)
{
    int *widths;

    assert(table->ncolumns > 0);
    widths = rse_arena_calloc(table->arena, table->ncolumns, sizeof(*widths));

    if (table->ncells == 0) {
        if (nothing != NULL)
            fprintf(stderr, "%s\n", nothing);
        return;
    }
    for (size_t i = 0; i < table->ncolumns; i++)
        widths[i] = width_of(table->headers[i], SIZE_MAX);
    for (size_t i = 0; i < table->ncells; i++) {
        int width = width_of(table->cells[i], SIZE_MAX);

        if (width > widths[i % table->ncolumns])
            widths[i % table->ncolumns] = width;
    }
    for (size_t i = 0; i < table->ncolumns; i++)
        print_cell(table->headers[i], widths[i], i + 1 == table->ncolumns);
    for (size_t i = 0; i < table->ncells; i++)
        print_cell(table->cells[i], widths[i % table->ncolumns], (i + 1) % table->ncolumns == 0);
}

static void add_json(struct rse_buf *out, const cJSON *value, int depth);

static void add_children(struct rse_buf *out, const cJSON *value, int depth)
{
    bool object = cJSON_IsObject(value);

    rse_buf_addc(out, object ? '{' : '[');
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        rse_buf_addf(out, "%s\n%*s", child == value->child ? "" : ",", (depth + 1) * 2, "");
        if (object) {
            rse_json_add_string(out, rse_str(child->string));
            rse_buf_adds(out, ": ");
        }
        add_json(out, child, depth + 1);
    }
    if (value->child != NULL)
        rse_buf_addf(out, "\n%*s", depth * 2, "");
    rse_buf_addc(out, object ? '}' : ']');
}

static void add_json(struct rse_buf *out, const cJSON *value, int depth)
{
    if (cJSON_IsString(value))
        rse_json_add_string(out, rse_str(value->valuestring));
    else if (cJSON_IsNumber(value))
        rse_json_add_double(out, value->valuedouble);
    else if (cJSON_IsBool(value))
        rse_buf_adds(out, cJSON_IsTrue(value) ? "true" : "false");
    else if (cJSON_IsObject(value) || cJSON_IsArray(value))
        add_children(out, value, depth);
    else
        rse_buf_adds(out, "null");
}

void output_json(const cJSON *value)
{
    RSE_BUF_AUTO out;

    rse_buf_init(&out, SIZE_MAX / 2);
    add_json(&out, value, 0);
    rse_buf_addc(&out, '\n');
    fwrite(out.p, 1, out.len, stdout);
}

void output_yaml(const cJSON *value)
{
    RSE_BUF_AUTO out;

    rse_buf_init(&out, SIZE_MAX / 2);
    rse_yaml_from_json(&out, value);
    fwrite(out.p, 1, out.len, stdout);
}

bool output_document(const struct cli *cli, const cJSON *value)
{
    if (cli->format == FORMAT_JSON)
        output_json(value);
    else if (cli->format == FORMAT_YAML)
        output_yaml(value);
    else
        return false;
    return true;
}

bool output_ids(const struct cli *cli, const cJSON *answer)
{
    const cJSON *entry;

    if (cli->format != FORMAT_NAME)
        return false;
    cJSON_ArrayForEach(entry, json_list(answer, "value"))
    {
        printf("%" PRId64 "\n", json_int(entry, "id"));
    }
    return true;
}

int64_t held_count(const cJSON *job)
{
    int64_t listed = cJSON_GetArraySize(json_list(job, "held")), all = json_int(job, "heldCount");

    return all > listed ? all : listed;
}

void print_held(FILE *to, const cJSON *job, int64_t most)
{
    const cJSON *entry;
    int64_t shown = 0;

    cJSON_ArrayForEach(entry, json_list(job, "held"))
    {
        const cJSON *problem = cJSON_GetObjectItemCaseSensitive(entry, "error");
        const char *application = json_text(entry, "application");

        if (shown == most)
            break;
        fprintf(to, "held: %s on %s: %s\n", application[0] != '\0' ? application : json_text(entry, "namespace"),
                json_text(entry, "cluster"), json_text(problem, "detail"));
        shown++;
    }
    if (held_count(job) > shown)
        fprintf(to, "held: %" PRId64 " more (job %" PRId64 ")\n", held_count(job) - shown, json_int(job, "id"));
}

void print_pointing(FILE *to, const char *text, size_t position)
{
    size_t len = strlen(text);

    if (len > LONGEST_POINTED || position > len || strpbrk(text, "\t\r\n") != NULL)
        return;
    fprintf(to, "  %s\n  %*s^\n", text, width_of(text, position), "");
}

char *plural(struct rse_arena *arena, int64_t n, const char *noun)
{
    size_t len = strlen(noun);

    if (n != 1 && len > 1 && noun[len - 1] == 'y' && strchr("aeiou", noun[len - 2]) == NULL)
        return rse_arena_printf(arena, "%" PRId64 " %.*sies", n, (int)len - 1, noun);
    return rse_arena_printf(arena, "%" PRId64 " %s%s", n, noun, n == 1 ? "" : "s");
}

char *ago(struct rse_arena *arena, const char *time)
{
    int64_t then_ms, seconds;
    struct timespec now;

    if (time == NULL || !rse_parse_time(rse_str(time), &then_ms))
        return rse_arena_strdup(arena, time != NULL ? time : "");
    clock_gettime(CLOCK_REALTIME, &now);
    seconds = now.tv_sec - then_ms / 1000;
    if (seconds < 2)
        return rse_arena_strdup(arena, "now");
    if (seconds < 120)
        return rse_arena_printf(arena, "%" PRId64 "s ago", seconds);
    if (seconds < 7200)
        return rse_arena_printf(arena, "%" PRId64 "m ago", seconds / 60);
    if (seconds < 172800)
        return rse_arena_printf(arena, "%" PRId64 "h ago", seconds / 3600);
    return rse_arena_printf(arena, "%" PRId64 "d ago", seconds / 86400);
}

char *span_ms(struct rse_arena *arena, int64_t ms)
{
    if (ms < 1000)
        return rse_arena_printf(arena, "%" PRId64 " ms", ms);
    return rse_arena_printf(arena, "%.1f s", (double)ms / 1000);
}
