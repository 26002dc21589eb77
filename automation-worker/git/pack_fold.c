#include "automation-worker/git/pack_fold.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <resedge/buf.h>
#include <resedge/log.h>

#include "automation-worker/git/id_set.h"
#include "automation-worker/git/loose.h"
#include "automation-worker/git/pack_file.h"
#include "automation-worker/git/pack_list.h"
#include "automation-worker/git/pack_writer.h"

enum {
    FOLD_AT = 20,       /* packs that are in use */
    MOST_PACKS = 40,    /* with those that were folded: above it the time below is cut short */
    STAY_SECONDS = 60,  /* for readers who found a pack before it was folded */
    LEFT_SECONDS = 3600 /* a temporary file of a writer that died: none takes this long */
};

/* ---- taking away ---- */

static void remove_folded(struct pack_list *list, time_t now)
{
    size_t left = list->count;

    for (size_t i = 0; i < list->count; i++) {
        const struct listed_pack *pack = &list->at[i];

        if (pack->folded != 0 && (now - pack->folded >= STAY_SECONDS || left > MOST_PACKS)) {
            pack_remove(pack->name);
            left--;
        }
    }
}

static void remove_left_behind(const char *folder, time_t now)
{
    DIR *dir = opendir(folder);
    char path[PATH_MAX];
    struct stat st;

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if ((strncmp(entry->d_name, "tmp_pack_", 9) == 0 || strncmp(entry->d_name, "tmp_idx_", 8) == 0) &&
            snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < (int)sizeof(path) && stat(path, &st) == 0 &&
            now - st.st_mtime >= LEFT_SECONDS)
            unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* ---- choosing ---- */

/* Those in use that may be folded, in the same order; returns how many are in use at all. */
static size_t drop_others(struct pack_list *list)
{
    size_t used = 0, kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        struct listed_pack *pack = &list->at[i];

        used += pack->folded == 0;
        if (pack->folded == 0 && !pack->kept)
            list->at[kept++] = *pack;
        else
            free(pack->name);
    }
    list->count = kept;
    return used;
}

/* How many of the smallest: up to the first that is more than twice as large as all before it together. */
static size_t choose(const struct pack_list *list)
{
    uint64_t sum = 0;
    size_t n = 0;

    while (n < list->count && (n < 2 || list->at[n].size <= 2 * sum))
        sum += list->at[n++].size;
    return n;
}

/* ---- copying ---- */

struct source {
    const char *name;
    struct pack_file file;
    uint32_t *numbers; /* of its entries in the new pack */
};

struct fold {
    struct pack_writer *writer;
    struct id_set seen;     /* numbered as the writer's entries */
    struct source *sources; /* packs that are copied */
    size_t nsources;
};

/* A damaged pack stays as it is, for a person to look at. */
static void open_source(struct fold *fold, const char *name)
{
    struct source *source = &fold->sources[fold->nsources];
    struct rse_err error = RSE_ERR_INIT;

    if (!pack_file_open(&source->file, name, &error)) {
        rse_log(RSE_LOG_WARN, "a pack is left as it is", RSE_LOG_ERR(&error));
        return;
    }
    source->name = name;
    source->numbers = rse_xcalloc((size_t)source->file.count + 1, sizeof(*source->numbers));
    fold->nsources++;
}

static void close_sources(struct fold *fold)
{
    for (size_t i = 0; i < fold->nsources; i++) {
        pack_file_close(&fold->sources[i].file);
        free(fold->sources[i].numbers);
    }
    free(fold->sources);
}

static bool is_whole(const struct pack_file_entry *entry)
{
    return entry->type != PACK_OFS_DELTA && entry->type != PACK_REF_DELTA;
}

/* An object that another pack brought is not copied again: what is made from it is made from that one. */
static bool copy_entry(struct fold *fold, const struct pack_file_entry *entry, uint32_t *numbers, uint32_t i,
                       struct rse_err *err)
{
    uint32_t base = entry->type == PACK_OFS_DELTA ? numbers[entry->base] : UINT32_MAX;

    if (!id_set_add(&fold->seen, &entry->id, &numbers[i]))
        return true;
    return pack_writer_copy(fold->writer, entry, base, err);
}

/* Either the entries that are whole, or the deltas. */
static bool copy_entries(struct fold *fold, bool whole, struct rse_err *err)
{
    for (size_t n = 0; n < fold->nsources; n++) {
        struct source *source = &fold->sources[n];

        for (uint32_t i = 0; i < source->file.count; i++) {
            const struct pack_file_entry *entry = &source->file.entries[i];

            if (is_whole(entry) == whole && !copy_entry(fold, entry, source->numbers, i, err))
                return false;
        }
    }
    return true;
}

static bool copy_loose(struct fold *fold, const struct loose *loose, git_odb *odb, struct rse_err *err)
{
    for (size_t i = 0; i < loose->count; i++) {
        git_odb_object *object;

        if (git_odb_read(&object, odb, &loose->ids[i]) != 0)
            continue; /* somebody else took it away, or it is damaged: then it stays */
        struct rse_str bytes = rse_str_n(git_odb_object_data(object), git_odb_object_size(object));
        bool ok = !id_set_add(&fold->seen, &loose->ids[i], NULL) ||
                  pack_writer_add(fold->writer, git_odb_object_type(object), bytes, &loose->ids[i], NULL, err);
        git_odb_object_free(object);
        if (!ok)
            return false;
    }
    return true;
}

static bool copy_all(struct fold *fold, const struct pack_list *list, size_t count, const struct loose *loose,
                     git_odb *odb, struct rse_err *err)
{
    for (size_t i = 0; i < count; i++)
        open_source(fold, list->at[i].name);
    /* An object may be whole in one pack and a delta in another. The whole one is taken, so that what is made from it
     * takes one look more as before, and chains don't grow from fold to fold. */
    return copy_entries(fold, true, err) && copy_entries(fold, false, err) && copy_loose(fold, loose, odb, err);
}

/* Only now that all of it is on disk, under its name. */
static bool retire(const struct fold *fold, const struct loose *loose, const char *made, struct rse_err *err)
{
    for (size_t i = 0; i < fold->nsources; i++) {
        const char *name = fold->sources[i].name;

        if (strcmp(name, made) != 0 && !pack_mark_folded(name, err))
            return false;
    }
    for (size_t i = 0; i < loose->count; i++) {
        if (id_set_find(&fold->seen, &loose->ids[i]) != UINT32_MAX)
            loose_remove(loose, &loose->ids[i]);
    }
    return true;
}

static bool fold_into(struct fold *fold, const char *folder, const struct pack_list *list, size_t count,
                      const struct loose *loose, git_odb *odb, struct rse_err *err)
{
    RSE_BUF_AUTO made = { 0 };
    git_oid sum;

    rse_buf_init(&made, PATH_MAX);
    if (!pack_writer_new(&fold->writer, folder, err) || !copy_all(fold, list, count, loose, odb, err))
        return false;
    if (pack_writer_count(fold->writer) == 0)
        return true;
    if (!pack_writer_finish(fold->writer, &sum, err))
        return false;
    rse_buf_addf(&made, "%s/pack-%s", folder, git_oid_tostr_s(&sum));
    return rse_buf_ok(&made, err) && retire(fold, loose, made.p, err);
}

static bool fold_packs(git_repository *git, const char *folder, const struct pack_list *list, size_t count,
                       const struct loose *loose, struct rse_err *err)
{
    struct fold fold = { .sources = rse_xcalloc(count + 1, sizeof(*fold.sources)) };
    git_odb *odb;

    bool ok = git_repository_odb(&odb, git) == 0;
    if (ok) {
        ok = fold_into(&fold, folder, list, count, loose, odb, err);
        git_odb_free(odb);
    } else {
        rse_fail(err, RSE_INTERNAL, "could not open the object database");
    }
    pack_writer_free(fold.writer);
    id_set_release(&fold.seen);
    close_sources(&fold);
    return ok;
}

bool packs_fold(git_repository *git, struct rse_err *err)
{
    char objects[PATH_MAX], folder[PATH_MAX];
    struct loose loose = { .ids = NULL };
    struct pack_list list;
    time_t now = time(NULL);

    if (snprintf(objects, sizeof(objects), "%sobjects", git_repository_commondir(git)) >= (int)sizeof(objects) ||
        snprintf(folder, sizeof(folder), "%s/pack", objects) >= (int)sizeof(folder))
        return rse_fail(err, RSE_INVALID, "the path of the repository is too long");
    if (!pack_list_read(&list, folder, err))
        return false;
    remove_folded(&list, now);
    size_t used = drop_others(&list), chosen = used >= FOLD_AT ? choose(&list) : 0;
    if (loose_are_many(objects))
        loose_list(&loose, objects);
    bool ok = true;
    if (chosen > 1 || loose.count > 0) {
        remove_left_behind(folder, now);
        ok = fold_packs(git, folder, &list, chosen > 1 ? chosen : 0, &loose, err);
    }
    loose_release(&loose);
    pack_list_release(&list);
    return ok;
}
