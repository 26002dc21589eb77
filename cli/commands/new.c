/* resedge new: the templates of a new application in a checkout, registered. */
#include "cli/checkout.h"
#include "cli/commands.h"
#include "cli/output/output.h"

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
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 16);
    if (!checkout_make_folders(cli, root, folder, err))
        return false;
    folder = rse_arena_printf(cli->arena, "%s/%s", root, folder);
    image = image != NULL ? image : rse_arena_printf(cli->arena, "registry.example.com/%s:1.0.0", name);
    rse_buf_addf(&text, deployment, image);
    return checkout_write(cli, folder, "deployment.yaml", text.p, err) &&
           checkout_write(cli, folder, "service.yaml", service, err) &&
           checkout_write(cli, folder, "kustomization.yaml", kustomization, err);
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
