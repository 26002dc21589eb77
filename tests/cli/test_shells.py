"""Completion in the shells themselves, and the manual pages that the same table makes."""

import os
import re
import subprocess

import pytest

from resedge_test import BUILD


def shell(cli, *command, **env):
    result = subprocess.run(command, env={**cli.env, "PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": "/nonexistent", **env},
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result
    return result.stdout.split()


def bash(cli, *words):
    """What bash would offer for the last of the words."""
    return shell(cli, "bash", "--norc", "-c", 'source <(resedge completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                 'compopt() { :; }; _resedge; printf "%s\\n" "${COMPREPLY[@]}"', "bash", "resedge", *words)


@pytest.mark.parametrize("words, offered", [
    (("ge",), ["get"]),
    (("get", "clu"), ["clusters", "cluster"]),
    (("get", "clusters", "ea"), ["east-1", "east-2"]),
    (("get", "clusters", "east-1", "we"), ["west-1"]),
    (("get", "groups", "/stores/e"), ["/stores/east"]),
    (("what", "w"), ["west-1"]),
    (("where", "t"), ["till"]),
    (("where", "shop/"), ["shop/till"]),
    (("jobs", "app"), ["approve"]),
    (("get", "-o", "js"), ["json", "jsonpath="]),
    (("get", "clusters", "--sort"), ["--sort-by"]),
    (("--output", "json", "wh"), ["what", "where"]),
    (("create", "cluster", "x", "timeZ"), ["timeZone="]),
    (("completion", "z"), ["zsh"]),
    (("help", "rel"), ["release"]),
    (("nonsense", "x"), []),
    (("explain", "clusters", "x"), []),
])
def test_bash_completes_commands_options_and_names_from_the_server(asking, words, offered):
    assert bash(asking, *words) == offered


def test_fish_completes_names_from_the_server(asking, tmp_path):
    out = shell(asking, "fish", "--no-config", "-c", "resedge completion fish | source; complete -C 'resedge get clusters ea'",
                XDG_CONFIG_HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path))
    assert [w for w in out if w.startswith("east")] == ["east-1", "east-2"]


def test_zsh_completes_names_from_the_server(asking, tmp_path):
    """As its completion system would call it, with what compadd would show."""
    script = tmp_path / "try"
    script.write_text("""
compdef() { : }
eval "$(resedge completion zsh)"
compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- $@ }
_files() { print files }
words=(resedge get clusters ea); CURRENT=4
_resedge
words=(resedge apply -f ''); CURRENT=4
_resedge
""")
    assert shell(asking, "zsh", "-f", str(script)) == ["east-1", "east-2", "files"]


def test_a_server_that_is_away_or_refuses_is_no_noise(cli_nowhere):
    assert bash(cli_nowhere, "get", "clusters", "ea") == []
    assert bash(cli_nowhere, "ge") == ["get"]


def test_every_command_has_a_manual_page_that_can_be_set(tmp_path):
    subprocess.run([BUILD / "resedge", "manual", tmp_path / "man"], check=True)
    commands = [line.split()[0] for line in subprocess.run([BUILD / "resedge", "help"], capture_output=True, text=True, check=True)
                .stdout.split("\n\n")[2].splitlines()]
    assert sorted(p.name for p in (tmp_path / "man").iterdir()) == sorted(["resedge.1", *(f"resedge-{c}.1" for c in commands)])
    for page in (tmp_path / "man").iterdir():
        result = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-z", str(page)], capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, ""), page
    text = subprocess.run(["groff", "-man", "-Tascii", "-P-c", str(tmp_path / "man" / "resedge-get.1")], capture_output=True, text=True,
                          check=True).stdout
    text = re.sub(".\x08", "", text)
    assert "--sort-by" in text and "EXAMPLES" in text
