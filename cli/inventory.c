#include "cli/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MOST_FILES = 10000, DEEPEST = 16 };

struct files {
    struct cli *cli;
    const char **at;
    size_t count, cap;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_inventory_name(const char *name)
{
    return rse_str_ends(rse_str(name), RSE_STR(".yaml")) || rse_str_ends(rse_str(name), RSE_STR(".yml")) ||
           rse_str_ends(rse_str(name), RSE_STR(".json"));
}

static bool add_path(struct files *files, const char *path, bool named, int depth, struct rse_err *err);

static bool add_folder(struct files *files, const char *path, int depth, struct rse_err *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    bool ok = true;

    if (folder == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    while (ok && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.')
            ok = add_path(files, rse_arena_printf(files->cli->arena, "%s/%s", path, entry->d_name), false, depth + 1,
                          err);
    }
    closedir(folder);
    return ok;
}

/* named: by the person, so it is taken whatever it is called. */
static bool add_path(struct files *files, const char *path, bool named, int depth, struct rse_err *err)
{
    struct stat st;

    if (strcmp(path, "-") != 0 || !named) {
        if (stat(path, &st) != 0 && !named && !is_inventory_name(path))
            return true;
        if (stat(path, &st) != 0)
            return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
        if (S_ISDIR(st.st_mode) && depth < DEEPEST)
            return add_folder(files, path, depth, err);
        if (!named && !is_inventory_name(path))
            return true;
    }
    if (files->count == MOST_FILES)
        return rse_fail(err, RSE_TOO_LARGE, "there are more than %d files", MOST_FILES);
    RSE_GROW(files->at, files->count, files->cap);
    files->at[files->count++] = path;
    return true;
}

/* The files of all -f, those of a folder by name. */
static bool find_files(struct files *files, struct rse_err *err)
{
    const struct args *args = &files->cli->args;

    for (int i = 0; i < args->nflags; i++) {
        size_t before = files->count;

        if (strcmp(args->flags[i].flag->name, "file") != 0)
            continue;
        if (!add_path(files, args->flags[i].value, true, 0, err))
            return false;
        if (files->count == before) {
            rse_err_hint(err, "A folder's *.yaml, *.yml and *.json are read.");
            return rse_fail(err, RSE_INVALID, "there is no inventory in %s", args->flags[i].value);
        }
        qsort(files->at + before, files->count - before, sizeof(*files->at), compare_names);
    }
    if (files->count > 0)
        return true;
    rse_err_hint(err, "Give it with -f FILE; -f - is standard input.");
    return rse_fail(err, RSE_INVALID, "no inventory is given");
}

static void count_objects(struct inventory_part *part, const cJSON *json)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        part->counts[noun] = cJSON_GetArraySize(json_list(json, rse_noun_info((enum rse_noun)noun)->plural));
}

/* Puts the members of one inventory behind those of another. */
static bool merge(cJSON *all, cJSON *json, const char *file, struct rse_err *err)
{
    if (!cJSON_IsObject(json))
        return rse_fail(err, RSE_INVALID, "%s: an inventory is an object with clusters, groups and so on", file);
    for (cJSON *member = json->child, *next; member != NULL; member = next) {
        cJSON *there = cJSON_GetObjectItemCaseSensitive(all, member->string);

        next = member->next;
        if (there == NULL) {
            cJSON_DetachItemViaPointer(json, member);
            cJSON_AddItemToObject(all, member->string, member);
        } else if (!cJSON_IsArray(there) || !cJSON_IsArray(member)) {
            return rse_fail(err, RSE_INVALID, "%s: \"%s\" is not an array", file, member->string);
        } else {
            while (member->child != NULL)
                cJSON_AddItemToArray(there, cJSON_DetachItemViaPointer(member, member->child));
        }
    }
    return true;
}

static bool read_file(struct cli *cli, struct inventory *out, const char *file, cJSON **json, struct rse_err *err)
{
    struct inventory_part *part = &out->parts[out->nparts++];

    part->file = file;
    /* Parsed here so that a slip of the pen is answered with the file's own name and line. */
    if (!cli_read_file(cli, file, &out->text, err) || !cli_parse_file(cli, file, out->text, json, err))
        return false;
    count_objects(part, *json);
    return true;
}

static void free_text(void *text)
{
    cJSON_free(text);
}

static bool read_files(struct cli *cli, const struct files *files, struct inventory *out, struct rse_err *err)
{
    cJSON *json;

    if (files->count == 1) { /* sent as it stands */
        if (!read_file(cli, out, files->at[0], &out->json, err))
            return false;
        out->content_type = looks_like_json(out->text) ? "application/json" : "application/yaml";
        return true;
    }
    out->json = cli_new_object(cli);
    for (size_t i = 0; i < files->count; i++) {
        if (!read_file(cli, out, files->at[i], &json, err) || !merge(out->json, json, files->at[i], err))
            return false;
    }
    char *text = cJSON_PrintUnformatted(out->json);

    rse_arena_defer(cli->arena, free_text, text);
    out->text = rse_str(text);
    out->content_type = "application/json";
    return true;
}

bool inventory_read(struct cli *cli, struct inventory *out, struct rse_err *err)
{
    struct files files = { .cli = cli };
    bool ok;

    *out = (struct inventory){ .nparts = 0 };
    ok = find_files(&files, err);
    if (ok) {
        out->parts = rse_arena_calloc(cli->arena, files.count, sizeof(*out->parts));
        ok = read_files(cli, &files, out, err);
    }
    free(files.at);
    return ok;
}

/* "/clusters/12/name": the noun and the place. */
static const struct rse_noun_info *read_pointer(const char *pointer, int64_t *place)
{
    size_t len = pointer[0] == '/' ? strcspn(pointer + 1, "/") : 0;
    const struct rse_noun_info *noun = len > 0 ? rse_noun_find(rse_str_n(pointer + 1, len)) : NULL;
    const char *number = len > 0 && pointer[1 + len] == '/' ? pointer + len + 2 : "";

    if (noun == NULL || !rse_parse_int64(rse_str_n(number, strcspn(number, "/")), 0, INT32_MAX, place))
        return NULL;
    return noun;
}

void inventory_locate(const struct inventory *inventory, struct rse_err *err)
{
    int64_t place;
    const struct rse_noun_info *noun = read_pointer(err->field, &place);
    char rest[sizeof(err->field)];

    if (noun == NULL || inventory->nparts < 2)
        return;
    for (size_t i = 0; i < inventory->nparts; i++) {
        int count = inventory->parts[i].counts[noun->noun];

        if (place >= count) {
            place -= count;
            continue;
        }
        const char *behind = strchr(err->field + strlen(noun->plural) + 2, '/');

        snprintf(rest, sizeof(rest), "%s", behind != NULL ? behind : "");
        err->field[0] = '\0';
        rse_err_field(err, "%s: /%s/%lld%s", inventory->parts[i].file, noun->plural, (long long)place, rest);
        return;
    }
}
