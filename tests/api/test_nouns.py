"""One object at a time: creating, reading, replacing, patching, deleting, listing."""

import urllib.parse

import pytest

from resedge_test.fleet import API, cluster, load, names, stores, target


@pytest.fixture
def fleet(admin):
    stores(admin)
    return admin


def test_a_created_object_is_answered_with_its_place_and_what_the_server_gave_it(admin):
    answer = admin.request("POST", f"{API}/targets", target("west", description="Stores of the west"))

    assert answer.status == 201
    assert answer.headers["Location"] == f"{API}/targets/1"
    assert answer.revision == 1
    document = answer.json
    assert (document["id"], document["version"], document["createdBy"]) == (1, 1, "admin")
    assert (document["branch"], document["folderPattern"], document["fluxSource"]) == ("main", "sharded", "gitops")
    again = admin.request("GET", answer.headers["Location"])
    assert again.json == document
    assert again.etag == answer.etag


def test_every_noun_can_be_created_and_read_back(fleet):
    for plural, body in (("targets", target("north")), ("metadataKeys", {"name": "zone", "type": "enum", "values": ["a", "b"]}),
                         ("groups", {"name": "pilot", "parent": "/stores/west"}),
                         ("policies", {"name": "quiet", "path": "policies/quiet"}),
                         ("namespaces", {"name": "db", "expression": "/g/stores/west/pilot or /c/east-1"}),
                         ("applications", {"name": "cache", "namespace": "db", "path": "apps/cache"}),
                         ("clusters", cluster("north-1", target="north"))):
        created = fleet.post(f"{API}/{plural}", body)
        assert fleet.get(f"{API}/{plural}/{created['id']}") == created
        for field, value in body.items():
            assert created[field] == value, field


def test_objects_are_found_by_name_and_groups_by_path(fleet):
    group = fleet.get(f"{API}/groups/name:/stores/east")
    assert group["namePath"] == "/stores/east"
    assert fleet.get(f"{API}/groups/name:{urllib.parse.quote('/stores/east', safe='')}") == group
    assert fleet.get(f"{API}/groups/name:stores/east") == group
    assert fleet.get(f"{API}/applications/name:web/shop")["namespace"] == "web"
    assert fleet.get(f"{API}/clusters/name:east-1")["groups"] == ["/beta", "/stores/east"]
    fleet.refused(404, "GET", f"{API}/groups/name:/stores/north")
    fleet.refused(404, "GET", f"{API}/clusters/999")
    fleet.refused(404, "GET", f"{API}/clusters/east-1")


def test_an_ambiguous_name_is_a_conflict(fleet):
    load(fleet, namespaces=[{"name": "second"}], applications=[{"name": "shop", "namespace": "second", "path": "apps/shop"}])
    fleet.refused(409, "GET", f"{API}/applications/name:shop")


def test_a_put_replaces_and_a_patch_changes_what_it_names(fleet):
    path = f"{API}/clusters/name:east-1"
    patched = fleet.patch(path, {"description": "By the sea", "metadata": {"city": "Savannah"}, "tags": ["new"]})
    assert (patched["description"], patched["groups"], patched["version"]) == ("By the sea", ["/beta", "/stores/east"], 2)
    assert patched["metadata"] == [{"key": "city", "value": "Savannah"}]

    assert fleet.patch(path, {"description": None})["description"] is None
    assert fleet.patch(path, {"metadata": {"size": "12"}})["metadata"] == [{"key": "city", "value": "Savannah"},
                                                                         {"key": "size", "value": "12"}]

    replaced = fleet.put(path, {"name": "east-1", "groups": ["/beta"]})
    assert (replaced["groups"], replaced["metadata"], replaced["tags"], replaced["version"]) == (["/beta"], [], [], 5)
    assert replaced["target"] == "west"
    assert fleet.get(path) == replaced


def test_writing_what_is_there_already_makes_no_revision(fleet):
    before = fleet.request("GET", f"{API}/clusters/name:east-1")

    answer = fleet.request("PATCH", f"{API}/clusters/name:east-1", {"description": None})
    assert (answer.status, answer.json, answer.etag, answer.revision) == (200, before.json, before.etag, before.revision)


def test_a_reference_may_be_written_by_name_or_by_id(fleet):
    east = fleet.get(f"{API}/groups/name:/stores/east")["id"]

    by_id = fleet.post(f"{API}/clusters", {"name": "c-1", "groupIds": [east]})
    assert by_id["groups"] == ["/stores/east"]
    moved = fleet.patch(f"{API}/clusters/{by_id['id']}", {"groups": ["/beta"]})
    assert moved["groupIds"] == [fleet.get(f"{API}/groups/name:/beta")["id"]]
    fleet.refused(422, "PATCH", f"{API}/clusters/{by_id['id']}", {"groups": ["/nowhere"]})
    fleet.refused(422, "PATCH", f"{API}/clusters/{by_id['id']}", {"groupIds": [999]})


@pytest.mark.parametrize("body, field", [
    ({"name": "Bad_Name"}, "/name"), ({}, "/name"), ({"name": "c-9", "colour": "red"}, "/colour"),
    ({"name": "c-9", "state": "sleeping"}, "/state"), ({"name": "c-9", "timeZone": "Mars/Olympus"}, "/timeZone"),
    ({"name": "c-9", "location": {"latitude": 99, "longitude": 0}}, "/location/latitude"),
    ({"name": "c-9", "metadata": [{"key": "a b", "value": "c"}]}, "/metadata/0/key"), ({"name": 7}, "/name"),
])
def test_a_bad_value_is_refused_and_its_field_named(fleet, body, field):
    problem = fleet.refused(422, "POST", f"{API}/clusters", body)
    assert problem["field"] == field


@pytest.mark.parametrize("status, body", [(400, b"{"), (422, b"[]"), (422, b'{"name": "a", "name": "b"}'), (400, b"\xff"), (422, b"null"), (400, b"")])
def test_a_body_that_is_no_object_is_refused(fleet, status, body):
    fleet.refused(status, "POST", f"{API}/clusters", body, headers={"Content-Type": "application/json"})


def test_a_taken_name_is_a_conflict(fleet):
    problem = fleet.refused(409, "POST", f"{API}/clusters", {"name": "east-1"})
    assert "east-1" in problem["detail"] + problem.get("object", "")
    fleet.refused(409, "POST", f"{API}/groups", {"name": "east", "parent": "/stores"})
    fleet.refused(409, "POST", f"{API}/targets", {**target("other"), "url": target()["url"]})


def test_a_clusters_name_is_fixed(fleet):
    problem = fleet.refused(409, "PATCH", f"{API}/clusters/name:east-1", {"name": "east-9"})
    assert problem["field"] == "/name"


def test_ids_are_not_used_twice(fleet):
    first = fleet.post(f"{API}/clusters", {"name": "c-1"})["id"]
    fleet.delete(f"{API}/clusters/{first}?confirm=1")
    assert fleet.post(f"{API}/clusters", {"name": "c-1"})["id"] == first + 1


def test_ids_are_not_used_twice_by_another_server_either(fleet, start_api):
    first = fleet.post(f"{API}/clusters", {"name": "c-1"})["id"]
    fleet.delete(f"{API}/clusters/{first}?confirm=1")
    other = start_api().client("admin", "other")
    assert other.post(f"{API}/clusters", {"name": "c-1"})["id"] == first + 1


def test_a_cluster_without_a_target_goes_to_the_only_one(admin):
    problem = admin.refused(422, "POST", f"{API}/clusters", {"name": "c-1"})
    assert (problem["field"], "Create a target first" in problem["hint"]) == ("/target", True)

    admin.post(f"{API}/targets", target("west"))
    assert admin.post(f"{API}/clusters", {"name": "c-1"})["target"] == "west"
    admin.post(f"{API}/targets", target("east", branch="stores"))
    admin.refused(422, "POST", f"{API}/clusters", {"name": "c-2"})


def test_a_target_that_is_taken_away_is_chosen_as_for_a_new_cluster(admin):
    load(admin, targets=[target("west"), target("east", branch="stores")], clusters=[{"name": "c-1", "target": "west"}])
    path = f"{API}/clusters/name:c-1"
    for body in ({"target": None}, {"targetId": None}, {"target": None, "targetId": None, "description": "moved"}):
        for method, whole in (("PATCH", {}), ("PUT", {"name": "c-1"})):
            problem = admin.refused(422, method, path, {**whole, **body})
            assert (problem["field"], "several targets" in problem["detail"]) == ("/target" if "target" in body else "/targetId", True)
    assert admin.get(path)["version"] == 1
    assert admin.put(path, {"name": "c-1", "description": "kept"})["target"] == "west"

    admin.delete(f"{API}/targets/name:east")
    assert admin.patch(path, {"target": None})["target"] == "west"


def test_what_can_not_be_absent_is_not_taken_away(fleet):
    for path, body in ((f"{API}/applications/name:web%2Fshop", {"createdAt": None, "createdBy": None, "updatedAt": None}),
                       (f"{API}/groups/name:%2Fbeta", {"id": None, "namePath": None}), (f"{API}/targets/1", {"format": None})):
        problem = fleet.refused(422, "PATCH", path, body)
        assert [error["pointer"][1:] for error in problem["errors"]] == [field for field in body if field != "updatedAt"]
    assert fleet.patch(f"{API}/clusters/name:east-1", {"version": None, "updatedBy": None, "store": None})["version"] == 1


def test_a_repository_and_branch_stand_for_their_target(admin):
    load(admin, targets=[target("west"), target("east", branch="stores")])

    made = admin.post(f"{API}/clusters", {"name": "c-1", "gitOpsRepo": "/srv/git/east.git", "gitOpsBranch": "stores"})
    assert (made["target"], made["gitOpsRepo"], made["gitOpsBranch"]) == ("east", "/srv/git/east.git", "stores")
    moved = admin.patch(f"{API}/clusters/{made['id']}", {"gitOpsRepo": "/srv/git/west.git", "gitOpsBranch": None})
    assert moved["target"] == "west"
    problem = admin.refused(422, "PATCH", f"{API}/clusters/{made['id']}", {"gitOpsRepo": "/srv/git/none.git"})
    assert problem["field"] == "/gitOpsRepo"


def test_a_repository_or_branch_that_is_not_that_of_the_named_target_is_refused_on_every_path(admin):
    load(admin, targets=[target("west"), target("east", branch="stores")], clusters=[{"name": "c-1", "target": "west"}])
    path, before = f"{API}/clusters/name:c-1", admin.get(f"{API}/export")
    document = admin.get(path)
    east = {"gitOpsRepo": "/srv/git/east.git"}
    for method, where, body, pointers in [
            ("PUT", path, {**document, **east}, ["/gitOpsRepo"]), ("PUT", path, {**document, "target": "east", "targetId": 2}, ["/gitOpsRepo", "/gitOpsBranch"]),
            ("PATCH", path, {"gitOpsBranch": "nonexistent", "target": "west"}, ["/gitOpsBranch"]), ("PATCH", path, {**east, "targetId": 1}, ["/gitOpsRepo"]),
            ("POST", f"{API}/clusters", {"name": "c-2", "target": "west", **east}, ["/gitOpsRepo"]), ("PATCH", path, {"gitOpsBranch": "x", "gitOpsRepo": None}, ["/gitOpsRepo"]),
            ("POST", f"{API}/apply", {"clusters": [{"name": "c-1", "target": "west", **east}]}, ["/clusters/0/gitOpsRepo"])]:
        problem = admin.refused(422, method, where, body)
        assert [fault["pointer"] for fault in problem["errors"]] == pointers and "hint" in problem
    assert admin.get(f"{API}/export") == before


def test_a_repository_and_branch_that_are_those_of_the_target_may_stay_beside_it(admin):
    load(admin, targets=[target("west"), target("east", branch="stores")], clusters=[{"name": "c-1", "target": "west"}])
    path = f"{API}/clusters/name:c-1"
    assert admin.request("PUT", path, admin.get(path)).json["version"] == 1
    assert admin.patch(path, {"gitOpsRepo": None})["target"] == "west", "null says nothing of the target"
    assert admin.patch(path, {"gitOpsRepo": "/srv/git/east.git", "target": "east"})["gitOpsBranch"] == "stores"
    assert admin.patch(path, {"target": "west"})["gitOpsRepo"] == "/srv/git/west.git"


def test_of_a_name_and_an_id_that_disagree_the_hint_says_to_leave_out_the_ids(fleet):
    path, stores_id = f"{API}/clusters/name:east-1", fleet.get(f"{API}/groups/name:%2Fstores")["id"]
    load(fleet, targets=[target("second")])
    for body, left_out in (({"target": "main", "targetId": 2}, "targetId"), ({"groups": ["/beta"], "groupIds": [1, 2]}, "groupIds"),
                           ({"groups": ["/beta"], "groupIds": [stores_id]}, "groupIds")):
        assert f"leave out {left_out}" in fleet.refused(422, "PATCH", path, body)["hint"]


def test_an_applications_flux_name_is_given_once(fleet):
    assert fleet.get(f"{API}/applications/name:web/shop")["fluxName"] == "shop"
    load(fleet, namespaces=[{"name": "second"}])
    twin = fleet.post(f"{API}/applications", {"name": "shop", "namespace": "second", "path": "apps/shop"})
    assert twin["fluxName"] == "second-shop"
    assert fleet.patch(f"{API}/applications/{twin['id']}", {"name": "store"})["fluxName"] == "second-shop"
    assert fleet.patch(f"{API}/applications/{twin['id']}", {"fluxName": None})["fluxName"] == "second-shop"
    for other in ("shop", "free"):
        problem = fleet.refused(422, "PATCH", f"{API}/applications/{twin['id']}", {"fluxName": other})
        assert (problem["field"], "second-shop" in problem["detail"]) == ("/fluxName", True)
    for name, flux_name in (("namespaces", "second-namespaces"), ("gitops", "second-gitops")):
        made = fleet.post(f"{API}/applications", {"name": name, "namespace": "second", "path": "apps/x"})
        assert made["fluxName"] == flux_name
    fleet.post(f"{API}/applications", {"name": "a" * 60, "namespace": "second", "path": "apps/x"})
    long = fleet.post(f"{API}/applications", {"name": "a" * 60, "namespace": "web", "path": "apps/x"})["fluxName"]
    assert long != "a" * 60 and len(long) <= 63


# ---- ETags ----

def test_a_stale_if_match_is_refused_and_changes_nothing(fleet):
    path = f"{API}/clusters/name:east-1"
    first = fleet.request("GET", path)
    fleet.patch(path, {"description": "one"}, headers={"If-Match": first.etag})
    second = fleet.request("GET", path)
    assert second.etag != first.etag

    for method, body in (("PATCH", {"description": "two"}), ("PATCH", {"description": "one"}), ("DELETE", None)):
        fleet.refused(412, method, f"{path}?confirm=1", body, headers={"If-Match": first.etag})
    assert fleet.request("GET", path).etag == second.etag
    fleet.patch(path, {"description": "two"}, headers={"If-Match": f'{first.etag}, {second.etag}'})
    fleet.patch(path, {"description": "three"}, headers={"If-Match": "*"})
    fleet.refused(412, "PATCH", path, {"description": "four"}, headers={"If-Match": "W/" + fleet.request("GET", path).etag})


def test_what_changed_meanwhile_is_said_before_what_is_in_the_way(fleet):
    path = f"{API}/clusters/name:east-1"
    stale = {"If-Match": fleet.request("GET", path).etag}
    fleet.patch(path, {"description": "one"})
    fleet.refused(412, "DELETE", path, headers=stale)  # not that it wants a ?confirm=
    fleet.refused(412, "PATCH", path, {"name": "other"}, headers=stale)  # not that a name is fixed
    fleet.refused(412, "PATCH", f"{path}?dryRun=true", {"description": "two"}, headers=stale)
    fleet.refused(422, "PATCH", path, {"colour": "red"}, headers=stale)
    fleet.refused(409, "DELETE", path, headers={"If-Match": fleet.request("GET", path).etag})


def test_if_none_match_writes_nothing_that_is_there(fleet):
    path = f"{API}/clusters/name:east-1"
    before = fleet.request("GET", path)
    whole = {**before.json, "description": "new"}
    for method, at, body in (("PATCH", path, {"description": "new"}), ("PUT", path, whole), ("DELETE", f"{path}?confirm=1", None), ("PUT", f"{path}/tags/new", None)):
        for header in ("*", before.etag, f'"0123456789abcdef", W/{before.etag}'):
            fleet.refused(412, method, at, body, headers={"If-None-Match": header})
    assert fleet.request("GET", path).etag == before.etag
    fleet.patch(path, {"description": "new"}, headers={"If-None-Match": '"0123456789abcdef"'})


@pytest.mark.parametrize("thing, action, body", [
    ("applications/name:web%2Fshop", "pause", {"reason": "x"}), ("applications/name:web%2Fshop", "resume", {"reason": "x"}),
    ("targets/name:west", "pause", {"reason": "x"}), ("groups/name:%2Fbeta", "members", {"add": ["west-1"]}),
])
def test_an_action_is_guarded_by_the_etag_of_its_object(fleet, thing, action, body):
    path = f"{API}/{thing}"
    stale = fleet.request("GET", path).etag
    fleet.patch(path, {"description": "changed"})
    now = fleet.request("GET", path).etag
    for query in ("", "?dryRun=true"):
        fleet.refused(412, "POST", f"{path}/{action}{query}", body, headers={"If-Match": stale})
    fleet.refused(412, "POST", f"{path}/{action}", body, headers={"If-None-Match": "*"})
    assert fleet.request("GET", path).etag == now
    fleet.post(f"{path}/{action}", body, headers={"If-Match": now})


@pytest.mark.parametrize("path, body", [("apply", {"clusters": []}), ("clusters/bulk", {"expression": "all", "tags": ["x"]})])
def test_a_write_of_many_objects_takes_no_etag(fleet, path, body):
    for header in ("If-Match", "If-None-Match"):
        problem = fleet.refused(400, "POST", f"{API}/{path}", body, headers={header: "*"})
        assert "ifRevision" in problem["hint"]


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_what_has_no_etag_has_no_precondition_either(fleet, header):
    token = fleet.post(f"{API}/tokens", {"name": "ci", "role": "viewer"})["id"]
    for method, path, body in (("PUT", "targets/1/webhook", {"secret": "s" * 16}), ("DELETE", "targets/1/webhook", None), ("POST", "targets/1/push", None),
                               ("POST", "targets/1/push?dryRun=true", None), ("DELETE", f"tokens/{token}", None), ("POST", "jobs/1/retry", None),
                               ("POST", "tokens", {"name": "new", "role": "viewer"}), ("POST", "groups", {"name": "new"}), ("POST", "groups?dryRun=true", {"name": "new"})):
        assert header in fleet.refused(400, method, f"{API}/{path}", body, headers={header: '"x"'})["detail"], path
    assert fleet.get(f"{API}/tokens/{token}")["revokedAt"] is None


# ---- pausing ----

@pytest.mark.parametrize("path", ["applications/name:web%2Fshop", "targets/name:west"])
def test_the_reason_of_a_pause_goes_with_it(fleet, path):
    path = f"{API}/{path}"
    noun, name = path.split("/")[-2], {"name": "west"} if "targets" in path else {"name": "shop", "namespace": "web"}
    fleet.post(f"{path}/pause", {"reason": "outage"})
    assert fleet.patch(path, {"description": "still"})["pausedReason"] == "outage"
    for resume in (lambda: fleet.patch(path, {"paused": False}), lambda: fleet.post(f"{API}/apply", {noun: [{**name, "paused": False}]})):
        fleet.post(f"{path}/pause", {"reason": "outage"})
        resume()
        assert (fleet.get(path)["paused"], fleet.get(path)["pausedReason"]) == (False, None)
        assert fleet.patch(path, {"paused": True})["pausedReason"] is None
        assert fleet.patch(path, {"pausedReason": "a new one"})["pausedReason"] == "a new one"
        fleet.post(f"{path}/resume", {"reason": "over"})


def test_an_unchanged_object_is_not_sent_again(fleet):
    etag = fleet.request("GET", f"{API}/clusters/1").etag

    answer = fleet.request("GET", f"{API}/clusters/1", headers={"If-None-Match": f'"x", {etag}'})
    assert (answer.status, answer.body, answer.etag) == (304, b"", etag)
    assert fleet.request("GET", f"{API}/clusters/1", headers={"If-None-Match": '"0123456789abcdef"'}).status == 200


@pytest.mark.parametrize("query", ["", "?$select=name", "?$expand=target"])
def test_an_object_is_read_only_as_if_match_asks_for_it(fleet, query):
    path = f"{API}/clusters/name:east-1"
    etag = fleet.request("GET", path).etag
    for header, status in ((etag, 200), (f'"x", {etag}', 200), ("*", 200), ('"0123456789abcdef"', 412), (f"W/{etag}", 412)):
        for method in ("GET", "HEAD"):
            assert fleet.request(method, path + query, headers={"If-Match": header}).status == status, (method, header)
    fleet.patch(path, {"description": "new"})
    assert fleet.refused(412, "GET", path + query, headers={"If-Match": etag})["code"] == "stale"
    assert fleet.request("GET", f"{API}/clusters/999", headers={"If-Match": "*"}).status == 404


def test_an_etag_changes_with_what_the_object_shows_of_others(fleet):
    path = f"{API}/clusters/name:east-1"
    before = fleet.request("GET", path)
    fleet.patch(f"{API}/groups/name:/beta", {"name": "ring-0"})
    after = fleet.request("GET", path)

    assert after.json["groups"] == ["/ring-0", "/stores/east"]
    assert after.etag != before.etag
    assert after.json["version"] == before.json["version"]


# ---- deleting ----

def test_what_is_referred_to_is_not_deleted(fleet):
    for path, referrer in (("groups/name:/stores/east", "east-1"), ("groups/name:/stores", "east"), ("groups/name:/beta", "web"),
                           ("namespaces/name:web", "shop"), ("targets/name:west", "east-1")):
        problem = fleet.refused(409, "DELETE", f"{API}/{path}")
        assert referrer in str(problem), problem
    fleet.delete(f"{API}/applications/name:web/shop")
    fleet.delete(f"{API}/namespaces/name:web")
    fleet.refused(404, "DELETE", f"{API}/namespaces/name:web")


def test_deleting_an_active_cluster_has_to_be_confirmed(fleet):
    problem = fleet.refused(409, "DELETE", f"{API}/clusters/name:west-1")
    assert (problem["code"], "confirm=1" in problem["hint"]) == ("confirm", True)
    fleet.delete(f"{API}/clusters/name:west-1?confirm=1")
    fleet.patch(f"{API}/clusters/name:east-2?confirm=1", {"state": "closed"})
    fleet.delete(f"{API}/clusters/name:east-2")


def test_closing_a_cluster_on_which_something_runs_has_to_be_confirmed(fleet):
    path = f"{API}/clusters/name:west-1"
    for before in ("active", "suspended"):
        fleet.patch(path, {"state": before})
        for state in ("closing", "closed"):
            for method, body in (("PATCH", {"state": state}), ("PUT", {**fleet.get(path), "state": state})):
                for query in ("", "?confirm=2"):
                    problem = fleet.refused(409, method, path + query, body)
                    assert (problem["code"], "confirm=1" in problem["hint"]) == ("confirm", True)
                assert fleet.request(method, f"{path}?dryRun=true", body).headers["Resedge-Confirm"] == "1"
    fleet.patch(f"{path}?confirm=1", {"state": "closing"})
    fleet.patch(path, {"state": "closed"})  # nothing runs there any more
    fleet.patch(path, {"state": "planned"})
    fleet.patch(path, {"state": "closed"})


def test_renaming_what_is_deployed_has_to_be_confirmed(fleet):
    load(fleet, namespaces=[{"name": "empty"}])
    for path, body in (("namespaces/name:web", {"name": "www"}), ("applications/name:web/shop", {"name": "store"}),
                       ("applications/name:web/shop", {"namespace": "empty"})):
        problem = fleet.refused(409, "PATCH", f"{API}/{path}", body)
        assert problem["code"] == "confirm" and "1 cluster" in problem["detail"]
        fleet.refused(409, "PATCH", f"{API}/{path}?confirm=2", body)
    fleet.patch(f"{API}/namespaces/name:web?confirm=1", {"name": "www"})
    assert fleet.get(f"{API}/applications/name:www/shop")["namespace"] == "www"
    fleet.patch(f"{API}/namespaces/name:empty", {"name": "still-empty"})


# ---- renaming ----

@pytest.mark.parametrize("method, path, body, status, field", [
    ("PATCH", "namespaces/name:web", {"name": "default"}, 422, "/name"),
    ("PATCH", "namespaces/name:web", {"name": "front", "expression": "/g/nope"}, 422, "/expression"),
    ("PATCH", "applications/name:web%2Fshop", {"namespace": "nope"}, 422, "/namespace"),
    ("PATCH", "applications/name:web%2Fshop", {"name": "cart"}, 409, "/name"),
    ("PATCH", "clusters/name:east-1", {"state": "closing", "groups": ["/nope"]}, 422, "/groups/0"),
    ("PATCH", "clusters/name:east-1", {"state": "closed", "metadata": {"lanes": "many"}}, 422, "/metadata/lanes"),
    ("POST", "clusters/bulk", {"expression": "all", "state": "closing", "set": {"lanes": "many"}}, 422, "/set/lanes"),
    ("POST", "apply?prune=true", {"namespaces": [{"name": "web", "expression": "/g/nope"}], "clusters": []}, 422, "/namespaces/0/expression"),
    ("DELETE", "groups/name:beta?cascade=true", None, 409, None)])
def test_what_is_refused_anyway_has_not_to_be_confirmed_first(fleet, method, path, body, status, field):
    load(fleet, applications=[{"name": "cart", "namespace": "web", "path": "apps/cart"}], metadataKeys=[{"name": "lanes", "type": "integer"}])

    problem = fleet.refused(status, method, f"{API}/{path}", body)
    assert (problem["code"] == "confirm", problem.get("field")) == (False, field)


def test_renaming_a_group_changes_paths_members_and_expressions_in_one_revision(fleet):
    load(fleet, groups=[{"name": "mixed", "expression": "not /g/stores/east and all"}],
         namespaces=[{"name": "db", "expression": "/g/stores/east  or /c/west-1", "allowed": "/g/stores"}],
         applications=[{"name": "cache", "namespace": "db", "path": "apps/cache",
                        "releases": [{"version": "1.0.0", "expression": "/g/stores/west"}]}])
    before = fleet.get(f"{API}/namespaces/name:db/clusters")
    revision = fleet.request("GET", f"{API}/clusters").revision

    answer = fleet.request("PATCH", f"{API}/groups/name:/stores", {"name": "our shops"})
    assert answer.revision == revision + 1

    assert fleet.get(f"{API}/groups/name:/our%20shops/east")["parent"] == "/our shops"
    assert fleet.get(f"{API}/clusters/name:east-2")["groups"] == ["/our shops/east"]
    db = fleet.get(f"{API}/namespaces/name:db")
    assert "our shops/east" in db["expression"] and "stores" not in db["expression"]
    assert "our shops" in db["allowed"]
    assert "our shops/east" in fleet.get(f"{API}/groups/name:/mixed")["expression"]
    assert "our shops/west" in fleet.get(f"{API}/applications/name:db/cache")["releases"][0]["expression"]
    assert fleet.get(f"{API}/namespaces/name:web")["expression"] == "/g/beta"
    assert fleet.get(f"{API}/namespaces/name:db/clusters") == before
    changed = {(c["noun"], c["id"]) for c in fleet.get(f"{API}/changes?since={revision}")["changes"]}
    assert len(changed) == 3 + 1 + 3 + 1 + 1  # groups, the mixed one, clusters, db, cache


def test_renaming_a_namespace_changes_the_expressions_that_name_it(fleet):
    load(fleet, namespaces=[{"name": "sidecar", "expression": "/n/web and not /c/west-1"}])
    fleet.patch(f"{API}/namespaces/name:web?confirm=1", {"name": "www"})
    assert fleet.get(f"{API}/namespaces/name:sidecar")["expression"] == "/n/www and not /c/west-1"


def test_another_url_of_a_target_shows_on_its_clusters(fleet):
    fleet.patch(f"{API}/targets/name:west", {"url": "/srv/git/moved.git"})
    assert fleet.get(f"{API}/clusters/name:east-1")["gitOpsRepo"] == "/srv/git/moved.git"


# ---- lists ----

def test_a_list_comes_in_pages_with_a_link_to_the_next(admin):
    load(admin, targets=[target()], clusters=[cluster(f"c-{n:02}") for n in range(25)])

    seen, path = [], f"{API}/clusters?$top=10&$orderby=name%20desc"
    while path:
        page = admin.get(path)
        assert page["@odata.count"] == 25
        seen += names(page)
        path = page.get("@odata.nextLink")
    assert seen == [f"c-{n:02}" for n in reversed(range(25))]
    assert names(admin.get(f"{API}/clusters?top=2&skip=1&orderby=name")) == ["c-01", "c-02"]
    assert admin.get(f"{API}/clusters?$top=5&$skip=100") == {"value": [], "@odata.count": 25}
    assert admin.get(f"{API}/clusters?$top=0")["@odata.count"] == 25


def test_a_list_can_be_searched_and_filtered(admin):
    load(admin, targets=[target()], clusters=[
        cluster("c-1", tags=["blue"], environment="Prod"), cluster("c-2", metadata={"city": "blue"}, environment="Test"),
        cluster("blue"), cluster("c-4", state="planned", environment="It's")])

    assert names(admin.get(f"{API}/clusters?$search=blue&$orderby=name")) == ["blue", "c-1", "c-2"]
    assert names(admin.get(f"{API}/clusters?search=%22blue%22&orderby=name&top=1")) == ["blue"]
    assert names(admin.get(f"{API}/clusters?$filter=name%20eq%20%27c-2%27")) == ["c-2"]
    assert names(admin.get(f"{API}/clusters?$filter=environment%20eq%20%27It%27%27s%27")) == ["c-4"]
    assert names(admin.get(f"{API}/clusters?filter=state+eq+'planned'")) == ["c-4"]
    assert names(admin.get(f"{API}/clusters?filter=id%20eq%202")) == ["c-2"]
    assert names(admin.get(f"{API}/clusters?filter=environment%20eq%20'Prod'&search=blue")) == ["c-1"]


@pytest.mark.parametrize("query", [
    "$top=1001", "$top=-1", "$skip=x", "$filter=name", "$filter=name%20eq%20x", "$filter=name%20eq%20%27it%27s%27", "$orderby=tags",
    "$select=nam", "$expand=names", "$apply=x", "$top=1&top=2", "fliter=x", "$count=maybe", "$skiptoken=x"])
def test_a_list_option_that_is_not_known_is_refused(admin, query):
    admin.refused(400, "GET", f"{API}/clusters?{query}")


@pytest.mark.parametrize("query", ["dryrun=true", "dry_run=true", "dryRun=%zz", "dryRun=tru", "confirm=x", "frce=true"])
def test_a_misspelt_parameter_of_a_write_writes_nothing(fleet, query):
    before = fleet.request("GET", f"{API}/clusters").revision
    for method, path in (("POST", "clusters"), ("POST", "apply"), ("PATCH", "clusters/name:east-1"), ("DELETE", "clusters/name:east-1")):
        problem = fleet.refused(400, method, f"{API}/{path}?{query}", {"description": "x"} if method != "DELETE" else None)
        assert "query" in problem.get("object", "") + problem["detail"], problem
    assert fleet.request("GET", f"{API}/clusters").revision == before
