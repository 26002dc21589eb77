/* resedge edit: an object as YAML in an editor, stored where it was changed and nobody else changed it meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output/output.h"

enum { MOST_NODES = 100000 };

struct edit {
    struct cli *cli;
    const struct rse_noun_info *noun;
    const char *name;
    int64_t id;
    char etag[80];
    struct rse_str text; /* what was last written for the person, remarks apart */
    char file[256];
};

/* What a person would write, as YAML. */
static bool spec_of(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document, struct rse_str *out,
                    struct rse_err *err)
{
    struct rse_object *object;
    RSE_BUF_AUTO json = { 0 };
    RSE_BUF_AUTO yaml = { 0 };
    cJSON *spec;

    rse_buf_init(&json, 1 << 22);
    rse_buf_init(&yaml, 1 << 22);
    if (!rse_object_parse(&object, noun->noun, document, RSE_PARSE_DOC, cli->arena, err))
        return false;
    rse_object_render(object, RSE_RENDER_SPEC, &json);
    if (!rse_json_parse(&spec, rse_buf_str(&json), err))
        return false;
    rse_yaml_from_json(&yaml, spec);
    cJSON_Delete(spec);
    *out = rse_arena_str(cli->arena, rse_buf_str(&yaml));
    return rse_buf_ok(&yaml, err);
}

static bool make_file(struct edit *edit, struct rse_err *err)
{
    const char *folder = getenv("TMPDIR");

    snprintf(edit->file, sizeof(edit->file), "%s/resedge-edit-XXXXXX.yaml",
             folder != NULL && folder[0] == '/' ? folder : "/tmp");
    int fd = mkstemps(edit->file, strlen(".yaml")); /* 0600 */

    if (fd < 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not make a file to edit");
    close(fd);
    return true;
}

/* remark: why it is shown (again); each of its lines becomes a comment. */
static bool write_file(const struct edit *edit, const char *remark, struct rse_str text, struct rse_err *err)
{
    FILE *file = fopen(edit->file, "we");

    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", edit->file);
    for (const char *line = remark; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        fprintf(file, "#%s%.*s\n", len > 0 ? " " : "", (int)len, line);
        line += len + (line[len] == '\n');
    }
    fwrite(text.p, 1, text.len, file);
    bool ok = ferror(file) == 0;

    ok = fclose(file) == 0 && ok;
    return ok || rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", edit->file);
}

static const char *editor(void)
{
    const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

    if (visual != NULL && visual[0] != '\0')
        return visual;
    return plain != NULL && plain[0] != '\0' ? plain : "vi";
}

static bool run_editor(const struct edit *edit, struct rse_err *err)
{
    const char *command = rse_arena_printf(edit->cli->arena, "%s \"$1\"", editor());
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        unsetenv("RESEDGE_TOKEN");
        execl("/bin/sh", "sh", "-c", command, "sh", edit->file, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    rse_err_hint(err, "VISUAL or EDITOR says which it is.");
    return rse_fail(err, RSE_INVALID, "the editor (%s) failed: nothing was changed", editor());
}

/* Without the lines that begin with '#'. */
static struct rse_str without_remarks(struct rse_arena *arena, struct rse_str text)
{
    char *copy = rse_arena_alloc(arena, text.len + 1);
    size_t len = 0;

    while (text.len > 0) {
        ptrdiff_t end = rse_str_find(text, '\n');
        size_t line = end >= 0 ? (size_t)end + 1 : text.len;

        if (text.p[0] != '#') {
            memcpy(copy + len, text.p, line);
            len += line;
        }
        text = rse_str_from(text, line);
    }
    return rse_str_n(copy, len);
}

static bool store(struct edit *edit, struct rse_str text, struct reply *reply, struct rse_err *err)
{
    struct write write = { .method = "PUT", .if_match = edit->etag };
    cJSON *body = rse_yaml_to_json(rse_str(edit->file), text, MOST_NODES, err);

    if (body == NULL)
        return false;
    write.body = cli_own(edit->cli, body);
    write.path = rse_arena_printf(edit->cli->arena, "/api/v1/%s/%lld", edit->noun->plural, (long long)edit->id);
    if (cli_write(edit->cli, &write, reply, err))
        return true;
    rse_err_object(err, "%s \"%s\"", edit->noun->name, edit->name);
    return false;
}

/* Somebody was faster: says what stands there now, and lets the person write over it knowingly. */
static const char *remark_conflict(struct edit *edit, struct rse_err *err)
{
    struct reply now;
    struct rse_str spec;

    if (!cli_get_object(edit->cli, edit->noun, rse_arena_printf(edit->cli->arena, "%lld", (long long)edit->id), &now,
                        err) ||
        !spec_of(edit->cli, edit->noun, now.json, &spec, err))
        return NULL;
    memcpy(edit->etag, now.etag, sizeof(edit->etag));
    return rse_arena_printf(
        edit->cli->arena,
        "%s was changed by %s (%s) while you edited it.\n"
        "Below is what you wrote. To store it over what is there now, change it or save it as it is;\n"
        "to leave everything alone, take all of it away. What is there now:\n\n%.*s",
        edit->name, json_text(now.json, "updatedBy"), ago(edit->cli->arena, json_text(now.json, "updatedAt")),
        RSE_STR_ARG(spec));
}

static const char *remark_error(struct edit *edit, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 4096);
    if (err->code == RSE_STALE) {
        rse_err_clear(err);
        return remark_conflict(edit, err);
    }
    rse_err_print(err, &text);
    rse_err_clear(err);
    return rse_arena_printf(edit->cli->arena, "%s\n\n", text.p);
}

/* Whether another try, with something else written, may help. */
static bool is_for_the_editor(const struct rse_err *err)
{
    return err->code == RSE_STALE || err->code == RSE_CONFLICT || err->code == RSE_NOT_FOUND ||
           rse_code_exit_status(err->code) == 2;
}

/* Until it is stored, or given up. *stored is false where nothing was changed. */
static bool edit_until_stored(struct edit *edit, struct reply *reply, bool *stored, struct rse_err *err)
{
    const char *remark = rse_arena_printf(edit->cli->arena,
                                          "%s \"%s\". Save to store it; without a change nothing happens.\n"
                                          "`resedge explain %s` tells the fields.\n",
                                          edit->noun->name, edit->name, edit->noun->plural);
    bool conflict = false, again = false;

    for (*stored = false;;) {
        struct rse_str text, whole;

        if (!write_file(edit, remark, edit->text, err) || !run_editor(edit, err) ||
            !cli_read_file(edit->cli, edit->file, &whole, err))
            return false;
        text = without_remarks(edit->cli->arena, whole);
        if (text.len == 0 || (!conflict && rse_str_eq(text, edit->text)))
            return !again || text.len == 0 || rse_fail(err, RSE_INVALID, "given up: what was wrong is still there");
        edit->text = text;
        *stored = store(edit, text, reply, err);
        if (*stored)
            return true;
        if (!is_for_the_editor(err))
            return false;
        again = true;
        conflict = err->code == RSE_STALE;
        remark = remark_error(edit, err);
        if (remark == NULL)
            return false;
    }
}

bool command_edit(struct cli *cli, struct rse_err *err)
{
    struct edit edit = { .cli = cli };
    struct reply reply;
    bool stored, ok;

    if (!cli_noun(cli->args.words[0], &edit.noun, err) ||
        !cli_get_object(cli, edit.noun, cli->args.words[1], &reply, err))
        return false;
    edit.name = cli_name_of(cli, edit.noun, reply.json);
    edit.id = json_int(reply.json, "id");
    memcpy(edit.etag, reply.etag, sizeof(edit.etag));
    if (!spec_of(cli, edit.noun, reply.json, &edit.text, err) || !make_file(&edit, err))
        return false;
    ok = edit_until_stored(&edit, &reply, &stored, err);
    if (ok || edit.text.len == 0)
        unlink(edit.file);
    else
        fprintf(stderr, "What you wrote is kept in %s\n", edit.file);
    if (ok && !stored)
        fprintf(stderr, "nothing was changed\n");
    return ok && (!stored || cli_written(cli, edit.noun, edit.name, "changed", &reply, err));
}
