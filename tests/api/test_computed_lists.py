"""Lists of what is no noun (what is on a cluster, its values, jobs, tokens, what a target held or could not make): the options and forms of any other list."""

import csv
import io
import json
import urllib.parse

import pytest

from resedge_test import servers
from resedge_test.fleet import API, cluster, load, target

APPLICATIONS = f"{API}/clusters/name:c-1/applications"
VALUES = f"{API}/clusters/name:c-1/values"
JOBS = f"{API}/jobs"
TOKENS = f"{API}/tokens"
HOLDS = f"{API}/targets/name:main/holds"
FAILURES = f"{API}/targets/1/failures"
HELD = [{"key": f"revision/{number}", "kind": kind, "state": "held", "revision": number, "losing": number, "changed": 2, "files": 3,
         "doc": {"change": f"group \"g-{number}\"", "actor": "jane" if number == 2 else None, "parts": ["web/shop-1"], "clusters": ["c-1", "c-2"]}}
        for number, kind in ((3, "files"), (1, "clustersLosing"), (2, "clustersChanged"))]


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory):
    """A cluster with five applications and three values, four jobs, three holds, three failures; nobody here changes it."""
    database = postgres.create_database(template_database)
    api = servers.Api(tmp_path_factory.mktemp("computed"), postgres.url(database)).start()
    admin, worker = api.client("admin"), api.client("worker")
    load(admin, targets=[target("main")], groups=[{"name": "beta", "metadata": {"ring": "beta"}}],
         namespaces=[{"name": "web", "expression": "/g/beta"}, {"name": "db", "expression": "/t/blue"}],
         applications=[{"name": f"shop-{number}", "namespace": "db" if number == 3 else "web", "path": f"apps/shop-{number}",
                        "releases": [{"version": "2.0.0", "expression": "/t/blue"}] if number == 2 else []} for number in range(1, 6)],
         clusters=[cluster("c-1", "/beta", tags=["blue"], metadata={"region": "west", "note": "=1+2"})])
    for number in range(1, 5):
        job = worker.post(f"{JOBS}/claim", {"worker": f"w-{number}", "address": "http://127.0.0.1:1", "secret": "s" * 32, "leaseSeconds": 30})
        applications = [{"application": 2, "version": "2.0.0", "state": "current"},
                        {"application": 4, "version": None, "state": "failed", "error": {"code": "invalid", "detail": "no value for x"}}]
        worker.post(f"{JOBS}/{job['id']}/deployments", json.dumps({"cluster": 1, "tree": "a" * 40, "applications": applications,
                                                                   "failed": [{"namespace": 1, "application": 4}, {"namespace": 2}, {}]}),
                    headers={"Resedge-Fence": str(job["fence"])})
        worker.post(f"{JOBS}/{job['id']}/complete", {"fence": job["fence"], "revision": job["revision"], "state": "committed" if number % 2 else "unchanged",
                                                     "commit": str(number) * 40, "tree": "b" * 40, "durationMs": number * 10, "holds": HELD})
        admin.post(f"{API}/targets/1/refresh")
    admin.post(f"{API}/targets", target("second"))
    yield admin
    api.check_ended_well()
    postgres.drop_database(database)


def ask(client, path, **options):
    return client.get(f"{path}?" + urllib.parse.urlencode({f"${name}": value for name, value in options.items()}))


def paged(client, path, top):
    """All pages, each checked to be no larger than asked for."""
    rows, link = [], f"{path}{'&' if '?' in path else '?'}$top={top}"
    while link:
        page = client.get(link)
        assert len(page["value"]) <= top
        rows += page["value"]
        link = page.get("@odata.nextLink")
    return rows


@pytest.mark.parametrize("path, count", [(APPLICATIONS, 5), (VALUES, 3), (JOBS, 4), (TOKENS, 2), (HOLDS, 3), (FAILURES, 3)])
def test_it_is_paged_and_streamed_like_any_list(fleet, path, count):
    whole = fleet.get(path)
    rows = whole["value"]
    assert (len(rows), whole["@odata.count"]) == (count, count) and "@odata.nextLink" not in whole
    assert [paged(fleet, path, top) for top in (1, 2, count)] == [rows] * 3
    assert ask(fleet, path, skip=1, top=1)["value"] == rows[1:2] and ask(fleet, path, top=0) == {"value": [], "@odata.count": count}
    assert "@odata.count" not in ask(fleet, path, count="false") and fleet.get(f"{path}?top=1&count=false")["value"] == rows[:1]
    lines = fleet.request("GET", path, headers={"Accept": "application/x-ndjson"})
    assert lines.headers["Content-Type"] == "application/x-ndjson" and [json.loads(line) for line in lines.body.splitlines()] == rows
    table = fleet.request("GET", path, headers={"Accept": "text/csv"})
    first, *rest = csv.reader(io.StringIO(table.body.decode()))
    assert len(rest) == count and set(first) >= set(rows[0])
    fleet.refused(406, "GET", path, headers={"Accept": "image/png"})


def test_json_has_no_spaces_between_its_tokens(fleet):
    """Also where the database puts it together."""
    for path in (JOBS, f"{JOBS}/1", f"{JOBS}/4", f"{API}/targets/1/status", f"{API}/targets/1/templates", f"{API}/templates", APPLICATIONS, VALUES, TOKENS,
                 f"{API}/revisions/1", HOLDS, FAILURES, f"{API}/audit", f"{API}/changes?since=0"):
        text = fleet.request("GET", path).body.decode()
        assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False), path
    line = fleet.request("GET", JOBS, headers={"Accept": "application/x-ndjson"}).body.splitlines()[0].decode()
    assert line == json.dumps(json.loads(line), separators=(",", ":"), ensure_ascii=False)
    for path in ("snapshot", "snapshot?revision=1"):
        for head in fleet.request("GET", f"{API}/{path}").body.decode().splitlines():
            assert head == json.dumps(json.loads(head), separators=(",", ":"), ensure_ascii=False), path


@pytest.mark.parametrize("path, text, found", [
    (APPLICATIONS, "state eq 'failed'", "shop-4"), (APPLICATIONS, "state ne 'pending'", "shop-2 shop-4"), (APPLICATIONS, "namespace eq 'db'", "shop-3"),
    (APPLICATIONS, "version eq null", "shop-1 shop-3 shop-4 shop-5"), (APPLICATIONS, "version eq '2.0.0' or applicationId gt 4", "shop-2 shop-5"),
    (APPLICATIONS, "error ne null and contains(error,'value for x')", "shop-4"), (APPLICATIONS, "groups/any(g: g eq '/beta')", "shop-1 shop-2 shop-4 shop-5"),
    (APPLICATIONS, "not groups/any()", "shop-3"),
    (VALUES, "own eq true", "note region"), (VALUES, "own eq false and key eq 'ring'", "ring"), (VALUES, "value in ('beta','west')", "region ring"),
    (VALUES, "setAt lt 2020-01-01", ""), (VALUES, "setBy eq 'admin' and startswith(key,'r')", "region ring"),
    (JOBS, "state eq 'unchanged'", "w-4 w-2"), (JOBS, "durationMs ge 30", "w-4 w-3"), (JOBS, "target eq 'main' and id lt 3", "w-2 w-1"),
    (JOBS, "targetId eq 1 and startswith(commit,'2')", "w-2"), (JOBS, "finishedAt gt 2020-01-01 and heldCount eq 0", "w-4 w-3 w-2 w-1"),
    (JOBS, "error ne null", ""), (TOKENS, "role eq 'worker'", "worker"), (TOKENS, "revokedAt eq null", "admin worker"), (TOKENS, "not owners/any()", "admin worker"),
    (HOLDS, "kind in ('files','clustersLosing')", "revision/1 revision/3"), (HOLDS, "state eq 'held' and actor eq 'jane'", "revision/2"), (HOLDS, "job lt 4", ""),
    (HOLDS, "clusters/any(c: c eq 'c-2') and clustersLosing ge 2", "revision/2 revision/3"), (HOLDS, "approved ne null", ""),
    (FAILURES, "application eq null", "1 1/2"), (FAILURES, "cluster eq 1 and namespace ne null", "1/1/4 1/2"), (FAILURES, "key eq '1/2'", "1/2")])
def test_it_is_filtered(fleet, path, text, found):
    member = {APPLICATIONS: "application", VALUES: "key", JOBS: "worker", TOKENS: "name"}.get(path, "key")
    assert [row[member] for row in ask(fleet, path, filter=text)["value"]] == found.split()


def test_what_a_target_held_or_could_not_make_is_that_of_no_other(fleet):
    for path in ("holds", "failures"):
        assert fleet.get(f"{API}/targets/name:second/{path}") == {"value": [], "@odata.count": 0}
        fleet.refused(404, "GET", f"{API}/targets/99/{path}")


def test_it_is_ordered_searched_and_cut_to_what_is_selected(fleet):
    assert ask(fleet, APPLICATIONS, orderby="namespace,application desc", select="application", top=2)["value"] == [{"application": "shop-3"}, {"application": "shop-5"}]
    assert ask(fleet, APPLICATIONS, search="failed", select="applicationId")["value"] == [{"applicationId": 4}]
    assert ask(fleet, VALUES, orderby="key desc", select="key")["value"] == [{"key": "ring"}, {"key": "region"}, {"key": "note"}]
    assert ask(fleet, JOBS, orderby="durationMs", select="id,state", top=1)["value"] == [{"id": 1, "state": "committed"}]
    assert ask(fleet, HOLDS, orderby="files,clustersLosing desc", select="key")["value"] == [{"key": f"revision/{number}"} for number in (3, 2, 1)]
    assert ask(fleet, HOLDS, search="jane", select="key,change")["value"] == [{"key": "revision/2", "change": 'group "g-2"'}]
    assert ask(fleet, FAILURES, orderby="namespace desc", top=2)["value"] == [
        {"key": "1/2", "cluster": 1, "namespace": 2, "application": None}, {"key": "1/1/4", "cluster": 1, "namespace": 1, "application": 4}]
    assert ask(fleet, JOBS, search="w-3", select="worker")["value"] == [{"worker": "w-3"}]
    table = fleet.request("GET", f"{VALUES}?$select=key,value&$filter=own%20eq%20true", headers={"Accept": "text/csv"})
    assert table.body == b"key,value\r\nnote,'=1+2\r\nregion,west\r\n"


def test_jobs_of_a_target_and_in_some_states_are_asked_for_in_short_on_every_page(fleet):
    for short in ("target=1", "target=main", "target=name:main", "state=committed,unchanged", "$target=main&$state=committed,unchanged"):
        assert [job["id"] for job in paged(fleet, f"{JOBS}?{short}", 3)] == [4, 3, 2, 1]
    assert [job["id"] for job in paged(fleet, f"{JOBS}?state=committed&$filter=id%20gt%201", 1)] == [3]
    assert fleet.refused(400, "GET", f"{JOBS}?target=other")["object"] == 'query parameter "target"'
    assert fleet.refused(400, "GET", f"{JOBS}?state=done")["object"] == 'query parameter "state"'


@pytest.mark.parametrize("path, query, detail", [
    (APPLICATIONS, "$filter=name eq 'x'", 'applications of a cluster have no field "name"'), (APPLICATIONS, "$filter=state eq 'done'", "done"),
    (VALUES, "$orderby=nothing", 'values of a cluster have no field "nothing"'), (JOBS, "$select=name", 'jobs have no field "name"'),
    (TOKENS, "$expand=owners", 'tokens have no "owners" to expand'), (TOKENS, "$tops=1", "no such query parameter"), (VALUES, "$top=1001", "at most 1000")])
def test_what_it_does_not_have_is_refused_with_what_there_is(fleet, path, query, detail):
    problem = fleet.refused(400, "GET", f"{path}?{urllib.parse.quote(query, safe='$=')}")
    assert detail in problem["detail"] and (problem.get("hint") or "expand" in query)


def test_a_cursor_of_one_is_none_of_another(fleet):
    link = ask(fleet, APPLICATIONS, top=1)["@odata.nextLink"]
    fleet.refused(400, "GET", link.replace("/applications", "/values"))
    fleet.refused(400, "GET", link + "&$filter=applicationId%20gt%201")
