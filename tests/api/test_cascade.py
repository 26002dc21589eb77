"""DELETE with ?cascade=true: what is nothing without the object goes too, all of it or nothing; clusters never do."""

from resedge_test.fleet import API, stores


def changes(answer):
    return sorted((change["op"], change["noun"], change["name"]) for change in answer.json["changes"])


def test_without_it_the_answer_says_what_refers_and_how_to_go_on(admin):
    stores(admin)
    for path in ("namespaces/name:web", "groups/name:%2Fstores"):
        problem = admin.refused(409, "DELETE", f"{API}/{path}")
        assert "in use by" in problem["detail"] and "cascade=true" in problem["hint"]


def test_a_namespace_takes_its_applications_with_it(admin):
    stores(admin)
    path, before = f"{API}/namespaces/name:web?cascade=true", admin.get(f"{API}/export")
    problem = admin.refused(409, "DELETE", path)
    assert problem["code"] == "confirm" and "confirm=1" in problem["hint"]
    tried = admin.request("DELETE", path + "&confirm=1&dryRun=true")
    assert tried.status == 200 and tried.json["dryRun"] is True and admin.get(f"{API}/export") == before
    gone = admin.request("DELETE", path + "&confirm=1")
    assert changes(gone) == changes(tried) and {change[0] for change in changes(gone)} == {"delete"}
    assert [change for change in changes(gone) if change[1] == "namespace"] == [("delete", "namespace", "web")]
    assert admin.get(f"{API}/namespaces")["value"] == [] == admin.get(f"{API}/applications")["value"]
    assert gone.revision == tried.revision + 1, "one revision for all"


def test_a_group_takes_those_below_it_with_it_and_its_clusters_leave_it(admin):
    stores(admin)
    path = f"{API}/groups/name:%2Fstores?cascade=true"
    assert "confirm=3" in admin.refused(409, "DELETE", path)["hint"]
    assert changes(admin.request("DELETE", path + "&confirm=3")) == [
        ("delete", "group", "/stores"), ("delete", "group", "/stores/east"), ("delete", "group", "/stores/west"),
        ("update", "cluster", "east-1"), ("update", "cluster", "east-2"), ("update", "cluster", "west-1")]
    assert {cluster["name"]: cluster["groups"] for cluster in admin.get(f"{API}/clusters")["value"]} == {"east-1": ["/beta"], "east-2": [], "west-1": []}


def test_what_an_expression_names_stays_and_everything_with_it(admin):
    stores(admin)
    before = admin.get(f"{API}/export")
    problem = admin.refused(409, "DELETE", f"{API}/groups/name:%2Fbeta?cascade=true&confirm=1")
    assert "namespace web" in problem["detail"]
    assert admin.get(f"{API}/export") == before


def test_nothing_goes_with_other_nouns(admin):
    stores(admin)
    admin.refused(400, "DELETE", f"{API}/clusters/name:east-1?cascade=true&confirm=1")
    admin.refused(400, "DELETE", f"{API}/clusters/name:east-1?cascade=perhaps")
    admin.refused(400, "PATCH", f"{API}/clusters/name:east-1?cascade=true", {})
