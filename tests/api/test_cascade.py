"""DELETE with ?cascade=true: what is nothing without the object goes too, all of it or nothing; clusters never do."""

from resedge_test.client import Client
from resedge_test.fleet import API, Copy, load, stores, target


def changes(answer):
    return sorted((change["op"], change["noun"], change["name"]) for change in answer.json["changes"])


def test_without_it_the_answer_says_what_refers_and_how_to_go_on(admin):
    stores(admin)
    for path in ("namespaces/name:web", "groups/name:%2Fstores"):
        problem = admin.refused(409, "DELETE", f"{API}/{path}")
        assert "in use by" in problem["detail"] and "cascade=true" in problem["hint"]


def test_no_cascade_is_proposed_where_it_would_be_refused_too(admin):
    load(admin, targets=[target()], groups=[{"name": "rg"}, {"name": "up"}, {"name": "in", "parent": "/up"}],
         namespaces=[{"name": "web", "expression": "all"}, {"name": "db", "expression": "/n/web or /g/up/in"}],
         applications=[{"name": "shop", "namespace": name, "path": "apps/shop", "releases": [{"version": "1", "expression": "/g/rg"}]} for name in ("web", "db")])
    for path, by in (("groups/name:%2Frg", "application web/shop, application db/shop"), ("groups/name:%2Fup", "group /up/in"),
                     ("namespaces/name:web", "namespace db, application web/shop")):
        problem = admin.refused(409, "DELETE", f"{API}/{path}")
        assert problem["detail"].endswith(f"it is in use by {by}") and problem["hint"] == "Change these first."
        admin.refused(409, "DELETE", f"{API}/{path}?cascade=true&dryRun=true")
    assert "cascade=true" in admin.refused(409, "DELETE", f"{API}/namespaces/name:db")["hint"]
    assert admin.request("DELETE", f"{API}/namespaces/name:db?cascade=true").status == 200


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


def test_an_expression_that_goes_too_keeps_nothing_from_going(admin):
    stores(admin)
    start = Copy(admin)
    admin.patch(f"{API}/groups/name:%2Fstores", {"expression": "/g/stores/east or /g/stores/west"})
    admin.patch(f"{API}/groups/name:%2Fstores%2Feast", {"expression": "/g/stores/west"})
    start.follow(admin)
    before, path = Copy(admin).docs, f"{API}/groups/name:%2Fstores"
    for query in ("cascade=true&dryRun=true", "cascade=true&confirm=3"):
        gone = admin.request("DELETE", f"{path}?{query}")
        assert [change for change in changes(gone) if change[1] == "group"] == [("delete", "group", "/stores"), ("delete", "group", "/stores/east"),
                                                                               ("delete", "group", "/stores/west")]
        assert (Copy(admin).docs == before) == ("dryRun" in query)
    start.follow(admin)
    assert start.docs == Copy(admin).docs


def test_a_prune_of_groups_that_name_each_other_takes_them_all(admin):
    load(admin, targets=[target()], groups=[{"name": "a"}, {"name": "b", "expression": "/g/a"}, {"name": "c"}])
    admin.patch(f"{API}/groups/name:%2Fa", {"expression": "/g/c"})
    assert admin.post(f"{API}/apply?prune=true&confirm=3", {"groups": []})["deleted"] == {"groups": 3}


def test_applications_of_the_same_name_are_told_apart_by_their_namespace(admin):
    shops = [{"name": "shop", "namespace": name, "path": "apps/shop"} for name in ("one", "two")]
    made = load(admin, namespaces=[{"name": "one"}, {"name": "two"}], applications=shops + [{"name": "shop", "path": "apps/shop"}])
    assert [c["name"] for c in made["changes"] if c["noun"] == "application"] == ["one/shop", "two/shop", "shop"]

    gone = admin.request("DELETE", f"{API}/namespaces/name:one?cascade=true").json
    assert [(c["noun"], c["name"]) for c in gone["changes"]] == [("application", "one/shop"), ("namespace", "one")]
    audit = admin.get(f"{API}/audit?$filter=noun eq 'application'".replace(" ", "%20"))["value"]
    assert [(e["op"], e["name"]) for e in audit] == [("delete", "one/shop"), ("create", "shop"), ("create", "two/shop"), ("create", "one/shop")]
    assert admin.refused(422, "PATCH", f"{API}/applications/name:two%2Fshop", {"namespace": "nope"})["object"] == 'application "two/shop"'


def test_a_dry_run_shows_what_would_be_done_and_the_number_to_confirm(admin):
    stores(admin)
    before, web, shop = admin.get(f"{API}/export"), f"{API}/namespaces/name:web", f"{API}/applications/name:web%2Fshop"
    for method, path, body, status, number in [
            ("DELETE", f"{web}?cascade=true", None, 200, 1), ("DELETE", f"{API}/groups/name:%2Fstores?cascade=true", None, 200, 3),
            ("DELETE", f"{API}/clusters/name:east-1?", None, 204, 1), ("PATCH", f"{web}?", {"name": "net"}, 200, 1),
            ("PATCH", f"{shop}?", {"name": "store"}, 200, 1), ("POST", f"{API}/apply?prune=true", {"clusters": []}, 200, 3),
            ("POST", f"{API}/clusters/bulk?", {"expression": "all", "state": "closed"}, 200, 3)]:
        tried = admin.request(method, f"{path}&dryRun=true", body)
        assert (tried.status, tried.headers["Resedge-Confirm"]) == (status, str(number))
        assert status == 204 or tried.json.get("confirm", number) == number
        refused = admin.request(method, path, body)
        assert (refused.status, refused.json["confirm"], refused.headers["Resedge-Confirm"]) == (409, number, str(number))
        assert f"confirm={number}" in refused.json["hint"]
        admin.refused(409, method, f"{path}&dryRun=true&confirm={number + 1}", body)
        exact = admin.request(method, f"{path}&dryRun=true&confirm={number}", body)
        assert (exact.status, exact.headers["Resedge-Confirm"]) == (status, None)
    assert admin.get(f"{API}/export") == before


def test_who_may_not_do_it_is_not_asked_for_a_number(admin, api):
    stores(admin)
    team = Client(api.port, api.make_token("app-team", "team", "--owners", "alice"))
    for query in ("", "&dryRun=true", "&confirm=3"):
        assert team.request("POST", f"{API}/apply?prune=true{query}", {"clusters": []}).status == 403
        assert team.request("DELETE", f"{API}/namespaces/name:web?cascade=true{query}").status == 403


def test_nothing_goes_with_other_nouns(admin):
    stores(admin)
    admin.refused(400, "DELETE", f"{API}/clusters/name:east-1?cascade=true&confirm=1")
    admin.refused(400, "DELETE", f"{API}/clusters/name:east-1?cascade=perhaps")
    admin.refused(400, "PATCH", f"{API}/clusters/name:east-1?cascade=true", {})
