"""The same answer as CSV, by JSONPath, sorted, cut to a terminal, through a pager."""

import fcntl
import os
import pty
import struct
import subprocess
import termios

import pytest

from resedge_test import BUILD
from small import says


def test_csv_has_all_columns_and_quotes_what_it_must(asking):
    header, first, second, third = asking("get", "clusters", "-o", "csv").replace('"Two\nlines"', "QUOTED").splitlines()
    assert header.startswith("id,name,description,") and "timeZone" in header
    assert first.split(",")[1:3] == ["east-1", "QUOTED"]
    assert '"/beta,/stores/east"' in first and "America/Denver" in third
    assert asking("get", "clusters", "-o", "csv", "--no-headers").count("east-2") == second.count("east-2")
    assert asking("get", "policies", "--no-headers") == "quiet   policies/quiet\n"


@pytest.mark.parametrize("template, out", [
    ("{.value[*].name}", "east-1 east-2 west-1"),
    (".value[0].name", "east-1"),
    ("{.value[-1].name}", "west-1"),
    ("{.value[0:2].name}", "east-1 east-2"),
    ("{.value[1:].name}", "east-2 west-1"),
    ("{..timeZone}", "America/Denver"),
    ("{.value[?(@.state==\"planned\")].name}", "west-1"),
    ("{.value[?(@.id>1)].name}", "east-2 west-1"),
    ("{.value[?(@.timeZone)]['name']}", "west-1"),
    ("{range .value[*]}{.name}={.store}{\"\\n\"}{end}", "east-1=0101\neast-2=\nwest-1="),
    ("{range .value[*]}{.name}:{range .groups[*]} {@}{end};{end}", "east-1: /beta /stores/east;east-2: /stores/east;west-1: /stores/west;"),
    ("names: {.value[0].tags}", 'names: [\n  "corner"\n]'),
    ("{.nothing.at.all}", ""),
])
def test_a_jsonpath_picks_what_kubectl_would(asking, template, out):
    assert asking("get", "clusters", "-o", f"jsonpath={template}") == (out + "\n" if out else "")


@pytest.mark.parametrize("template", ["{", "{.a", "{.a[}", "{.a[?(b)]}", "{range .a[*]}x", "x{end}", "{.a[?(@.b==)]}", "{\"x}", "{a}", "{.a]}"])
def test_a_jsonpath_that_is_none_is_refused_before_anything_is_asked(cli_nowhere, template):
    says(cli_nowhere.run("get", "clusters", "-o", f"jsonpath={template}"), 2, "this JSONPath can't be read")


def test_lists_are_sorted_by_a_member(asking):
    assert asking("get", "clusters", "-o", "name", "--sort-by", "name:desc").split() == ["west-1", "east-2", "east-1"]
    rows = asking("what", "east-1", "-o", "csv", "--sort-by", "application:desc").splitlines()
    assert rows[1].startswith("shop,till")


def test_get_filters_and_searches(asking):
    assert asking("get", "clusters", "--filter", "state eq 'planned'", "-o", "name") == "west-1\n"
    assert asking("get", "clusters", "--search", "east-2", "-o", "name") == "east-2\n"
    result = asking.run("get", "clusters", "--filter", "state eq eq")
    assert result.returncode == 2 and "state eq eq" in result.stderr


def on_terminal(cli, *args, columns=40, **env):
    """What a terminal of so many columns gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([BUILD / "resedge", *args], env={**cli.env, "RESEDGE_PAGER": "", **env}, stdin=theirs, stdout=theirs,
                             stderr=subprocess.PIPE)
    os.close(theirs)
    screen = b""
    try:
        while chunk := os.read(ours, 4096):
            screen += chunk
    except OSError:
        pass  # the end of a terminal whose other side is closed
    os.close(ours)
    assert child.wait(60) == 0, child.stderr.read()
    child.stderr.close()
    return screen.decode().replace("\r\n", "\n")


def test_a_table_fits_the_terminal_and_wide_is_never_cut(asking):
    screen = on_terminal(asking, "get", "clusters", columns=50)
    assert all(len(line) <= 50 for line in screen.splitlines()) and "…" in screen
    assert "…" not in on_terminal(asking, "get", "clusters", "-o", "wide", columns=50)
    assert "…" not in asking("get", "clusters")


def test_colour_is_for_terminals_that_want_it(asking):
    asking.env.pop("NO_COLOR")
    assert "\x1b[32mactive" in on_terminal(asking, "get", "clusters", columns=200)
    assert "\x1b" not in on_terminal(asking, "get", "clusters", columns=200, NO_COLOR="1")
    assert "\x1b" not in on_terminal(asking, "get", "clusters", columns=200, TERM="dumb")
    assert "\x1b" not in asking("get", "clusters")


def test_what_is_long_goes_through_the_pager_which_gets_no_secret(asking, tmp_path):
    seen = tmp_path / "seen"
    pager = f"tee {seen}; echo token=$RESEDGE_TOKEN"
    screen = on_terminal(asking, "get", "clusters", columns=200, RESEDGE_PAGER=pager)
    assert "west-1" in seen.read_text() and "token=\n" in screen
    seen.unlink()
    on_terminal(asking, "get", "clusters", "--no-pager", RESEDGE_PAGER=pager)
    assert not seen.exists()


def test_a_closed_stdout_is_an_error_and_no_answer_in_a_socket(asking):
    result = subprocess.run(["bash", "-c", '"$0" get clusters >&-', BUILD / "resedge"], env=asking.env, capture_output=True, text=True,
                            check=False)
    assert result.returncode == 5 and "could not write the output" in result.stderr
