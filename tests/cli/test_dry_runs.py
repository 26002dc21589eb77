"""--dry-run on every write: it says what would be, refuses what would be refused, and leaves everything as it is."""

import json

import pytest

from resedge_test import servers
from small import says
from test_jobs import COMMIT, Worker

READ_ONLY = {"audit", "changes", "completion", "context", "describe", "diff", "doctor", "explain", "export", "get", "login", "logout", "plan",
             "render", "select", "status", "values", "version", "what", "where"}


@pytest.fixture
def hands(api):
    return Worker(api)


def state(admin):
    """All that a command could have changed."""
    return [admin.get(path) for path in ("/api/v1/export", "/api/v1/jobs", "/api/v1/tokens", "/api/v1/targets/name:edge/status",
                                         "/api/v1/targets/name:edge/holds")]


def test_every_command_that_writes_has_it(cli_nowhere):
    """But for those that change only what is on this machine: contexts."""
    lines = cli_nowhere("--help").splitlines()
    names = {line.split()[0].rstrip(",") for line in lines if line.startswith("  ") and line[2:3].isalpha()}
    assert READ_ONLY < names
    for name in names - READ_ONLY - {"help"}:
        assert "--dry-run" in cli_nowhere(name, "--help"), name


@pytest.mark.parametrize("words, told", [
    (("pause", "edge", "--reason", "inventory"), 'dry run: target "edge" would be paused\n'),
    (("pause", "till", "--reason", "inventory"), 'dry run: application "shop/till" would be paused\n'),
    (("resume", "edge"), 'dry run: target "edge" would be resumed\n'),
    (("push", "edge"), 'dry run: target "edge": what waits would be pushed now\n'),
    (("accept-history", "edge", COMMIT), f'dry run: target "edge": {COMMIT} would be accepted, and its job run again\n'),
    (("token", "create", "guest", "--role", "viewer"), 'dry run: token "guest" with the role viewer would be created\n'),
])
def test_a_dry_run_tells_and_changes_nothing(fleet, cli, words, told):
    before = state(fleet)
    assert cli(*words, "--dry-run") == told
    assert json.loads(cli(*words, "--dry-run", "-o", "json")), "programs get a document"
    assert state(fleet) == before


def test_what_would_be_refused_is_refused_in_a_dry_run_too(fleet, cli):
    before = state(fleet)
    says(cli.run("pause", "egde", "--reason", "x", "--dry-run"), 1, "egde")
    says(cli.run("push", "egde", "--dry-run"), 1, "egde")
    says(cli.run("accept-history", "edge", "HEAD", "--dry-run"), 2, "commit")
    says(cli.run("token", "create", "guest", "--role", "king", "--dry-run"), 2, "role")
    says(cli.run("token", "revoke", "99999", "--dry-run"), 1, "token")
    says(cli.run("jobs", "retry", "99", "--dry-run"), 1, "job 99")
    assert state(fleet) == before


def test_a_token_is_not_revoked_by_a_dry_run(fleet, cli, api):
    guest = json.loads(cli("token", "create", "guest", "--role", "viewer", "-o", "json"))
    assert cli("token", "revoke", guest["id"], "--dry-run") == f"dry run: token {guest['id']} would be revoked\n"
    assert servers.Cli(api, guest["token"])("get", "clusters", "-o", "name")


def test_a_job_is_only_tried(fleet, cli, hands):
    hands.fail(hands.claim(), "could not push: no route")
    before = state(fleet)
    assert cli("jobs", "retry", "1", "--dry-run").startswith("dry run: retry would be accepted for job 1, which stays as it is:\n")
    assert json.loads(cli("jobs", "retry", "1", "--dry-run", "-o", "json"))["state"] == "parked"
    says(cli.run("jobs", "cancel", "1", "--dry-run"), 3, "the job is parked already")
    says(cli.run("jobs", "approve", "1", "--reason", "seen", "--dry-run"), 3, "job 1")
    assert state(fleet) == before
    job = (cli("jobs", "retry", "1"), hands.claim())[1]
    assert "cancel would be accepted" in cli("jobs", "cancel", "1", "--dry-run")
    assert hands.client.post("/api/v1/jobs/1/renew", {"fence": job["fence"]})["cancel"] is False
