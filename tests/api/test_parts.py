"""Parts of an object without the whole, and one change to many clusters."""

import pytest

from resedge_test.fleet import API, Copy, cluster, load, names, stores

EAST = f"{API}/clusters/name:east-1"


def put(client, path, body=None, status=200, **kwargs):
    answer = client.request("PUT", path, body, **kwargs)
    assert answer.status == status, answer
    return answer


def delete(client, path, status=200, **kwargs):
    answer = client.request("DELETE", path, **kwargs)
    assert answer.status == status, answer
    return answer


def test_one_metadata_value_is_set_and_taken_away(admin):
    stores(admin)
    admin.patch(EAST, {"metadata": {"a": "1"}})
    answer = put(admin, f"{EAST}/metadata/b", {"value": "2"})
    assert answer.json["metadata"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    assert answer.etag == admin.request("GET", EAST).etag
    assert put(admin, f"{EAST}/metadata/b", {"value": 3}).json["metadata"][1] == {"key": "b", "value": "3"}
    assert delete(admin, f"{EAST}/metadata/a").json["metadata"] == [{"key": "b", "value": "3"}]
    delete(admin, f"{EAST}/metadata/a", status=404)
    admin.refused(422, "PUT", f"{EAST}/metadata/c", {"valeu": "2"})
    admin.refused(400, "PUT", f"{EAST}/metadata/no%20key", {"value": "2"})
    admin.refused(404, "PUT", f"{API}/clusters/999/metadata/a", {"value": "2"})


def test_of_one_metadata_value_each_fault_is_pointed_at(admin):
    stores(admin)
    for body, pointers in (({"value": 7, "z": 1}, ["/z"]), ({"z": 1}, ["/z", "/value"]), ({"value": None}, ["/value"]), ({"value": [1]}, ["/value"]),
                           ([7], [""])):
        problem = admin.refused(422, "PUT", f"{EAST}/metadata/k", body)
        assert [fault["pointer"] for fault in problem["errors"]] == pointers, problem
    assert 'unknown field "z"' in admin.refused(422, "PUT", f"{EAST}/metadata/k", {"value": 7, "z": 1})["detail"]
    for value, text in ((7, "7"), (1.5, "1.5"), (True, "true"), ("x", "x")):
        assert put(admin, f"{EAST}/metadata/k", {"value": value}).json["metadata"] == [{"key": "k", "value": text}]


def test_one_tag_is_added_and_taken_away(admin):
    stores(admin)
    assert put(admin, f"{EAST}/tags/kiosk").json["tags"] == ["kiosk"]
    assert put(admin, f"{EAST}/tags/fuel").json["tags"] == ["fuel", "kiosk"]
    revision = Copy(admin).revision
    put(admin, f"{EAST}/tags/fuel")
    assert Copy(admin).revision == revision
    assert delete(admin, f"{EAST}/tags/kiosk").json["tags"] == ["fuel"]
    delete(admin, f"{EAST}/tags/kiosk", status=404)


def test_parts_of_every_noun_can_be_written(admin):
    stores(admin)
    load(admin, policies=[{"name": "quiet", "path": "p"}], metadataKeys=[{"name": "size", "type": "string"}])
    for path in ("targets/name:west", "metadataKeys/name:size", "groups/name:%2Fstores%2Feast", "policies/name:quiet",
                 "namespaces/name:web", "applications/name:web%2Fshop", "clusters/1"):
        assert put(admin, f"{API}/{path}/tags/new").json["tags"] == ["new"]
        assert put(admin, f"{API}/{path}/metadata/owner-team", {"value": "x"}).json["metadata"] == [{"key": "owner-team", "value": "x"}]


def test_a_part_is_guarded_by_the_etag_of_the_whole(admin):
    stores(admin)
    etag = admin.request("GET", EAST).etag
    put(admin, f"{EAST}/tags/a", headers={"If-Match": etag})
    put(admin, f"{EAST}/tags/b", status=412, headers={"If-Match": etag})


def test_members_are_added_and_removed_by_name_id_or_expression(admin):
    stores(admin)
    path = f"{API}/groups/name:%2Fbeta/members"
    east = admin.get(f"{API}/clusters/name:east-1")["id"]

    answer = admin.post(path, {"add": ["west-1", "east-2"], "remove": [east]})
    assert (answer["selected"], answer["changed"]) == (3, 3)
    assert names(admin.get(f"{API}/groups/name:%2Fbeta/clusters")) == ["east-2", "west-1"]
    answer = admin.post(path, {"add": "/g/stores", "remove": "/c/west-1"})
    assert sorted(names(admin.get(f"{API}/groups/name:%2Fbeta/clusters"))) == ["east-1", "east-2"]
    assert admin.get(f"{API}/revisions/{answer['revision']}")["revision"] == answer["revision"]
    problem = admin.refused(422, "POST", path, {"add": ["east-1", "nobody", 999]})
    assert [fault["pointer"] for fault in problem["errors"]] == ["/add/1", "/add/2"]
    admin.refused(422, "POST", path, {"add": "/g/nowhere"})
    admin.refused(422, "POST", path, {"adds": []})


def test_a_bulk_change_hits_all_selected_clusters_in_one_revision(admin):
    stores(admin)
    load(admin, clusters=[{"name": "east-1", "metadata": {"old": "x", "keep": "y"}, "tags": ["a", "b"]}])
    before = Copy(admin).revision

    answer = admin.post(f"{API}/clusters/bulk?reason=season", {
        "expression": "/g/stores/east", "set": {"season": "winter"}, "unset": ["old"], "addGroups": ["/beta"],
        "removeGroups": ["stores/east"], "tags": {"add": ["c"], "remove": ["a"]}, "state": "suspended"})
    assert (answer["revision"], answer["selected"], answer["changed"]) == (before + 1, 2, 2)
    assert sorted(answer["clusters"]) == ["east-1", "east-2"]
    east = admin.get(EAST)
    assert east["metadata"] == [{"key": "keep", "value": "y"}, {"key": "season", "value": "winter"}]
    assert (east["tags"], east["groups"], east["state"]) == (["b", "c"], ["/beta"], "suspended")
    assert admin.get(f"{API}/clusters/name:west-1")["metadata"] == []
    admin.post(f"{API}/clusters/bulk", {"expression": "/c/east-1", "tags": ["only"]})
    assert admin.get(EAST)["tags"] == ["only"]


def test_a_bulk_change_is_all_or_nothing(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lane", "type": "integer"}])
    before = Copy(admin)
    admin.refused(422, "POST", f"{API}/clusters/bulk", {"expression": "all", "set": {"lane": "many"}})
    problem = admin.refused(422, "POST", f"{API}/clusters/bulk", {"expression": "all", "state": "asleep", "set": {"no key": "x"}})
    assert [fault["pointer"] for fault in problem["errors"]] == ["/set/no key", "/state"]
    admin.refused(422, "POST", f"{API}/clusters/bulk", {"expression": "all", "addGroups": ["/nowhere"]})
    admin.refused(422, "POST", f"{API}/clusters/bulk", {"set": {"a": "b"}})
    admin.refused(422, "POST", f"{API}/clusters/bulk", {"expression": "all", "colour": "red"})
    problem = admin.refused(409, "POST", f"{API}/clusters/bulk", {"expression": "all", "state": "closing"})
    assert (problem["code"], "3 clusters" in problem["detail"]) == ("confirm", True)
    answer = admin.post(f"{API}/clusters/bulk?dryRun=true", {"expression": "all", "set": {"lane": "4"}})
    assert (answer["changed"], answer["dryRun"]) == (3, True)
    assert Copy(admin).docs == before.docs
    admin.post(f"{API}/clusters/bulk?confirm=3", {"expression": "all", "state": "closing"})


def faults(client, path, body):
    return [fault["pointer"] for fault in client.refused(422, "POST", f"{API}/{path}", body)["errors"]]


def test_a_bulk_change_is_told_all_its_faults_at_once(admin):
    stores(admin)
    wrong = {  # and "ok" is set to a number, which is its text
        "expression": "/g/", "set": {"a b": "1", "ok": 2.5}, "zz/1": 1, "state": "x", "unset": ["ok", 3, "fine"], "addGroups": ["/beta", "/nowhere"],
             "removeGroups": ["beta", "/no", 7], "tags": {"add": ["t", ""], "remove": [1], "keep": []}}
    assert sorted(faults(admin, "clusters/bulk", wrong)) == sorted([
        "/zz~11", "/expression", "/set/a b", "/state", "/unset/0", "/unset/1", "/addGroups/1", "/removeGroups/0", "/removeGroups/1", "/removeGroups/2",
        "/tags/add/1", "/tags/remove/0", "/tags/keep"])
    assert faults(admin, "clusters/bulk", {"set": {"ok": "1"}, "unset": ["x", "ok"], "tags": {"add": ["t"], "remove": ["t"]}}) == ["/expression", "/unset/1", "/tags/remove/0"]
    assert faults(admin, "clusters/bulk", {"expression": "nowhere", "tags": 3, "unset": "ok", "addGroups": {}}) == ["/expression", "/tags", "/unset", "/addGroups"]


def test_what_a_bulk_change_sets_is_held_against_the_declared_keys(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lane", "type": "integer"}, {"name": "open", "type": "boolean"}])
    assert sorted(faults(admin, "clusters/bulk", {"expression": "all", "set": {"zz": "1", "open": "maybe", "lane": "many"}, "addGroups": ["/no"]})) == [
        "/addGroups/0", "/set/lane", "/set/open"]


def test_members_are_told_all_their_faults_at_once(admin):
    stores(admin)
    path = "groups/name:%2Fbeta/members"
    assert faults(admin, path, {"add": ["east-1", "nobody"], "remove": "/g/", "colour": 1}) == ["/colour", "/add/1", "/remove"]


def test_a_write_is_refused_when_the_fleet_is_past_the_revision_that_it_names(admin, start_api):
    stores(admin)
    revision = Copy(admin).revision
    admin.post(f"{API}/clusters/bulk?ifRevision={revision}", {"expression": "all", "set": {"a": "1"}})
    assert admin.refused(412, "POST", f"{API}/clusters/bulk?ifRevision={revision}", {"expression": "all", "set": {"a": "2"}})["code"] == "stale"
    admin.refused(412, "POST", f"{API}/apply?ifRevision={revision}", {"clusters": [cluster("c-1")]})
    second = start_api().client("admin", "second")
    for n in range(5):  # a server that is asked for what it hasn't read yet waits for it
        revision = admin.request("PATCH", EAST, {"description": str(n)}).revision
        assert second.request("PATCH", f"{API}/clusters/name:west-1?ifRevision={revision}", {"description": str(n)}).status == 200


@pytest.mark.parametrize("body", ['"x"', "7", "[]", "null"])
def test_a_value_comes_in_an_object(admin, body):
    stores(admin)
    problem = admin.refused(422, "PUT", f"{API}/clusters/1/metadata/lanes", body, headers={"Content-Type": "application/json"})
    assert problem["detail"] == "the body must be an object" and problem["hint"] == 'The body is {"value": ...}.', problem


@pytest.mark.parametrize("expression, said", [(["c-1"], "must be text"), (7, "must be text"), (None, "is needed")])
def test_the_clusters_to_change_are_named_by_an_expression(admin, expression, said):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/clusters/bulk", {"expression": expression, "set": {"lanes": "1"}})
    assert problem["field"] == "/expression" and said in problem["detail"]


@pytest.mark.parametrize("write", [("PATCH", "groups/1", {}), ("POST", "groups", {"name": "new"})])
def test_of_a_key_that_is_there_twice_the_second_is_too_many(admin, write):
    stores(admin)
    method, path, body = write
    pairs = [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}, {"key": "a", "value": "2"}]
    assert admin.refused(422, method, f"{API}/{path}", {**body, "metadata": pairs})["field"] == "/metadata/2/key"


def test_a_tag_has_no_blanks_at_its_ends(admin):
    stores(admin)
    for tag in ("a ", " a", " "):
        assert "space" in admin.refused(422, "PATCH", f"{API}/clusters/1", {"tags": [tag]})["detail"]
        admin.refused(400, "PUT", f"{API}/clusters/1/tags/{tag.replace(' ', '%20')}")
    assert admin.patch(f"{API}/clusters/1", {"tags": ["a b"]})["tags"] == ["a b"]
