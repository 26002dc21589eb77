#include "cli/offline.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

enum { DEEPEST = 32, MAX_FILE = 4 << 20 };

/* ---- the fleet ---- */

struct reading {
    struct offline *offline;
    bool ended;
};

static bool take_line(void *arg, const cJSON *json, struct rse_err *err)
{
    struct reading *reading = arg;
    const struct rse_noun_info *noun = rse_noun_find(rse_str(json_text(json, "noun")));
    const cJSON *doc = cJSON_GetObjectItemCaseSensitive(json, "doc");
    struct rse_arena *arena;
    struct rse_object *object;
    bool ok;

    reading->ended = reading->ended || json_true(json, "end");
    if (noun == NULL || !cJSON_IsObject(doc))
        return true;
    arena = rse_arena_new();
    ok = rse_object_parse(&object, noun->noun, doc, RSE_PARSE_DOC, arena, err) &&
         rse_fleet_put(reading->offline->fleet, object, err);
    rse_arena_free(arena);
    return ok;
}

bool offline_fleet(struct cli *cli, struct offline *out, struct rse_err *err)
{
    struct reading reading = { .offline = out };

    *out = (struct offline){ .fleet = rse_fleet_new() };
    return cli_client(cli, err) && rse_client_lines(cli->client, "/api/v1/snapshot", take_line, &reading, NULL, err) &&
           (reading.ended || rse_fail(err, RSE_UNAVAILABLE, "the snapshot broke off"));
}

/* ---- the templates ---- */

/* The catalogue tells files apart by an id; here any digest of the text will do. */
static void make_id(struct rse_str text, uint8_t id[RSE_OID_SIZE])
{
    uint64_t parts[3] = { rse_hash(text.p, text.len), text.len, crc32(0, (const Bytef *)text.p, (uInt)text.len) };

    memcpy(id, parts, RSE_OID_SIZE);
}

static bool add_file(struct rse_catalogue *catalogue, const char *path, const char *inside, off_t size,
                     struct rse_err *err)
{
    uint8_t id[RSE_OID_SIZE];
    char *text;
    FILE *file;
    size_t len;

    if (size > MAX_FILE) {
        rse_catalogue_refuse(catalogue, rse_str(inside), "the file is larger than 4 MiB");
        return true;
    }
    file = fopen(path, "re");
    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    text = rse_xmalloc((size_t)size + 1);
    len = fread(text, 1, (size_t)size, file);
    bool ok = !ferror(file) || rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", path);

    fclose(file);
    if (ok) {
        make_id(rse_str_n(text, len), id);
        rse_catalogue_add(catalogue, rse_str(inside), id, rse_str_n(text, len));
    }
    free(text);
    return ok;
}

static bool add_folder(struct rse_catalogue *catalogue, const char *path, const char *inside, int depth,
                       struct rse_err *err);

static bool add_entry(struct rse_catalogue *catalogue, const char *path, const char *inside, int depth,
                      struct rse_err *err)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", path);
    if (S_ISDIR(st.st_mode))
        return depth == DEEPEST || add_folder(catalogue, path, inside, depth + 1, err);
    if (S_ISREG(st.st_mode))
        return add_file(catalogue, path, inside, st.st_size, err);
    rse_catalogue_refuse(catalogue, rse_str(inside), "symbolic links can't be templates");
    return true;
}

static bool add_folder(struct rse_catalogue *catalogue, const char *path, const char *inside, int depth,
                       struct rse_err *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    bool ok = true;

    if (folder == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    while (ok && (entry = readdir(folder)) != NULL) {
        RSE_BUF_AUTO full = { 0 };
        RSE_BUF_AUTO below = { 0 };

        rse_buf_init(&full, 4096);
        rse_buf_init(&below, 4096);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        rse_buf_addf(&full, "%s/%s", path, entry->d_name);
        rse_buf_addf(&below, "%s/%s", inside, entry->d_name);
        ok = rse_buf_ok(&full, err) && rse_buf_ok(&below, err) && add_entry(catalogue, full.p, below.p, depth, err);
    }
    closedir(folder);
    return ok;
}

bool offline_templates(struct offline *out, const char *folder, struct rse_err *err)
{
    static const char *const folders[] = { "apps", "policies" };
    struct stat st;
    bool any = false;

    out->keys = rse_plan_keys(out->fleet);
    out->catalogue = rse_catalogue_new(out->keys, NULL);
    for (size_t i = 0; i < RSE_COUNT(folders); i++) {
        RSE_BUF_AUTO path = { 0 };

        rse_buf_init(&path, 4096);
        rse_buf_addf(&path, "%s/%s", folder, folders[i]);
        if (stat(path.p, &st) != 0 || !S_ISDIR(st.st_mode))
            continue;
        any = true;
        if (!add_folder(out->catalogue, path.p, folders[i], 0, err))
            return false;
    }
    if (!any) {
        rse_err_hint(err, "Name the folder that holds apps/ and policies/.");
        return rse_fail(err, RSE_INVALID, "there are no templates in %s", folder);
    }
    rse_catalogue_seal(out->catalogue);
    return true;
}

bool offline_plan(struct offline *out, const struct rse_target *target, struct rse_err *err)
{
    rse_plan_free(out->plan);
    out->plan = NULL;
    out->target = target;
    return rse_plan_new(&out->plan, out->fleet, out->catalogue, target->object.id, err);
}

void offline_free(struct offline *offline)
{
    rse_plan_free(offline->plan);
    rse_catalogue_free(offline->catalogue);
    rse_keys_free(offline->keys);
    rse_fleet_free(offline->fleet);
    *offline = (struct offline){ .fleet = NULL };
}

/* ---- one cluster ---- */

/* The files of a part are only good where all of it could be rendered: they are kept until then. */
struct part_files {
    struct rse_arena *arena;
    struct rse_planned_file *at;
    size_t count, cap;
};

static bool keep_file(void *arg, const struct rse_planned_file *file, struct rse_err *err RSE_UNUSED)
{
    struct part_files *files = arg;

    RSE_GROW(files->at, files->count, files->cap);
    files->at[files->count] = *file;
    files->at[files->count].path = rse_arena_str(files->arena, file->path);
    files->at[files->count++].bytes = rse_arena_str(files->arena, file->bytes);
    return true;
}

static bool is_wanted(const struct offline_sink *sink, const struct rse_part *part)
{
    return sink->application.len == 0 ||
           (part->application != NULL && rse_str_eq(part->application->object.name, sink->application));
}

static bool render_part(const struct offline *offline, uint32_t cluster, const struct rse_part *part,
                        const struct offline_sink *sink, bool *present, struct rse_err *err)
{
    struct part_files files = { .arena = rse_arena_new() };
    struct rse_err why = RSE_ERR_INIT;
    bool ok = true;

    if (part->leftover || (part->frozen && sink->kept != NULL)) {
        *present = sink->kept != NULL && sink->kept(sink->arg, part);
        rse_arena_free(files.arena);
        return true;
    }
    *present = rse_plan_render(offline->plan, cluster, part, keep_file, &files, &why);
    if (!*present && sink->failed != NULL)
        sink->failed(sink->arg, part, &why);
    for (size_t i = 0; *present && ok && i < files.count; i++)
        ok = sink->file(sink->arg, &files.at[i], err);
    free(files.at);
    rse_arena_free(files.arena);
    if (!*present && sink->kept != NULL)
        *present = sink->kept(sink->arg, part);
    return ok;
}

bool offline_render(const struct offline *offline, uint32_t cluster, const struct offline_sink *sink,
                    struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_part *parts;
    size_t count;
    bool *present;

    if (rse_plan_wish(offline->plan, cluster) == RSE_FOLDER_NONE)
        return true;
    rse_plan_parts(offline->plan, cluster, arena, &parts, &count);
    present = rse_arena_calloc(arena, count + 1, sizeof(*present));
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(sink, &parts[i]) && !render_part(offline, cluster, &parts[i], sink, &present[i], err))
            return false;
    }
    return sink->application.len > 0 ||
           rse_plan_render_lists(offline->plan, cluster, parts, present, count, sink->file, sink->arg, err);
}
