"""resedge token: who gets in, and that no token shows where it shouldn't."""

import json
import pathlib
import re
import stat

from resedge_test.wait import until
from small import says, start


def test_a_new_token_is_alone_on_stdout_works_and_is_never_shown_again(fleet, cli, api):
    result = cli.run("token", "create", "till team", "--role", "viewer")
    assert result.returncode == 0
    token = result.stdout.strip()
    assert re.fullmatch(r"rse_\d+_\w{20,}", token) and result.stdout == token + "\n"
    assert '"till team"' in result.stderr and "viewer" in result.stderr and token not in result.stderr

    cli.env["RESEDGE_TOKEN"] = token
    assert cli("get", "clusters", "-o", "name").split() == ["east-1", "east-2", "west-1"]
    says(cli.run("token", "list"), 3, "the role viewer does not allow that", "It takes the role")

    cli.env["RESEDGE_TOKEN"] = api.make_token("admin")
    secret = token.split("_")[2]
    for form in ("table", "wide", "json", "yaml", "name"):
        assert secret not in cli("token", "list", "-o", form)
    assert "till team   viewer" in cli("token", "list")


def test_a_token_that_ends_says_so(cli):
    cli("token", "create", "guest", "--role", "viewer", "--expires", "2h")
    [guest] = [t for t in json.loads(cli("token", "list", "-o", "json"))["value"] if t["name"] == "guest"]
    assert guest["expiresAt"] > guest["createdAt"]
    assert re.search(r"in (119m|2h) ", cli("token", "list"))
    assert guest["expiresAt"] in cli("token", "list", "-o", "csv")


def test_a_revoked_token_is_refused(fleet, cli, api):
    answer = json.loads(cli("token", "create", "guest", "--role", "viewer", "-o", "json"))
    admin = cli.env["RESEDGE_TOKEN"]
    cli.env["RESEDGE_TOKEN"] = answer["token"]
    assert cli("get", "clusters")
    cli.env["RESEDGE_TOKEN"] = admin
    assert cli("token", "revoke", answer["id"]) == ""
    cli.env["RESEDGE_TOKEN"] = answer["token"]

    def refused():
        result = cli.run("get", "clusters")
        return result if result.returncode == 3 else None
    result = until(refused, "the token is refused")
    says(result, 3, "token", "RESEDGE_TOKEN")
    cli.env["RESEDGE_TOKEN"] = admin
    says(cli.run("token", "revoke", answer["id"]), 1, "revoked before")
    says(cli.run("token", "create", "x", "--role", "king"), 2, 'no role "king"', "viewer")


def test_a_wrong_token_or_none_is_refused_with_how_to_give_one(asking):
    for token in ("wrong", "rse_1_" + "0" * 48, "rse_99999_" + "0" * 48):
        asking.env["RESEDGE_TOKEN"] = token
        result = asking.run("get", "clusters")
        assert result.returncode == 3 and token not in result.stderr and "--token-file" in result.stderr
    del asking.env["RESEDGE_TOKEN"]
    says(asking.run("get", "clusters"), 3, "token is needed", "RESEDGE_TOKEN", "--token-file")


def test_a_token_may_come_from_a_file(asking, tmp_path):
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text(asking.env.pop("RESEDGE_TOKEN") + "\r\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert asking("get", "policies", "--token-file", path)
    assert asking("get", "policies", "--token-file", "-", stdin=path.read_text())
    asking.env["RESEDGE_TOKEN_FILE"] = str(path)
    assert asking("get", "policies")
    asking.env["RESEDGE_TOKEN"] = "wrong"
    assert asking.run("get", "policies").returncode == 3
    assert asking("get", "policies", "--token-file", path), "what was asked for by an option comes first"


def test_verbose_shows_requests_and_no_secret(asking):
    result = asking.run("get", "clusters", "east-1", "-v")
    assert result.returncode == 0
    assert re.search(r"GET /api/v1/clusters/name:east-1\S* -> 200, \d+ ms", result.stderr)
    for text in (result.stderr, result.stdout):
        assert asking.env["RESEDGE_TOKEN"].split("_")[2] not in text and "Bearer" not in text
    result = asking.run("token", "create", "x", "--role", "viewer", "--verbose")
    assert result.stdout.strip().split("_")[2] not in result.stderr


def test_no_token_is_in_the_list_of_processes(asking, tmp_path):
    path = tmp_path / "token"
    path.write_text(asking.env["RESEDGE_TOKEN"])
    path.chmod(0o600)
    child = start(asking, "jobs", "--watch", "--token-file", path)
    try:
        until(lambda: b"--watch" in pathlib.Path(f"/proc/{child.pid}/cmdline").read_bytes(), "it runs")
        assert asking.env["RESEDGE_TOKEN"].encode() not in pathlib.Path(f"/proc/{child.pid}/cmdline").read_bytes()
    finally:
        child.kill()
        child.communicate()
