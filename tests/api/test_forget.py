"""The log of changes forgets what the operator lets it forget, and nothing else."""

import re
import threading

import pytest

from resedge_test import servers
from resedge_test.events import Events
from resedge_test.fleet import API, Copy, load, stores
from resedge_test.psql import Psql
from resedge_test.wait import until

EAST = f"{API}/clusters/name:east-1"


@pytest.fixture
def forget(postgres, database):
    """forget(*args): as the owner of the schema, no target having work open."""
    def run(*args):
        postgres.sql("update target_queue set done = wanted", database)
        result = servers.forget_changes(postgres.owner_url(database), *args)
        assert result.returncode == 0, result.stderr
        return result.stdout
    return run


@pytest.fixture
def aged(admin, postgres, database):
    """Old changes and young ones; the first revision that is young."""
    stores(admin)
    admin.post(f"{API}/groups", {"name": "old-group"})
    for n in range(4):
        admin.patch(EAST, {"description": f"old {n}", "metadata": {"colour": "red" if n < 2 else "blue"}})
    admin.delete(f"{API}/groups/name:%2Fold-group")
    young = admin.request("GET", EAST).revision + 1
    for n in range(3):
        admin.patch(EAST, {"description": f"young {n}"})
    postgres.sql(f"update changes set at = at - interval '100 days' where revision < {young}", database)
    return young


def snapshot(client, revision):
    return client.request("GET", f"{API}/snapshot?revision={revision}").body.decode().splitlines()[1:]


def test_what_is_forgotten_is_gone_and_what_came_after_is_whole(admin, forget, aged):
    changes, before = admin.get(f"{API}/changes?since={aged - 1}"), sorted(snapshot(admin, aged - 1))
    out = forget("--keep", "90d")
    assert re.search(rf"revisions: .* lose their documents, 1 to {aged - 1}\n", out), out
    for path in (f"changes?since={aged - 2}", "changes?since=0", f"snapshot?revision={aged - 2}", f"events?since={aged - 2}"):
        problem = admin.refused(410, "GET", f"{API}/{path}")
        assert problem["code"] == "gone" and "snapshot" in problem["hint"], path
    assert admin.get(f"{API}/changes?since={aged - 1}") == changes
    assert sorted(snapshot(admin, aged - 1)) == before
    with Events(admin, f"?since={aged - 1}") as events:
        assert events.next("change")[1] == f"{aged}.1"


def test_a_copy_of_the_fleet_takes_a_snapshot_and_goes_on(admin, forget, aged):
    forget("--keep", "90d")
    admin.refused(410, "GET", f"{API}/changes?since=1")
    copy = Copy(admin)
    admin.patch(EAST, {"description": "newest"})
    copy.follow(admin)
    assert "newest" in str(copy.docs)


def test_the_command_line_tells_the_last_changes_that_are_kept(admin, api, forget, aged):
    cli = servers.Cli(api, admin.token)
    assert f"\n{aged - 1} " in cli("changes")
    forget("--keep", "90d")
    told = [int(line.split()[0]) for line in cli("changes").splitlines()[1:]]
    assert told and min(told) >= aged and max(told) == aged + 2
    refused = cli.run("changes", "--since", "1")
    assert refused.returncode == 3 and f"changes are kept from revision {aged} on" in refused.stderr, refused


def test_the_audit_goes_on_telling_who_did_what_and_when(admin, forget, aged):
    before = admin.get(f"{API}/audit?$top=1000")["value"]
    forget("--keep", "90d")
    after = admin.get(f"{API}/audit?$top=1000")["value"]
    kept = {name: None for name in ("before", "after")}
    assert [{**entry, **kept} for entry in after] == [{**entry, **kept} for entry in before]
    assert [entry for entry in after if entry["revision"] >= aged] == [entry for entry in before if entry["revision"] >= aged]
    old = [entry for entry in after if entry["revision"] < aged and entry["name"] == "east-1" and entry["op"] == "update"]
    assert old[-1]["after"] is None and old[-1]["before"] is None and old[0]["after"]["description"] == "old 3"


def test_a_value_says_who_set_it_where_that_is_known(admin, api, forget, aged):
    path = f"{API}/clusters/{admin.get(EAST)['id']}/values"
    api.client("platform", "kim").patch(EAST, {"metadata": {"size": "xl"}})
    forget("--keep", "90d")
    values = {value["key"]: value for value in admin.get(path)["value"]}
    assert values["size"]["setBy"] == "kim" and values["colour"]["value"] == "blue" and values["colour"]["setBy"] is None


def test_revisions_and_etags_are_what_they_were(admin, forget, aged):
    paths = [f"{API}/revisions/{n}" for n in range(1, aged + 2)] + [EAST, f"{API}/groups/name:%2Fstores%2Feast"]
    before = [(answer.json, answer.headers.get("ETag")) for answer in (admin.request("GET", path) for path in paths)]
    forget("--before", "2999-01-01")
    assert [(answer.json, answer.headers.get("ETag")) for answer in (admin.request("GET", path) for path in paths)] == before


def test_a_dry_run_tells_and_leaves_all_there(admin, forget, aged, postgres, database):
    told = forget("--keep", "90d", "--dry-run")
    assert "would lose" in told and admin.get(f"{API}/changes?since=0")["changes"]
    count = re.search(r"changes: +(\d+)", told)[1]
    assert forget("--keep", "90d").endswith(f"\n{count} changes forgotten\n")
    again = forget("--keep", "90d")
    assert f"none that old; documents are kept from {aged} on" in again and again.endswith("\n0 changes forgotten\n")
    assert postgres.sql("select count(*) from changes where forgotten", database) == count
    assert postgres.sql(f"select count(*) from changes where forgotten and revision >= {aged}", database) == "0"


def test_what_open_work_begins_at_is_kept(admin, aged, postgres, database):
    postgres.sql("update target_queue set done = 3, wanted = 9", database)
    out = servers.forget_changes(postgres.owner_url(database), "--before", "2999-01-01").stdout
    assert 'target "west" has work open, and needs what changed from revision 4 on' in out
    assert admin.get(f"{API}/changes?since=3")["changes"] and admin.refused(410, "GET", f"{API}/changes?since=2")


def test_more_than_a_batch_is_forgotten(admin, forget, postgres, database):
    stores(admin)
    for n in range(4):
        load(admin, groups=[{"name": f"g-{i}", "description": f"{n}"} for i in range(1100)])
    assert "2200 changes forgotten" in forget("--before", "2999-01-01")


def test_a_reader_who_is_overtaken_gets_no_rest_of_a_document(admin, forget, aged, postgres, database):
    """The answer's place is found before the documents are read: what is forgotten in between must not be told as if it were whole."""
    forget("--keep", "90d")
    postgres.sql("update fleet set kept = 1", database)
    assert admin.refused(410, "GET", f"{API}/changes?since=0")["code"] == "gone"


def test_a_writer_does_not_wait_for_it(admin, aged, postgres, database):
    """It stands in the midst of forgetting, held up by somebody who looks at an old change."""
    session = Psql(postgres, database)
    postgres.sql("update target_queue set done = wanted", database)
    session.run("begin; select from changes where revision = 1 for update")
    thread = threading.Thread(target=servers.forget_changes, args=(postgres.owner_url(database), "--keep", "90d"))
    thread.start()
    until(lambda: postgres.sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'with batch%'", database) == "1",
          "it waits for the row")
    assert admin.patch(EAST, {"description": "meanwhile"})["description"] == "meanwhile"
    session.run("commit")
    thread.join(60)
    session.close()
    assert admin.refused(410, "GET", f"{API}/changes?since=0")


def test_who_serves_may_not(postgres, database, admin, aged):
    result = servers.forget_changes(postgres.url(database), "--keep", "90d")
    assert result.returncode == 3 and "as the owner of the schema" in result.stderr, result.stderr
    assert admin.get(f"{API}/changes?since=0")["changes"]


@pytest.mark.parametrize("args", [[], ["--keep", "90d", "--before", "2026-01-01"], ["--keep", "soon"], ["--keep", "-1d"], ["--before", "yesterday"], ["x"]])
def test_a_time_that_cannot_be_told_is_refused(args, postgres, database):
    result = servers.forget_changes(postgres.owner_url(database), *args)
    assert result.returncode == 2 and result.stderr.startswith("resedge-api: "), result
