/* resedge overlay: the overlay of a version in a checkout. */
#include <unistd.h>

#include "cli/checkout.h"
#include "cli/commands.h"

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
    RSE_BUF_AUTO text = { 0 };

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
    else if (!checkout_make_folders(cli, root, folder, err) ||
             !checkout_write(cli, rse_arena_printf(cli->arena, "%s/%s", root, folder), "kustomization.yaml", text.p,
                             err))
        return false;
    if (args_value(&cli->args, "clusters") == NULL)
        return true;
    cli->args.words[0] = cli->args.words[1];
    cli->args.words[1] = version;
    cli->args.nwords = 2;
    return command_release(cli, err);
}
