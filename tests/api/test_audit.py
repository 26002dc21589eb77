"""Who did what when: every change, with the object before and after."""

import csv
import io
import json
from urllib.parse import quote

from resedge_test.client import Client
from resedge_test.fleet import API, cluster, load, stores, target
from resedge_test.wait import until


def audit(client, query=""):
    return client.get(f"{API}/audit?{query}")["value"]


def test_a_change_is_there_with_before_and_after(admin, api):
    stores(admin)
    jane = api.client("platform", "jane")
    before = admin.get(f"{API}/clusters/name:east-1")
    after = jane.patch(f"{API}/clusters/name:east-1?reason=moved", {"description": "By the sea"})
    [entry] = audit(admin, "actor=jane")
    assert (entry["op"], entry["noun"], entry["id"], entry["actor"], entry["reason"]) == ("update", "cluster", after["id"], "jane", "moved")
    assert (entry["before"], entry["after"]) == (before, after)
    jane.delete(f"{API}/clusters/name:east-1?confirm=1")
    entry = audit(admin, "actor=jane")[0]
    assert (entry["op"], entry["before"], entry["after"], entry["confirm"]) == ("delete", after, None, 1)
    created = audit(admin, f"noun=clusters&object={after['id']}")[-1]
    assert (created["op"], created["before"], created["after"]) == ("create", None, before)


def test_it_is_filtered_by_noun_object_revision_and_time(admin):
    admin.post(f"{API}/targets", target())
    load(admin, groups=[{"name": "a"}, {"name": "b"}])
    admin.post(f"{API}/clusters", cluster("c-1", "/a"))
    middle = admin.get(f"{API}/revisions/2")["at"]

    assert [e["noun"] for e in audit(admin)][:4] == ["cluster", "group", "group", "target"]
    assert [e["after"]["name"] for e in audit(admin, "noun=group")] == ["b", "a"]
    assert [e["after"]["name"] for e in audit(admin, "noun=group&object=1")] == ["a"]
    assert [e["revision"] for e in audit(admin, "revision=2")] == [2, 2]
    assert {e["revision"] for e in audit(admin, f"to={quote(middle)}")} == {0, 1}
    assert audit(admin, "from=2099-01-01T00:00:00Z") == []
    assert admin.get(f"{API}/audit?$top=0") == {"value": []}
    for bad in ("from=yesterday", "noun=shop", "object=x", "colour=red", "before=x", "$skiptoken=x", "$top=5000", "$orderby=at", "$filter=shop eq 1", "$expand=clusters"):
        admin.refused(400, "GET", f"{API}/audit?{quote(bad, safe='=$')}")


def test_it_is_paged_without_gaps_while_it_grows(admin):
    load(admin, targets=[target()], groups=[{"name": f"g-{n}"} for n in range(25)])
    seen, path = [], f"{API}/audit?noun=group&$top=10"
    while path:
        page = admin.get(path)
        seen += [entry["after"]["name"] for entry in page["value"]]
        path = page.get("@odata.nextLink")
        admin.post(f"{API}/groups", {"name": f"new-{len(seen)}"})
    assert seen == [f"g-{n}" for n in reversed(range(25))]


def filtered(client, text):
    return [(e["op"], e["noun"], e["name"]) for e in audit(client, "$filter=" + quote(text))]


def test_what_was_deleted_and_what_was_done_besides_is_found_among_all_else(admin, api):
    stores(admin)
    jane = api.client("platform", "jane")
    jane.delete(f"{API}/clusters/name:east-1?confirm=1")
    jane.post(f"{API}/targets/name:west/push")
    entries = audit(admin, "$top=1000")
    for op in sorted({e["op"] for e in entries} | {"approve"}):
        same = [e for e in entries if e["op"] == op]
        others = [e for e in entries if e["op"] != op]
        for text, expected in ((f"op eq '{op}'", same), (f"not (op eq '{op}')", others), (f"op ne '{op}'", others), (f"op in ('{op}')", same),
                               (f"op eq '{op}' or actor eq 'jane'", [e for e in entries if e["op"] == op or e["actor"] == "jane"])):
            assert audit(admin, "$top=1000&$filter=" + quote(text)) == expected, text
    assert {"delete", "push", "create"} <= {e["op"] for e in entries}


def test_deletions_are_found_without_reading_all_that_was_changed(admin, postgres, database):
    load(admin, targets=[target()], clusters=[cluster(f"c-{n}") for n in range(2000)])
    admin.delete(f"{API}/clusters/name:c-7?confirm=1")
    postgres.sql("analyze changes", database)
    assert [e["name"] for e in audit(admin, "$filter=" + quote("op eq 'delete'"))] == ["c-7"]
    until(lambda: postgres.sql("select idx_scan > 0 from pg_stat_user_indexes where indexrelname = 'changes_gone'", database) == "t",
          "the index was used", deadline=20)


def test_it_is_a_list_like_any_other_but_for_its_order(admin, api):
    stores(admin)
    jane = api.client("platform", "jane")
    jane.patch(f"{API}/clusters/name:east-1?reason=moved", {"description": "By the sea"})
    jane.delete(f"{API}/clusters/name:east-1?confirm=1")
    assert filtered(admin, "actor eq 'jane' and noun eq 'cluster'") == [("delete", "cluster", "east-1"), ("update", "cluster", "east-1")]
    assert filtered(admin, "op eq 'delete' or reason eq 'moved'") == [("delete", "cluster", "east-1"), ("update", "cluster", "east-1")]
    assert filtered(admin, "name eq 'east-1' and after eq null") == [("delete", "cluster", "east-1")]
    assert filtered(admin, "noun eq 'target' and at gt 2026-01-01T00:00:00Z and revision ge 1") == [("create", "target", "west")]
    assert [e["op"] for e in audit(admin, "$search=east-1")] == ["delete", "update", "create"]
    for name in ("shop", "web/shop"):
        assert [(e["noun"], e["name"]) for e in audit(admin, f"$search={quote(name)}")] == [("application", "web/shop")]
    both = audit(admin, "noun=clusters&actor=jane&$select=revision,op&$filter=" + quote("op ne 'create'"))
    assert both == [{"revision": both[0]["revision"], "op": "delete"}, {"revision": both[0]["revision"] - 1, "op": "update"}]

    entries = audit(admin, "$top=1000")
    counted = admin.get(f"{API}/audit?$top=2&$count=true")
    assert counted["@odata.count"] == len(entries) == admin.get(counted["@odata.nextLink"])["@odata.count"]
    assert "@odata.count" not in admin.get(f"{API}/audit?$top=2")
    assert audit(admin, "$skip=1&$top=1") == entries[1:2]
    lines = admin.request("GET", f"{API}/audit", headers={"Accept": "application/x-ndjson"}).body.splitlines()
    assert [json.loads(line) for line in lines] == entries
    table = admin.request("GET", f"{API}/audit?actor=jane", headers={"Accept": "text/csv"}).body.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["op"], row["name"], row["after"][:1]) for row in rows][-2:] == [("delete", "east-1", ""), ("update", "east-1", "{")]


def test_an_apply_tells_what_its_set_came_to_own(admin, api):
    """Once: an apply that leaves that as it is tells nothing."""
    admin.post(f"{API}/targets", target())
    jane = api.client("platform", "jane")

    def apply(query, **inventory):
        known = len(audit(admin, "noun=set"))
        jane.post(f"{API}/apply?{query}", inventory)
        acts = audit(admin, "noun=set")
        return [(e["name"], e["op"], e["actor"], e["reason"], e["before"], {k: v for k, v in e["after"].items() if k != "name"})
                for e in acts[:len(acts) - known]]

    groups = [{"name": "a", "description": "x"}, {"name": "b"}]
    assert apply("set=one&reason=first", groups=groups) == [("one", "apply", "jane", "first", None, {
        "objects": 2, "fields": 1, "was": {"objects": 0, "fields": 0}, "taken": None})]
    assert apply("set=one", groups=groups) == apply("set=one&dryRun=true", groups=[{"name": "c"}]) == []
    steps = [("set=one", {"name": "a", "environment": "prod", "description": "x"}, {"objects": 2, "fields": 2, "was": {"objects": 2, "fields": 1}}),
             ("set=one", {"name": "a", "environment": "prod", "tags": ["t"]}, {"objects": 2, "fields": 2, "was": {"objects": 2, "fields": 2}}),
             ("set=one&prune=true&confirm=1", {"name": "a", "environment": "prod"}, {"objects": 1, "fields": 1, "was": {"objects": 2, "fields": 2}}),
             ("set=two&force=true", {"name": "a", "environment": "test"}, {"objects": 1, "fields": 1, "was": {"objects": 0, "fields": 0}, "taken": {"one": 1}})]
    for query, group, owned in steps:
        assert [act[-1] for act in apply(query, groups=[group])] == [{"taken": None, **owned}], query
    assert [e["after"]["name"] for e in audit(api.client("viewer"), "noun=set")] == ["two", "one", "one", "one", "one"]


def test_it_can_not_be_changed(admin):
    stores(admin)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        admin.refused(405, method, f"{API}/audit")


def acts(client, query=""):
    return [(e["noun"], e["op"], e["actor"], e["reason"]) for e in audit(client, query)]


def test_tokens_and_sessions_are_there_for_admins_and_without_any_secret(admin, api):
    guest = admin.post(f"{API}/tokens", {"name": "guest", "role": "viewer"})
    client = Client(api.port, guest["token"])
    client.post(f"{API}/session")
    admin.delete(f"{API}/tokens/{guest['id']}")
    entries = audit(admin, "noun=token") + audit(admin, "noun=session")
    assert [(e["noun"], e["op"], e["actor"]) for e in entries][:2] == [("token", "revoke", "admin"), ("token", "create", "admin")]
    assert entries[1]["id"] == guest["id"] and entries[1]["after"]["name"] == "guest" and entries[1]["after"]["role"] == "viewer"
    assert acts(admin, "noun=session") == [("session", "signIn", "guest", None)]
    assert guest["token"].split("_")[2] not in str(entries)
    assert acts(admin, "noun=token&actor=resedge-api")[-1] == ("token", "create", "resedge-api", None), "the first admin's, made on the command line"
    viewer = api.client("viewer")
    assert audit(viewer, "noun=token") == [] and audit(viewer, "noun=session") == []
    for query in ("$filter=" + quote("noun eq 'token' or noun eq 'session' or id gt 0"), "$search=guest", "$count=true"):
        assert [e["noun"] for e in audit(viewer, query)] == [] and viewer.get(f"{API}/audit?{query}").get("@odata.count", 0) == 0
    assert viewer.request("GET", f"{API}/audit", headers={"Accept": "application/x-ndjson"}).body == b""


def test_what_is_done_to_jobs_and_targets_is_there_and_a_dry_run_is_not(admin, api):
    stores(admin)
    worker = api.client("worker")
    job = worker.post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:9", "secret": "secret-of-the-worker", "leaseSeconds": 30})
    worker.post(f"{API}/jobs/{job['id']}/fail", {"fence": job["fence"], "retry": False, "error": {"detail": "no route", "code": "unavailable"}})
    jane = api.client("platform", "jane")
    target_id = admin.get(f"{API}/targets/name:west")["id"]
    for query in ("?dryRun=true", ""):
        jane.post(f"{API}/jobs/{job['id']}/retry{query}")
        jane.post(f"{API}/targets/name:west/push{query}")
        jane.post(f"{API}/targets/{target_id}/accept-history{query}", {"commit": None})
    assert admin.request("PUT", f"{API}/targets/name:west/webhook", {"secret": "a secret of the host"}).status == 204
    assert acts(admin, "actor=jane") == [("target", "acceptHistory", "jane", None), ("target", "push", "jane", None), ("job", "retry", "jane", None)]
    [webhook] = audit(admin, "noun=target&object=%d" % target_id)[:1]
    assert (webhook["op"], webhook["actor"], webhook["after"]) == ("setWebhook", "admin", None)
    assert audit(admin, "actor=jane")[2]["after"] == {"target": "west", "revision": job["revision"]}


def test_what_is_done_to_a_target_is_found_by_the_name_that_it_had(admin):
    stores(admin)
    for name in ("west", "far-west"):
        admin.post(f"{API}/targets/1/push")
        admin.patch(f"{API}/targets/1", {"name": f"far-{name}"})
    admin.post(f"{API}/targets/1/push")
    assert [entry["name"] for entry in audit(admin, "$filter=" + quote("op eq 'push'"))] == ["far-far-west", "far-west", "west"]
    assert [entry["op"] for entry in audit(admin, "$search=west&noun=target")] == ["push", "create"]
    assert [entry["op"] for entry in audit(admin, "$filter=" + quote("name eq 'far-west'"))] == ["push", "update"]


def test_acts_stand_between_the_changes_and_pages_go_on_over_both(admin):
    admin.post(f"{API}/groups", {"name": "a"})
    token = admin.post(f"{API}/tokens", {"name": "guest", "role": "viewer"})
    admin.post(f"{API}/groups", {"name": "b"})
    seen, path = [], f"{API}/audit?$top=1"
    while path:
        page = admin.get(path)
        seen += [(entry["noun"], entry["op"]) for entry in page["value"]]
        path = page.get("@odata.nextLink")
    assert seen[:3] == [("group", "create"), ("token", "create"), ("group", "create")] and token["id"]
