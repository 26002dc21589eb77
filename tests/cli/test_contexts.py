"""Contexts: which server, and who one is there; and what never leaks."""

import json
import os
import stat

import pytest

from resedge_test.servers import Cli
from small import says


@pytest.fixture
def home(standing, tmp_path):
    """A command line that knows nothing but its home."""
    cli = Cli(standing.api)
    for name in ("RESEDGE_URL", "RESEDGE_TOKEN"):
        cli.env.pop(name, None)
    cli.env.update(HOME=str(tmp_path), XDG_CONFIG_HOME="")
    return cli


def login(home, standing, *args):
    return home("login", standing.api.url, "--token-file", "-", *args, stdin=standing.token + "\n")


def test_a_login_is_kept_where_nobody_else_can_read_it(home, standing, tmp_path):
    assert "demo" in login(home, standing, "--name", "demo")
    path = tmp_path / ".config" / "resedge" / "contexts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["current"] == "demo"
    assert home("get", "clusters", "-o", "name").split() == ["east-1", "east-2", "west-1"]
    assert standing.token not in home("context", "list", "-o", "json") + home.run("get", "clusters", "--verbose").stderr
    path.chmod(0o644)
    says(home.run("get", "clusters"), 3, "others can read", "chmod 600")


def test_contexts_are_switched_and_deleted(home, standing):
    login(home, standing, "--name", "one")
    login(home, standing, "--name", "two")
    assert home("context", "list", "-o", "name").split() == ["one", "two"]
    home("context", "use", "one")
    assert home("context").splitlines()[1].split()[:2] == ["*", "one"]
    says(home.run("context", "use", "tow"), 1, 'no context "tow"', "Did you mean two?")
    home("context", "delete", "one")
    says(home.run("get", "clusters"), 2, "no server is given", "resedge login")
    assert "east-1" in home("get", "clusters", "--context", "two")


def test_logout_forgets_the_token_of_the_current_context_or_of_the_named_one(home, standing, tmp_path):
    login(home, standing, "--name", "one")
    login(home, standing, "--name", "two")
    assert home("logout") == 'logged out of context "two"\n'
    assert list(json.loads((tmp_path / ".config" / "resedge" / "contexts.json").read_text())["contexts"]) == ["one"]
    says(home.run("logout"), 1, "no context is the current one", "name one")
    assert home("logout", "one") == 'logged out of context "one"\n'
    assert standing.token not in (tmp_path / ".config" / "resedge" / "contexts.json").read_text()
    says(home.run("logout", "one"), 1, '"one"')


def test_a_token_that_is_not_let_in_is_not_kept(home, standing, tmp_path):
    says(home.run("login", standing.api.url, "--token-file", "-", stdin="rse_1_wrong"), 3)
    assert not (tmp_path / ".config").exists()
    says(home.run("login", standing.api.url, stdin=""), 2, "no terminal", "--token-file")


def test_the_token_of_a_context_goes_to_its_own_server_only(home, standing):
    login(home, standing)
    says(home.run("get", "clusters", "--url", standing.api.url.replace("127.0.0.1", "localhost")), 3, "resedge login")
    home.env["RESEDGE_URL"] = standing.api.url
    assert "east-1" in home("get", "clusters", "--context", standing.api.url.removeprefix("http://"))


def test_a_token_is_asked_for_without_showing_it(home, standing):
    import subprocess
    from resedge_test import BUILD
    ours, theirs = os.openpty()
    child = subprocess.Popen([BUILD / "resedge", "login", standing.api.url], env=home.env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    screen = b""
    try:
        while b"Token for" not in screen or not screen.endswith(b": "):
            screen += os.read(ours, 4096)
        import termios
        while termios.tcgetattr(ours)[3] & termios.ECHO:
            pass
        os.write(ours, standing.token.encode() + b"\n")
        while True:
            screen += os.read(ours, 4096)
    except OSError:
        pass  # the end of a terminal whose other side is closed
    finally:
        os.close(ours)
    assert child.wait(60) == 0 and standing.token.encode() not in screen and b"logged in" in screen, screen
