#include "automation-worker/git/commit.h"

#include <inttypes.h>
#include <stdio.h>

#include <resedge/parse.h>

#include "automation-worker/git/error.h"

#define COMMITTER             "Res-Edge Automation"
#define COMMITTER_EMAIL       "automation@resedge.invalid"
#define MAX_COMMIT_BYTES      ((size_t)1 << 20)
#define MAX_CHECKPOINT_SEARCH 10000

/* Git takes these off both ends of a name, and reads <, > and line breaks as structure. */
static bool is_crud(char c)
{
    return (unsigned char)c <= ' ' || strchr(".,:;<>\"\\'", c) != NULL;
}

static void add_identity(struct rse_buf *out, struct rse_str text, const char *fallback)
{
    while (text.len > 0 && is_crud(text.p[0]))
        text = rse_str_from(text, 1);
    while (text.len > 0 && is_crud(text.p[text.len - 1]))
        text.len--;
    if (text.len == 0)
        text = rse_str(fallback);
    for (size_t i = 0; i < text.len; i++) {
        bool bad = (unsigned char)text.p[i] < ' ' || text.p[i] == '<' || text.p[i] == '>';

        rse_buf_addc(out, bad ? '?' : text.p[i]);
    }
}

static void add_signature(struct rse_buf *out, const char *role, struct rse_str name, struct rse_str email,
                          int64_t seconds)
{
    rse_buf_addf(out, "%s ", role);
    add_identity(out, name, "unknown");
    rse_buf_adds(out, " <");
    add_identity(out, email, "unknown@resedge.invalid");
    rse_buf_addf(out, "> %" PRId64 " +0000\n", seconds > 0 ? seconds : 0);
}

static void add_id_line(struct rse_buf *out, const char *key, const git_oid *id)
{
    rse_buf_addf(out, "%s %s\n", key, git_oid_tostr_s(id));
}

/* The signature is of everything else, and stands as a header of several lines behind the committer. */
static bool add_signed(struct rse_buf *out, struct rse_str headers, struct rse_str message, const struct signer *signer,
                       struct rse_err *err)
{
    RSE_BUF_AUTO whole = { 0 };
    RSE_BUF_AUTO armor = { 0 };

    rse_buf_init(&whole, MAX_COMMIT_BYTES);
    rse_buf_init(&armor, 4096);
    rse_buf_add_str(&whole, headers);
    rse_buf_addc(&whole, '\n');
    rse_buf_add_str(&whole, message);
    if (!rse_buf_ok(&whole, err) || !signer_sign(signer, rse_buf_str(&whole), &armor, err) || !rse_buf_ok(&armor, err))
        return false;
    rse_buf_adds(out, "gpgsig ");
    for (size_t i = 0; i < armor.len; i++) {
        rse_buf_addc(out, armor.p[i]);
        if (armor.p[i] == '\n' && i + 1 < armor.len)
            rse_buf_addc(out, ' ');
    }
    return true;
}

bool commit_write(struct objects *objects, const struct commit_spec *spec, git_oid *id, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_COMMIT_BYTES);
    add_id_line(&text, "tree", &spec->tree);
    if (spec->parent != NULL)
        add_id_line(&text, "parent", spec->parent);
    add_signature(&text, "author", spec->author, spec->email, spec->time);
    add_signature(&text, "committer", RSE_STR(COMMITTER), RSE_STR(COMMITTER_EMAIL), spec->time);
    if (spec->signer != NULL) {
        RSE_BUF_AUTO headers = { 0 };

        rse_buf_init(&headers, MAX_COMMIT_BYTES);
        rse_buf_add_str(&headers, rse_buf_str(&text));
        if (!add_signed(&text, rse_buf_str(&headers), spec->message, spec->signer, err))
            return false;
    }
    rse_buf_addc(&text, '\n');
    rse_buf_add_str(&text, spec->message);
    if (memchr(spec->message.p, '\0', spec->message.len) != NULL)
        return rse_fail(err, RSE_INTERNAL, "a commit message can't hold a NUL");
    return rse_buf_ok(&text, err) && object_hash(GIT_OBJECT_COMMIT, rse_buf_str(&text), id, err) &&
           objects_write(objects, GIT_OBJECT_COMMIT, rse_buf_str(&text), id, err);
}

void trailers_add(struct rse_buf *message, const struct trailers *trailers)
{
    rse_buf_addf(message, "\nResedge-Revision: %" PRId64 "\n", trailers->revision);
    rse_buf_addf(message, "Resedge-Change: %s\n", trailers->change);
    rse_buf_addf(message, "Resedge-Job: %" PRId64 "\n", trailers->job);
}

bool trailers_parse(const char *message, struct trailers *out)
{
    git_message_trailer_array list = { 0 };
    bool has_revision = false, has_job = false, has_change = false;

    *out = (struct trailers){ .revision = 0 };
    if (git_message_trailers(&list, message) != 0)
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *key = list.trailers[i].key, *value = list.trailers[i].value;

        if (strcmp(key, "Resedge-Revision") == 0) {
            has_revision = rse_parse_int64(rse_str(value), 0, INT64_MAX, &out->revision);
        } else if (strcmp(key, "Resedge-Job") == 0) {
            has_job = rse_parse_int64(rse_str(value), 0, INT64_MAX, &out->job);
        } else if (strcmp(key, "Resedge-Change") == 0) {
            snprintf(out->change, sizeof(out->change), "%s", value);
            has_change = true;
        }
    }
    git_message_trailer_array_free(&list);
    return has_revision && has_job && has_change;
}

bool checkpoint_find(git_repository *git, const git_oid *from, struct checkpoint *out, struct rse_err *err)
{
    git_oid id = *from;

    *out = (struct checkpoint){ .found = false };
    for (int i = 0; i < MAX_CHECKPOINT_SEARCH && !out->found && !git_oid_is_zero(&id); i++) {
        git_commit *commit;
        int rc = git_commit_lookup(&commit, git, &id);

        if (rc != 0)
            return git_error_take(err, rc, "could not read commit %.12s", git_oid_tostr_s(&id));
        out->found = trailers_parse(git_commit_message(commit), &out->trailers);
        out->commit = id;
        out->tree = *git_commit_tree_id(commit);
        if (git_commit_parentcount(commit) > 0)
            id = *git_commit_parent_id(commit, 0);
        else
            memset(&id, 0, sizeof(id));
        out->parent = id;
        git_commit_free(commit);
    }
    return true;
}

/* A name that doesn't fit is no name: half of it would be somebody else's. */
static bool copy_pusher(const git_signature *author, struct pusher *out)
{
    if (author->name == NULL || author->email == NULL || author->name[0] == '\0' ||
        strlen(author->name) >= sizeof(out->name) || strlen(author->email) >= sizeof(out->email))
        return false;
    snprintf(out->name, sizeof(out->name), "%s", author->name);
    snprintf(out->email, sizeof(out->email), "%s", author->email);
    return true;
}

bool pusher_find(git_repository *git, const git_oid *from, struct pusher *out)
{
    struct trailers trailers;
    git_oid id = *from;
    bool ours = true, found = false;

    for (int i = 0; i < MAX_CHECKPOINT_SEARCH && ours; i++) {
        git_commit *commit;

        if (git_commit_lookup(&commit, git, &id) != 0)
            break;
        ours = trailers_parse(git_commit_message(commit), &trailers);
        found = !ours && copy_pusher(git_commit_author(commit), out);
        ours = ours && git_commit_parentcount(commit) > 0;
        if (ours)
            id = *git_commit_parent_id(commit, 0);
        git_commit_free(commit);
    }
    return found;
}
