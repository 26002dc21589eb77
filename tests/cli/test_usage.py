"""Words, options and mistakes: what can be said without a server."""

import os
import subprocess

import pytest

from resedge_test import BUILD
from small import says

ENV = {"PATH": os.environ["PATH"], **{k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}}


def run(*args, **env):
    return subprocess.run([BUILD / "resedge", *args], env={**ENV, **env}, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("args", [(), ("help",), ("--help",), ("-h",)])
def test_help_names_every_command_and_what_the_exit_status_means(args):
    result = run(*args)
    assert (result.returncode, result.stderr) == (0, "")
    commands = [line.split()[0] for line in result.stdout.split("\n\n")[2].splitlines()]
    assert commands == sorted(commands)
    assert set(commands) >= {"apply", "explain", "get", "jobs", "select", "set", "status", "token", "version", "what"}
    assert "0 done, 1 not found or different, 2 usage, 3 refused, 4 unreachable" in result.stdout
    assert all(len(line) < 120 for line in result.stdout.splitlines())


@pytest.mark.parametrize("args", [("help", "apply"), ("apply", "--help"), ("apply", "-h"), ("--help", "apply")])
def test_help_of_a_command_has_its_usage_and_its_options(args):
    result = run(*args)
    assert (result.returncode, result.stderr) == (0, "")
    assert "usage: resedge apply -f FILE" in result.stdout
    for option in ("--dry-run", "--wait", "--output", "--token-file"):
        assert option in result.stdout


def test_explain_tells_the_fields_of_a_noun_without_a_server():
    result = run("explain", "ns")
    assert (result.returncode, result.stderr) == (0, "")
    written, _, read = result.stdout.split("\n\n")
    types = {line.split()[0]: line for line in written.splitlines()[1:]}
    assert types["name"].split()[1] == "*", "a name is required"
    assert "expression" in types["expression"] and "[policy]" in types["policies"]
    assert "id" not in types and "id " in read
    assert "sharded, flat" in run("explain", "targets").stdout
    assert run("explain", "clusters", "-o", "json").returncode == 2


def test_version_needs_no_server():
    result = run("version")
    assert result.returncode == 0 and result.stdout.startswith("resedge ")
    assert run("--version").stdout == result.stdout


@pytest.mark.parametrize("args, parts", [
    (("aply",), ('unknown command "aply"', "Did you mean apply?")),
    (("help", "gte"), ('unknown command "gte"', "Did you mean get?")),
    (("frobnicate",), ('unknown command "frobnicate"', "`resedge help`")),
    (("get", "clutsers"), ('unknown noun "clutsers"', "Did you mean clusters?")),
    (("get", "clustr"), ('unknown noun "clustr"', "Did you mean clusters?")),
    (("get", "xyzzy"), ('unknown noun "xyzzy"', "metadataKeys")),
    (("get", "clusters", "--outptu", "json"), ("unknown option --outptu", "Did you mean --output?")),
    (("get", "clusters", "--xyzzy"), ("unknown option --xyzzy", "See --help")),
    (("get", "clusters", "-z"), ("unknown option -z",)),
    (("--xyzzy", "get", "clusters"), ("unknown option --xyzzy",)),
    (("get", "clusters", "--wait"), ("unknown option --wait",)),
    (("apply", "--dry-rum", "-f", "x"), ("unknown option --dry-rum", "Did you mean --dry-run?")),
    (("apply", "--dry-run=yes", "-f", "x"), ("option --dry-run takes no value",)),
    (("apply", "-f"), ("option --file needs a value (FILE)",)),
    (("apply",), ("no inventory is given", "-f FILE")),
    (("apply", "-f", "x", "y"), ("too many words", "Usage: resedge apply -f FILE")),
    (("get",), ("something is missing", "Usage: resedge get NOUN")),
    (("get", "clusters", "-o", "xml"), ('unknown output format "xml"', "table, wide, json, yaml, name, csv and jsonpath=TEMPLATE")),
    (("-o", "json"), ("no command is given",)),
    (("--url",), ("option --url needs a value (URL)",)),
    (("set", "expresion", "a", "b"), ('unknown thing to set: "expresion"', "resedge set expression NAMESPACE EXPRESSION")),
    (("set", "expression", "a"), ("something is missing", "resedge set expression NAMESPACE EXPRESSION")),
    (("jobs", "shwo", "1"), ('unknown action "shwo"', "Did you mean show?")),
    (("jobs", "retry"), ("retry which job?",)),
    (("jobs", "show", "one"), ('"one" is not the id of a job',)),
    (("token", "revok", "1"), ('unknown action "revok"', "Did you mean revoke?")),
    (("token", "create"), ("create what?", "--role ROLE")),
    (("token", "create", "x"), ("no role is given", "platform")),
    (("token", "create", "x", "--role", "viewer", "--expires", "soon"), ('"soon" is no span of time',)),
    (("token", "revoke", "one"), ('"one" is not the id of a token',)),
    (("get", "clusters"), ("no server is given", "RESEDGE_URL")),
    (("get", "clusters", "--url", "http://u:secret@h/"), ("not the URL of a Data Service",)),
    (("get", "clusters", "--url", "gopher://h"), ("not the URL of a Data Service",)),
    (("get", "clusters", "--url", "http://h", "--token-file", "/nonexistent"), ("could not open /nonexistent: No such file",)),
    (("apply", "-f", "/nonexistent"), ("could not open /nonexistent: No such file",)),
    (("apply", "-f", "/var/empty/nonexistent/"), ("could not open /var/empty/nonexistent/: No such file",)),
])
def test_a_mistake_in_the_words_is_answered_with_what_was_meant(args, parts):
    result = run(*args)
    says(result, 2, *parts)
    assert result.stdout == "" and "secret" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_there_is_no_option_that_takes_a_token(tmp_path):
    says(run("get", "clusters", "--token", "x"), 2, "unknown option --token", "Did you mean --token-file?")
    empty = tmp_path / "empty"
    empty.write_text("\n")
    says(run("get", "clusters", "--url", "http://h", "--token-file", str(empty)), 2, f"the file {empty} holds no token")
    says(run("get", "clusters", "--url", "http://h", RESEDGE_TOKEN="two words"), 2, "holds a character that no token has")


def test_an_empty_variable_is_as_good_as_none():
    says(run("get", "clusters", RESEDGE_URL=""), 2, "no server is given")
    assert run("version", RESEDGE_URL="").returncode == 0
