/* resedge new and overlay: writes templates into a checkout. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../commands.h"
#include "../output/output.h"

static bool make_folder(const char *path, struct rse_err *err)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           rse_fail_errno(err, RSE_INVALID, errno, "could not make the folder %s", path);
}

/* Makes the folders of path below root, which has to be there. */
static bool make_folders(struct cli *cli, const char *root, const char *path, struct rse_err *err)
{
    char *whole = rse_arena_printf(cli->arena, "%s/%s", root, path);

    if (access(root, W_OK) != 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not write into %s", root);
    for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        bool ok = make_folder(whole, err);

        *slash = '/';
        if (!ok)
            return false;
    }
    return make_folder(whole, err);
}

/* What is there already is nobody's to overwrite. */
static bool write_file(struct cli *cli, const char *folder, const char *name, const char *text, struct rse_err *err)
{
    const char *path = rse_arena_printf(cli->arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "wxe");

    if (file == NULL)
        return rse_fail_errno(err, errno == EEXIST ? RSE_CONFLICT : RSE_INVALID, errno, "could not write %s", path);
    fputs(text, file);
    bool ok = fclose(file) == 0;

    if (ok && is_table(cli))
        printf("wrote %s\n", path);
    return ok || rse_fail_errno(err, RSE_INVALID, errno, "could not write %s", path);
}

static const char deployment[] = "apiVersion: apps/v1\n"
                                 "kind: Deployment\n"
                                 "metadata:\n"
                                 "  name: rea.application.name\n"
                                 "  namespace: rea.namespace.name\n"
                                 "  labels:\n"
                                 "    app.kubernetes.io/name: rea.application.name\n"
                                 "spec:\n"
                                 "  replicas: 1\n"
                                 "  selector:\n"
                                 "    matchLabels:\n"
                                 "      app.kubernetes.io/name: rea.application.name\n"
                                 "  template:\n"
                                 "    metadata:\n"
                                 "      labels:\n"
                                 "        app.kubernetes.io/name: rea.application.name\n"
                                 "    spec:\n"
                                 "      containers:\n"
                                 "        - name: app\n"
                                 "          image: %s\n"
                                 "          env:\n"
                                 "            - name: STORE\n"
                                 "              value: \"rea.cluster.store\"\n"
                                 "          ports:\n"
                                 "            - containerPort: 8080\n"
                                 "          resources:\n"
                                 "            requests: {cpu: 50m, memory: 64Mi}\n"
                                 "            limits: {memory: 128Mi}\n";

static const char service[] = "apiVersion: v1\n"
                              "kind: Service\n"
                              "metadata:\n"
                              "  name: rea.application.name\n"
                              "  namespace: rea.namespace.name\n"
                              "spec:\n"
                              "  selector:\n"
                              "    app.kubernetes.io/name: rea.application.name\n"
                              "  ports:\n"
                              "    - port: 80\n"
                              "      targetPort: 8080\n";

static const char kustomization[] = "apiVersion: kustomize.config.k8s.io/v1beta1\n"
                                    "kind: Kustomization\n"
                                    "resources:\n"
                                    "  - deployment.yaml\n"
                                    "  - service.yaml\n";

static cJSON *new_application(struct cli *cli, const char *name)
{
    cJSON *body = cli_new_object(cli);

    cJSON_AddStringToObject(body, "name", name);
    cJSON_AddStringToObject(body, "namespace", args_value(&cli->args, "namespace"));
    cJSON_AddStringToObject(body, "path", rse_arena_printf(cli->arena, "apps/%s", name));
    return body;
}

/* Whether the server would take it: asked before a file is written, so that nothing is half done. */
static bool would_register(struct cli *cli, const char *name, struct rse_err *err)
{
    if (cli_request(cli, "POST", "/api/v1/applications?dryRun=true", new_application(cli, name), NULL, err))
        return true;
    rse_err_object(err, "application \"%s\"", name);
    return false;
}

static bool register_application(struct cli *cli, const char *name, struct rse_err *err)
{
    const struct rse_noun_info *noun = rse_noun_info(RSE_APPLICATION);
    struct write write = { .method = "POST", .path = "/api/v1/applications", .body = new_application(cli, name) };
    const char *whole = rse_arena_printf(cli->arena, "%s/%s", args_value(&cli->args, "namespace"), name);
    struct reply reply;

    if (cli_write(cli, &write, &reply, err))
        return cli_written(cli, noun, whole, "created", &reply, err);
    rse_err_object(err, "application \"%s\"", name);
    return false;
}

static bool write_templates(struct cli *cli, const char *name, const char *root, struct rse_err *err)
{
    const char *image = args_value(&cli->args, "image");
    const char *folder = rse_arena_printf(cli->arena, "apps/%s/base", name);
    RSE_BUF_AUTO text;

    rse_buf_init(&text, 1 << 16);
    if (!make_folders(cli, root, folder, err))
        return false;
    folder = rse_arena_printf(cli->arena, "%s/%s", root, folder);
    image = image != NULL ? image : rse_arena_printf(cli->arena, "registry.example.com/%s:1.0.0", name);
    rse_buf_addf(&text, deployment, image);
    return write_file(cli, folder, "deployment.yaml", text.p, err) &&
           write_file(cli, folder, "service.yaml", service, err) &&
           write_file(cli, folder, "kustomization.yaml", kustomization, err);
}

bool command_new(struct cli *cli, struct rse_err *err)
{
    const char *name = cli->args.words[1], *root = args_value(&cli->args, "from");

    if (strcmp(cli->args.words[0], "app") != 0) {
        rse_err_hint(err, "Usage: resedge new app NAME --namespace NAMESPACE [--from CHECKOUT]");
        return rse_fail(err, RSE_INVALID, "\"%s\" is nothing that new makes", cli->args.words[0]);
    }
    if (args_value(&cli->args, "namespace") == NULL) {
        rse_err_hint(err, "Name the one that it runs in with --namespace.");
        return rse_fail(err, RSE_INVALID, "no namespace is given");
    }
    if (!rse_check_label(rse_str(name), "an application's name", err))
        return false;
    if (args_has(&cli->args, "dry-run"))
        return register_application(cli, name, err);
    if (!would_register(cli, name, err) || !write_templates(cli, name, root != NULL ? root : ".", err) ||
        !register_application(cli, name, err))
        return false;
    if (is_table(cli))
        printf("Commit and push the templates; `resedge set expression %s EXPRESSION` says where the namespace goes.\n",
               args_value(&cli->args, "namespace"));
    return true;
}

/* An overlay that changes nothing yet; who writes it says what differs. */
static const char overlay[] = "apiVersion: kustomize.config.k8s.io/v1beta1\n"
                              "kind: Kustomization\n"
                              "resources:\n"
                              "  - ../../base\n"
                              "# What differs in this version, for example:\n"
                              "# images:\n"
                              "#   - name: registry.example.com/app\n"
                              "#     newTag: \"%s\"\n";

bool command_overlay(struct cli *cli, struct rse_err *err)
{
    const char *root = args_value(&cli->args, "from"), *version = cli->args.words[2], *folder, *path;
    struct reply app;
    RSE_BUF_AUTO text;

    rse_buf_init(&text, 1 << 16);
    rse_buf_addf(&text, overlay, version);
    if (strcmp(cli->args.words[0], "create") != 0) {
        rse_err_hint(err, "Usage: resedge overlay create APP VERSION [--clusters EXPRESSION] [--from CHECKOUT]");
        return rse_fail(err, RSE_INVALID, "unknown action \"%s\"", cli->args.words[0]);
    }
    if (!rse_check_version(rse_str(version), err) ||
        !cli_get_object(cli, rse_noun_info(RSE_APPLICATION), cli->args.words[1], &app, err))
        return false;
    root = root != NULL ? root : ".";
    path = json_text(app.json, "path");
    folder = rse_arena_printf(cli->arena, "%s/overlays/%s", path, version);
    if (access(rse_arena_printf(cli->arena, "%s/%s/base", root, path), F_OK) != 0) {
        rse_err_hint(err, "Name the checkout with --from FOLDER.");
        return rse_fail(err, RSE_INVALID, "there is no %s/base in %s", path, root);
    }
    if (args_has(&cli->args, "dry-run"))
        printf("dry run: %s/%s/kustomization.yaml would be written\n", root, folder);
    else if (!make_folders(cli, root, folder, err) ||
             !write_file(cli, rse_arena_printf(cli->arena, "%s/%s", root, folder), "kustomization.yaml", text.p, err))
        return false;
    if (args_value(&cli->args, "clusters") == NULL)
        return true;
    cli->args.words[0] = cli->args.words[1];
    cli->args.words[1] = version;
    cli->args.nwords = 2;
    return command_release(cli, err);
}
