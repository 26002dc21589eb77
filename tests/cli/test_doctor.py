"""resedge doctor: each part that is not well is named, with what to do."""

import json

import pytest

from resedge_test.servers import Cli
from test_connection import Server
from test_jobs import HELD, Worker


@pytest.fixture
def scripted_server():
    """Answers everything with the same bytes."""
    started = []

    def start(answer):
        started.append(Server(answer.encode()))
        return Cli(started[-1], "rse_1_secret")
    yield start
    for one in started:
        one.close()


@pytest.fixture
def hands(api):
    return Worker(api)


def found(cli, status):
    """What it says of each part; the exit status tells whether all is well."""
    result = cli.run("doctor", "-o", "json")
    assert result.returncode == status, result
    return {row["part"]: (row["state"], row["what"], row["advice"]) for row in json.loads(result.stdout)["value"]}


def test_all_is_well(fleet, cli, hands):
    hands.complete(hands.claim())
    parts = found(cli, 0)
    assert {part: state for part, (state, _, _) in parts.items()} == {"server": "ok", "database": "ok", "token": "ok", "edge": "ok"}
    assert "role admin" in parts["token"][1] and parts["edge"][1] == "revision 1 of 1"
    assert cli("doctor").splitlines()[0].split() == ["PART", "STATE", "WHAT", "WHAT", "TO", "DO"]


def test_without_a_worker_it_says_how_to_start_one(fleet, cli):
    rows = json.loads(cli.run("doctor", "-o", "json").stdout)["value"]
    assert ("edge", "broken", "no worker has ever worked for it") in [(row["part"], row["state"], row["what"]) for row in rows]
    assert "Start a resedge-worker" in cli.run("doctor").stdout


def test_clocks_that_disagree_are_said(scripted_server):
    body = '{"version": "0.0.1"}'
    answer = f"HTTP/1.1 200 OK\r\nDate: Tue, 03 Feb 2026 04:05:06 GMT\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    parts = found(scripted_server(answer), 1)
    assert parts["clock"][0] == "warning" and "slower than the one here" in parts["clock"][1] and "NTP" in parts["clock"][2]
    assert parts["server"][0] == "warning" and "This resedge is" in parts["server"][2], "versions that differ are said too"


def test_a_job_that_failed_or_is_parked_comes_with_its_error_and_the_way_on(fleet, cli, hands):
    hands.fail(hands.claim(), "could not push: no route", retry=True)
    state, what, advice = found(cli, 1)["edge"]
    assert (state, what) == ("warning", "could not push: no route") and "Look there." in advice and "tried again by itself" in advice
    hands.fail(hands.claim(), "could not push: denied")
    state, what, advice = found(cli, 1)["edge"]
    assert (state, what) == ("broken", "could not push: denied") and "`resedge jobs retry 1`" in advice


def test_what_is_held_and_what_is_paused_is_said(fleet, cli, hands):
    hands.complete(hands.claim(), HELD)
    state, what, advice = found(cli, 1)["edge"]
    assert (state, what) == ("warning", "1 part is held") and "`resedge jobs show 1`" in advice
    cli("pause", "edge", "--reason", "inventory")
    state, _, advice = found(cli, 1)["edge"]
    assert state == "paused" and "`resedge resume edge`" in advice


def test_a_token_that_is_about_to_end_and_one_that_is_over_are_said(fleet, cli, hands):
    hands.complete(hands.claim())
    guest = json.loads(cli("token", "create", "guest", "--role", "viewer", "--expires", "2h", "-o", "json"))
    admin, cli.env["RESEDGE_TOKEN"] = cli.env["RESEDGE_TOKEN"], guest["token"]
    state, what, advice = found(cli, 1)["token"]
    assert state == "warning" and '"guest", role viewer, ends in' in what and "resedge login" in advice
    cli.env["RESEDGE_TOKEN"] = admin
    cli("token", "revoke", guest["id"])
    cli.env["RESEDGE_TOKEN"] = guest["token"]
    assert found(cli, 1)["token"][0] == "broken"


def test_a_server_that_is_away_is_the_first_thing_said(cli_nowhere):
    parts = found(cli_nowhere, 1)
    assert list(parts) == ["server"] and parts["server"][0] == "broken" and "could not reach" in parts["server"][1]
