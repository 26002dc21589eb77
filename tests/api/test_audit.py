"""Who did what when: every change, with the object before and after."""

from urllib.parse import quote

from resedge_test.fleet import API, cluster, load, stores, target


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

    assert [e["noun"] for e in audit(admin)] == ["cluster", "group", "group", "target"]
    assert [e["after"]["name"] for e in audit(admin, "noun=group")] == ["b", "a"]
    assert [e["after"]["name"] for e in audit(admin, "noun=group&object=1")] == ["a"]
    assert [e["revision"] for e in audit(admin, "revision=2")] == [2, 2]
    assert {e["revision"] for e in audit(admin, f"to={quote(middle)}")} == {1}
    assert audit(admin, "from=2099-01-01T00:00:00Z") == []
    for bad in ("from=yesterday", "noun=shop", "object=x", "colour=red", "before=x", "$top=0", "$top=5000"):
        admin.refused(400, "GET", f"{API}/audit?{bad}")


def test_it_is_paged_without_gaps_while_it_grows(admin):
    load(admin, targets=[target()], groups=[{"name": f"g-{n}"} for n in range(25)])
    seen, path = [], f"{API}/audit?noun=group&$top=10"
    while path:
        page = admin.get(path)
        seen += [entry["after"]["name"] for entry in page["value"]]
        path = page.get("@odata.nextLink")
        admin.post(f"{API}/groups", {"name": f"new-{len(seen)}"})
    assert seen == [f"g-{n}" for n in reversed(range(25))]


def test_it_can_not_be_changed(admin):
    stores(admin)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        admin.refused(405, method, f"{API}/audit")
