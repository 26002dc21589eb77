/* Words for people: counts, times, what was held, where an error points to. */
#include <inttypes.h>
#include <time.h>

#include "cli/output/output.h"

enum { LONGEST_POINTED = 200 /* a text that is longer than a few lines of a terminal */, NAMES_SHOWN = 10 };

int64_t held_count(const cJSON *job)
{
    int64_t listed = cJSON_GetArraySize(json_list(job, "held")), all = json_int(job, "heldCount");

    return all > listed ? all : listed;
}

static void print_held_part(FILE *to, const cJSON *entry)
{
    const char *application = json_text(entry, "application"), *cause = json_text(entry, "cause");
    const cJSON *problem = cJSON_GetObjectItemCaseSensitive(entry, "error");
    const char *what = application[0] != '\0' ? application : json_text(entry, "namespace");

    fprintf(to, "held%s%s%s: %s on %s: %s\n", cause[0] != '\0' && strcmp(cause, "error") != 0 ? " (" : "",
            strcmp(cause, "error") != 0 ? cause : "", cause[0] != '\0' && strcmp(cause, "error") != 0 ? ")" : "",
            what[0] != '\0' ? what : "everything", json_text(entry, "cluster"), json_text(problem, "detail"));
}

void print_held(FILE *to, const cJSON *job, int64_t most)
{
    const cJSON *entry;
    int64_t shown = 0;

    cJSON_ArrayForEach(entry, json_list(job, "held"))
    {
        if (shown == most)
            break;
        print_held_part(to, entry);
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
    fprintf(to, "  %s\n  %*s^\n", text, text_width(text, position), "");
}

static const char *patch_color(const char *line)
{
    if (line[0] == '+' && strncmp(line, "+++", 3) != 0)
        return "\033[32m";
    if (line[0] == '-' && strncmp(line, "---", 3) != 0)
        return "\033[31m";
    return line[0] == '@' ? "\033[36m" : "";
}

void print_patch(const struct cli *cli, const char *patch)
{
    while (*patch != '\0') {
        size_t len = strcspn(patch, "\n");
        const char *color = cli->color ? patch_color(patch) : "";

        printf("%s%.*s%s\n", color, (int)len, patch, color[0] != '\0' ? "\033[0m" : "");
        patch += len + (patch[len] == '\n');
    }
}

void print_names(const char *sign, const cJSON *names)
{
    const cJSON *name;
    int shown = 0, count = cJSON_GetArraySize(names);

    cJSON_ArrayForEach(name, names)
    {
        if (shown++ == NAMES_SHOWN && count > NAMES_SHOWN + 1) {
            printf("  %s and %d more\n", sign, count - NAMES_SHOWN);
            break;
        }
        printf("  %s %s\n", sign, cJSON_IsString(name) ? name->valuestring : "?");
    }
}

char *plural(struct rse_arena *arena, int64_t n, const char *noun)
{
    size_t len = strlen(noun);

    if (n != 1 && len > 1 && noun[len - 1] == 'y' && strchr("aeiou", noun[len - 2]) == NULL)
        return rse_arena_printf(arena, "%" PRId64 " %.*sies", n, (int)len - 1, noun);
    return rse_arena_printf(arena, "%" PRId64 " %s%s", n, noun, n == 1 ? "" : "s");
}

static char *span_of(struct rse_arena *arena, int64_t seconds)
{
    if (seconds < 120)
        return rse_arena_printf(arena, "%" PRId64 "s", seconds);
    if (seconds < 7200)
        return rse_arena_printf(arena, "%" PRId64 "m", seconds / 60);
    if (seconds < 172800)
        return rse_arena_printf(arena, "%" PRId64 "h", seconds / 3600);
    return rse_arena_printf(arena, "%" PRId64 "d", seconds / 86400);
}

char *ago(struct rse_arena *arena, const char *time)
{
    int64_t then_ms, seconds;
    struct timespec now;

    if (time == NULL || !rse_parse_time(rse_str(time), &then_ms))
        return rse_arena_strdup(arena, time != NULL ? time : "");
    clock_gettime(CLOCK_REALTIME, &now);
    seconds = now.tv_sec - then_ms / 1000;
    if (seconds < -2)
        return rse_arena_printf(arena, "in %s", span_of(arena, -seconds));
    if (seconds < 2)
        return rse_arena_strdup(arena, "now");
    return rse_arena_printf(arena, "%s ago", span_of(arena, seconds));
}

char *span_ms(struct rse_arena *arena, int64_t ms)
{
    if (ms < 1000)
        return rse_arena_printf(arena, "%" PRId64 " ms", ms);
    return rse_arena_printf(arena, "%.1f s", (double)ms / 1000);
}
