/* resedge completion: what a shell needs to complete our words. */
#include "cli/commands.h"

/* The words in front of the cursor go to `resedge __complete`, which answers "WORD<tab>MEANING" lines. */
static const char bash_script[] =
    "_resedge() {\n"
    "    local candidate IFS=$'\\n'\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r candidate _; do\n"
    "        if [[ -n $candidate ]]; then COMPREPLY+=(\"$candidate\"); fi\n"
    "    done < <(\"${COMP_WORDS[0]}\" __complete \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi\n"
    "}\n"
    "complete -o default -F _resedge resedge\n";

static const char zsh_script[] =
    "#compdef resedge\n"
    "_resedge() {\n"
    "    local line\n"
    "    local -a candidates shown\n"
    "    for line in \"${(@f)$(\"${words[1]}\" __complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
    "        [[ -n $line ]] || continue\n"
    "        candidates+=(\"${line%%$'\\t'*}\")\n"
    "        shown+=(\"${line/$'\\t'/  -- }\")\n"
    "    done\n"
    "    if (( ${#candidates} )); then compadd -l -d shown -- \"${candidates[@]}\"; else _files; fi\n"
    "}\n"
    "compdef _resedge resedge\n";

static const char fish_script[] = "function __resedge_complete\n"
                                  "    set -l words (commandline -opc) (commandline -ct)\n"
                                  "    command $words[1] __complete $words[2..-1] 2>/dev/null\n"
                                  "end\n"
                                  "complete -c resedge -f -a '(__resedge_complete)'\n"
                                  "complete -c resedge -s f -l file -r -F\n"
                                  "complete -c resedge -l token-file -r -F\n"
                                  "complete -c resedge -l cacert -r -F\n"
                                  "complete -c resedge -l from -r -F\n";

bool command_completion(struct cli *cli, struct rse_err *err)
{
    static const struct {
        const char *shell, *script;
    } scripts[] = { { "bash", bash_script }, { "zsh", zsh_script }, { "fish", fish_script } };

    for (size_t i = 0; i < RSE_COUNT(scripts); i++) {
        if (strcmp(cli->args.words[0], scripts[i].shell) == 0) {
            fputs(scripts[i].script, stdout);
            return true;
        }
    }
    rse_err_hint(err, "There are bash, zsh and fish.");
    return rse_fail(err, RSE_INVALID, "unknown shell \"%s\"", cli->args.words[0]);
}
