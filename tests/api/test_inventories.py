"""Inventories in every format, sets and what they own, pruning, exact differences, and the way back."""

import json

import pytest

from resedge_test import servers
from resedge_test.fleet import API, Copy, cluster, load, names, stores, target


def apply(client, body, query="", kind="application/json", status=200):
    body = body if isinstance(body, str) else json.dumps(body)
    answer = client.request("POST", f"{API}/apply?{query}", body, headers={"Content-Type": kind})
    assert answer.status == status, answer
    return answer.json


def rich(client):
    stores(client)
    load(client, groups=[{"name": "z"}, {"name": "a", "expression": "/g/z or /c/east-1", "metadata": {"k": "v: #'x'"}, "priority": 3}],
         policies=[{"name": "quiet", "path": "policies/quiet"}], metadataKeys=[{"name": "lane", "type": "integer", "default": "4"}],
         clusters=[cluster("café-1".replace("é", "e"), "/z", description="two\nlines: yes", tags=["t-1"], timeZone="America/Chicago",
                           location={"latitude": 1.5, "longitude": -97.25}, capacity={"memoryLimit": 8, "cpuLimit": 0.5}, state="planned")],
         namespaces=[{"name": "db", "expression": "/g/stores and not /g/z", "policies": ["quiet"], "owners": ["kim"]}],
         applications=[{"name": "store-db", "namespace": "db", "path": "apps/db", "releases": [{"version": "1.2.0", "expression": "/g/z"}]},
                       {"name": "loose", "path": "apps/loose"}])
    client.patch(f"{API}/groups/name:/z", {"parent": "/stores"})  # now below a group that is younger than it


@pytest.mark.parametrize("kind", ["application/json", "application/yaml"])
def test_what_is_exported_and_applied_elsewhere_is_exported_the_same(admin, postgres, template_database, tmp_path, kind):
    rich(admin)
    exported = admin.request("GET", f"{API}/export", headers={"Accept": kind})
    assert exported.headers["Content-Type"] == kind
    empty = postgres.create_database(template_database)
    other = servers.Api(tmp_path, postgres.url(empty), name="other")
    try:
        there = other.start().client("admin", "other")
        apply(there, exported.body.decode(), kind=kind)
        assert there.request("GET", f"{API}/export", headers={"Accept": kind}).body == exported.body
        assert apply(there, exported.body.decode(), kind=kind)["changes"] == []
    finally:
        other.check_ended_well()
        postgres.drop_database(empty)


def test_applications_keep_their_flux_names_in_another_data_service(admin, postgres, template_database, tmp_path):
    """Whichever comes first there: under another name Flux would prune what runs, and make it anew."""
    load(admin, targets=[target()], namespaces=[{"name": "aa"}, {"name": "zz"}])
    for name, namespace in (("same", "zz"), ("same", "aa"), ("old", "zz")):
        admin.post(f"{API}/applications", {"name": name, "namespace": namespace, "path": f"apps/{name}"})
    admin.patch(f"{API}/applications/name:zz%2Fold", {"name": "new"})
    flux = {f"{one['namespace']}/{one['name']}": one["fluxName"] for one in admin.get(f"{API}/applications")["value"]}
    assert flux == {"zz/same": "same", "aa/same": "aa-same", "zz/new": "old"}
    exported = admin.request("GET", f"{API}/export").body
    assert [one.get("fluxName") for one in json.loads(exported)["applications"] if one["name"] == "same"] in ([None, "aa-same"], ["aa-same", None])
    empty = postgres.create_database(template_database)
    other = servers.Api(tmp_path, postgres.url(empty), name="other")
    try:
        there = other.start().client("admin", "other")
        apply(there, exported.decode())
        assert {f"{one['namespace']}/{one['name']}": one["fluxName"] for one in there.get(f"{API}/applications")["value"]} == flux
        assert there.request("GET", f"{API}/export").body == exported
    finally:
        other.check_ended_well()
        postgres.drop_database(empty)
    for taken, status in (("same", 409), ("flux-system", 422), ("No", 422)):
        wrong = {"applications": [{"name": "third", "namespace": "aa", "path": "apps/x", "fluxName": taken}]}
        assert apply(admin, wrong, status=status)["field"] == "/applications/0/fluxName"
    twice = {"applications": [{"name": name, "namespace": "aa", "path": "apps/x", "fluxName": "n1"} for name in ("fn", "fm")]}
    assert 'belongs to the application "aa/f' in apply(admin, twice, query="dryRun=true", status=409)["detail"]


def test_an_inventory_may_be_ndjson(admin):
    lines = [{"noun": "cluster", "doc": {"name": "c-1", "groups": ["/g"]}}, {"noun": "group", "doc": {"name": "g"}}, {"noun": "target", "doc": target()}]
    answer = apply(admin, "\n".join(map(json.dumps, lines)) + "\n", kind="application/x-ndjson")
    assert answer["created"] == {"targets": 1, "groups": 1, "clusters": 1}
    problem = apply(admin, '{"noun": "group", "doc": {"name": "h"}}\n{"name": "x"}\n', kind="application/x-ndjson", status=422)
    assert problem["line"] == 2
    assert apply(admin, '{"noun": "group"\n', kind="application/x-ndjson", status=400)["line"] == 1


def places(problem):
    return [(fault["line"], fault["pointer"]) for fault in problem["errors"]]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_lines_are_told_all_their_faults_at_once_with_their_numbers(admin, headers):
    load(admin, targets=[target()])
    lines = ['{"noun": "cluster", "doc": {"name": "c-1", "store": 7, "colour": "red"}}', "", '{"noun": "shop", "doc": [], "extra/1": 1}', "[]",
             '{"noun": "cluster", "doc": {"name": "No"}}', '{"noun": "group", "doc": {"name": "g"}}', '{"doc": {"name": "x"}}', '{"noun": "clusster", "doc": {}}']
    problem = apply(admin, "\n".join(lines), kind="application/x-ndjson", status=422)
    assert places(problem) == [(1, "/doc/store"), (1, "/doc/colour"), (3, "/extra~11"), (3, "/noun"), (3, "/doc"), (4, ""), (5, "/doc/name"), (7, "/noun"), (8, "/noun")]
    assert problem["errors"][-1]["hint"] == 'Did you mean "cluster"?'
    problem = apply(admin, "\n".join(lines + ["{"]), kind="application/x-ndjson", status=400)
    assert places(problem)[-1] == (9, "") and len(problem["errors"]) == 10
    wrong = [{"noun": "cluster", "doc": {"name": f"c-{n}", "groups": ["/g", f"/no-{n}"]}} for n in range(3)] + [{"noun": "group", "doc": {"name": "g"}}]
    text = "\n\n".join(map(json.dumps, wrong))  # known against the fleet alone
    answer = admin.request("POST", f"{API}/apply", text, headers={"Content-Type": "application/x-ndjson"} | headers)
    assert (answer.status, places(answer.json)) == (422, [(1, "/doc/groups/1"), (3, "/doc/groups/1"), (5, "/doc/groups/1")]), answer


def test_what_is_there_twice_is_told_with_both_lines_beside_other_faults(admin):
    load(admin, targets=[target()])
    lines = ['{"noun": "group", "doc": {"name": "g"}}', "", '{"noun": "cluster", "doc": {"name": "c", "zz": 1}}', '{"noun": "cluster", "doc": {"name": "c", "store": 5}, "yy": 1}']
    problem = apply(admin, "\n".join(lines), kind="application/x-ndjson", status=422)
    assert places(problem) == [(3, "/doc/zz"), (4, "/yy"), (4, "/doc/store"), (4, "/doc/name")]
    assert problem["errors"][-1]["hint"] == "The first one is in line 3."
    problem = apply(admin, "name,zz,name,location,location.latitude\nA,1,x,,\nb,1,c,,\nb,1,d,,\n", kind="text/csv", status=422)
    assert places(problem) == [(1, "/zz"), (1, "/name"), (1, "/location.latitude"), (2, "/name"), (4, "/name")]
    assert problem["errors"][-1]["hint"] == "The first one is in line 3."
    problem = apply(admin, {"clusters": [{"name": "aa", "zz": 1}, {"name": "aa"}]}, status=422)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/clusters/0/zz", "/clusters/1/name"]


def test_a_table_is_told_all_its_faults_at_once_with_their_lines(admin):
    load(admin, targets=[target()])
    text = 'name,colour,groups,description\nc-1,red,/no,"two\nlines"\nc-2,red,,,more\nC 3,red,,\n"c-4"x,red,,\nc-5,red,,"open\n'
    problem = apply(admin, text, kind="text/csv", status=422)
    assert places(problem) == [(1, "/colour"), (4, ""), (5, "/name"), (6, ""), (7, "")]
    assert ["column" in problem["detail"], problem["line"]] == [True, 1]
    problem = apply(admin, 'name,groups,metadata.a b\nc-1,,\nc-2,/no,\n\nc-3,/no;/neither,', kind="text/csv", status=422)
    assert sorted(places(problem)) == [(3, "/groups/0"), (5, "/groups/0"), (5, "/groups/1")]


def test_yaml_that_cannot_be_read_tells_the_line(admin):
    load(admin, targets=[target()])
    for text, status, line, pointer in (("clusters:\n- name: a\n  - b\n", 400, 3, None), ("clusters:\n- name: a\n  tags: *x\n", 400, 3, None),
                                        ("clusters:\n- {name: a}\n- name: b\n  name: c\n", 422, 4, "/clusters/1/name"), ("a: \x01\n", 400, 1, None)):
        problem = apply(admin, text, kind="application/yaml", status=status)
        assert (problem["line"], problem.get("field")) == (line, pointer) and "body" not in problem["detail"], problem
    problem = admin.request("PATCH", f"{API}/targets/1", "description: x\nbranch: [a\n", headers={"Content-Type": "application/yaml"})
    assert (problem.status, problem.json["line"]) == (400, 3), problem


def test_a_column_that_is_there_several_times_is_told_once_as_that(admin):
    load(admin, targets=[target()])
    problem = apply(admin, "zz,zz,zz,name,store,store,zz.a\n1,2,3,c-1,5,6,7\n", kind="text/csv", status=422)
    assert [(error["pointer"], error["detail"]) for error in problem["errors"]] == [
        ("/zz", 'unknown column "zz"'), ("/zz", 'the column "zz" is there 3 times'), ("/store", 'the column "store" is there twice'),
        ("/zz.a", 'unknown column "zz.a"')]


def test_clusters_may_come_as_csv(admin):
    load(admin, targets=[target()], groups=[{"name": "a"}, {"name": "b"}])
    text = 'name,groups,tags,store,metadata.region,metadata.note\r\nc-1,/a;/b,kiosk,17,west,"says ""hi"", twice; over"\r\nc-2,/a,,,,\r\n'
    assert apply(admin, text, kind="text/csv")["created"] == {"clusters": 2}
    one = admin.get(f"{API}/clusters/name:c-1")
    assert (one["groups"], one["tags"], one["store"]) == (["/a", "/b"], ["kiosk"], "17")
    assert one["metadata"] == [{"key": "note", "value": 'says "hi", twice; over'}, {"key": "region", "value": "west"}]
    assert admin.get(f"{API}/clusters/name:c-2")["metadata"] == []
    for bad in ("name,name\n", 'name,store\n"c-3', "name\nc-3,4\n", "name,colour\nc-3,red\n", 'name\n"c"-3\n'):
        apply(admin, bad, kind="text/csv", status=422)


def test_a_table_of_some_keys_leaves_the_others_as_they_are(admin):
    load(admin, targets=[target()], metadataKeys=[{"name": "b", "type": "integer"}],
         clusters=[cluster("m1", metadata={"a": "1", "b": "2", "e": ""}, capacity={"memoryLimit": 4, "cpuLimit": 2})])
    path = f"{API}/clusters/name:m1"
    before = admin.get(path)
    assert apply(admin, "name,metadata.a,metadata.e,capacity.cpuLimit\nm1,1,,2\n", kind="text/csv")["changes"] == []
    apply(admin, "name,metadata.c,metadata.a,capacity.memoryLimit\nm1,3,,8\n", "set=s", kind="text/csv")
    after = admin.get(path)
    assert after["metadata"] == [*before["metadata"][:2], {"key": "c", "value": "3"}, before["metadata"][2]]
    assert after["capacity"] == {"memoryLimit": 8, "cpuLimit": 2}
    for text, line in (("name,metadata.b\nm1,x\n", 2), ("name,metadata.b,store\nm1,x,\nm2,y,\u0007\n", 2)):
        problem = apply(admin, text, kind="text/csv", status=422)
        assert places(problem)[0] == (line, "/metadata/b")
    apply(admin, {"clusters": [{"name": "m1", "metadata": {"a": "9"}}]})  # said as a whole
    assert admin.get(path)["metadata"] == [{"key": "a", "value": "9"}]


def test_csv_says_in_which_line_it_is_wrong(admin):
    for bad, line, says in (("name,name\n", 1, "twice"), ("name,location,location.latitude\n", 1, "both can't be"), ('name,store\n\n"c-3', 3, "no end"),
                            ("name\nc-3,4\n", 2, "more cells"), ('name\n\n"c"-3\n', 3, "other text"), ("name\nc-1\nc-\0", 3, "NUL"),
                            ('name,description\nc-1,"a\nb"\nc-2,x,y', 4, "more cells")):
        problem = apply(admin, bad, kind="text/csv", status=422)
        assert problem["line"] == line and says in problem["detail"], problem
    problem = admin.request("POST", f"{API}/apply", b"name\nc-1\n\xff\n", headers={"Content-Type": "text/csv"})
    assert (problem.status, problem.json["line"]) == (422, 3)


def test_empty_lines_of_csv_say_nothing(admin):
    load(admin, targets=[target()])
    assert apply(admin, "\ufeffname,store\r\n\r\nc-1,1\r\n\n\nc-2\r\n\r\n", "dryRun=true", kind="text/csv")["created"] == {"clusters": 2}


@pytest.mark.parametrize("kind", ["application/json", "application/yaml", "application/x-ndjson"])
def test_a_value_of_metadata_stays_as_it_was_written(admin, kind):
    load(admin, targets=[target()])
    written = {"a": "1.10", "b": "1e3", "c": "true"} | ({"d": "007", "e": "+1", "f": ".5"} if "yaml" in kind else {})
    metadata = ", ".join(f'{{"key": "{key}", "value": {value}}}' for key, value in written.items())
    cluster = f'{{"name": "c-1", "capacity": {{"memoryLimit": 8, "cpuLimit": {".5" if "yaml" in kind else "0.5"}}}, "metadata": [{metadata}]}}'
    apply(admin, f'{{"noun": "cluster", "doc": {cluster}}}' if "ndjson" in kind else f'{{"clusters": [{cluster}]}}', kind=kind)
    there = admin.get(f"{API}/clusters/name:c-1")
    assert {item["key"]: item["value"] for item in there["metadata"]} == written and there["capacity"]["cpuLimit"] == 0.5


def in_kind(kind, clusters):
    if kind == "text/csv":
        return "name,description\n" + "".join(f'{one["name"]},{one["description"]}\n' for one in clusters)
    if kind == "application/x-ndjson":
        return "".join(json.dumps({"noun": "cluster", "doc": one}) + "\n" for one in clusters)
    if kind == "application/yaml":
        return "clusters:\n" + "".join(f'- name: {one["name"]}\n  description: {one["description"]}\n' for one in clusters)
    return json.dumps({"clusters": clusters})


@pytest.mark.parametrize("kind", ["application/json", "application/yaml", "application/x-ndjson", "text/csv"])
def test_a_large_inventory_is_read_beside_the_loop_and_answered_as_a_small_one(admin, kind):
    load(admin, targets=[target()])
    clusters = [{"name": f"store-{n}", "description": "d" * 300} for n in range(2000)]
    text = in_kind(kind, clusters)
    assert len(text) > 512 * 1024
    assert apply(admin, text, "dryRun=true", kind=kind)["created"] == {"clusters": 2000}
    problem = apply(admin, in_kind(kind, [*clusters, {"name": "Not A Label", "description": "x"}]), kind=kind, status=422)
    assert problem["errors"][0]["pointer"] == {"text/csv": "/name", "application/x-ndjson": "/doc/name"}.get(kind, "/clusters/2000/name")
    assert problem.get("line") == {"text/csv": 2002, "application/x-ndjson": 2001}.get(kind)
    broken = text + ('"' if kind == "text/csv" else "{")
    assert apply(admin, broken, kind=kind, status=422 if kind == "text/csv" else 400)["detail"]
    answer = admin.request("POST", f"{API}/apply", text, headers={"Content-Type": "application/xml"})
    assert answer.status == 415


def test_what_is_no_json_is_told_from_what_is_no_inventory(admin):
    for body, status in (("{", 400), ('{"clusters": [}', 400), ("nonsense", 400), ("[]", 422), ('{"clusters": 1}', 422), ('{"stores": []}', 422),
                         ('{"clusters": [1]}', 422), ('{"clusters": [{"name": "a", "name": "b"}]}', 422), ("", 400)):
        assert apply(admin, body, status=status)["detail"]


def test_a_retry_of_a_table_gets_the_first_answer(admin):
    load(admin, targets=[target()])
    table = in_kind("text/csv", [{"name": "c-1", "description": "x"}])
    answers = [admin.request("POST", f"{API}/apply", text, headers={"Content-Type": "text/csv", "Idempotency-Key": "k"})
               for text in (table, table, table + "c-2,y\n")]
    assert [answer.status for answer in answers] == [200, 200, 422] and answers[0].body == answers[1].body


def test_a_tag_or_group_with_a_semicolon_or_backslash_comes_back_from_csv_as_it_was(admin):
    tags = ["a;b", "back\\slash", "end\\", "plain", "\\;"]
    load(admin, targets=[target()], groups=[{"name": "north;east"}], clusters=[cluster("c-1", "/north;east", tags=tags)])
    before = admin.get(f"{API}/clusters/name:c-1")
    table = admin.request("GET", f"{API}/clusters?$select=name,groups,tags", headers={"Accept": "text/csv"}).body.decode()
    assert "north\\;east" in table and "a\\;b" in table
    admin.patch(f"{API}/clusters/name:c-1", {"tags": [], "groups": []})
    apply(admin, table, kind="text/csv")
    after = admin.get(f"{API}/clusters/name:c-1")
    assert (after["groups"], sorted(after["tags"])) == (before["groups"], sorted(tags))
    apply(admin, "name,tags\nc-1,C:\\x\n", kind="text/csv")
    assert admin.get(f"{API}/clusters/name:c-1")["tags"] == ["C:\\x"], "a backslash before anything else stands for itself"


def test_a_dry_run_tells_the_exact_differences(admin):
    stores(admin)
    before = Copy(admin).docs
    answer = apply(admin, {"clusters": [{"name": "east-1", "tags": ["new"], "groups": ["/beta"], "store": "9"}, cluster("new-1")],
                           "groups": [{"name": "beta"}]}, "dryRun=true")
    assert answer["changes"] == [
        {"noun": "cluster", "name": "east-1", "op": "update", "fields": [
            {"field": "tags", "before": [], "after": ["new"]}, {"field": "store", "before": None, "after": "9"},
            {"field": "groups", "before": ["/beta", "/stores/east"], "after": ["/beta"]}]},
        {"noun": "cluster", "name": "new-1", "op": "create"}]
    assert (answer["dryRun"], Copy(admin).docs) == (True, before)


def test_pruning_removes_what_is_not_in_the_inventory_and_asks_first(admin):
    stores(admin)
    rest = {"clusters": [cluster("east-1", "/stores/east", "/beta")]}
    problem = apply(admin, rest, "prune=true", status=409)
    assert (problem["code"], "2 objects" in problem["detail"]) == ("confirm", True)
    answer = apply(admin, rest, "prune=true&dryRun=true&confirm=2")
    assert answer["deleted"] == {"clusters": 2}
    assert sorted(change["name"] for change in answer["changes"]) == ["east-2", "west-1"]
    apply(admin, rest, "prune=true&confirm=3", status=409)
    assert apply(admin, rest, "prune=true&confirm=2")["deleted"] == {"clusters": 2}
    assert names(admin.get(f"{API}/clusters")) == ["east-1"]
    assert len(admin.get(f"{API}/groups")["value"]) == 4, "nouns that it does not list stay"
    apply(admin, {"groups": []}, "prune=true&confirm=4", status=409)  # a cluster is still in them


def test_pruning_takes_children_before_parents(admin):
    load(admin, groups=[{"name": "a"}, {"name": "b", "parent": "/a"}, {"name": "c", "parent": "/a/b"}, {"name": "keep"}])
    assert apply(admin, {"groups": [{"name": "keep"}]}, "prune=true&confirm=3")["deleted"] == {"groups": 3}


def test_a_set_prunes_only_what_it_owns(admin):
    stores(admin)
    apply(admin, {"groups": [{"name": "mine"}, {"name": "both"}]}, "set=team-a")
    apply(admin, {"groups": [{"name": "both"}]}, "set=team-b")
    apply(admin, {"groups": [{"name": "more"}]}, "set=team-a")
    answer = apply(admin, {"groups": [{"name": "more"}]}, "set=team-a&prune=true&confirm=1")
    assert [change["name"] for change in answer["changes"]] == ["/mine"]
    assert {group["name"] for group in admin.get(f"{API}/groups")["value"]} == {"stores", "east", "west", "beta", "both", "more"}
    answer = apply(admin, {"groups": []}, "set=team-b&prune=true&confirm=1")
    assert [change["name"] for change in answer["changes"]] == ["/both"]
    assert apply(admin, {"groups": []}, "set=team-b&prune=true")["changes"] == []


@pytest.mark.parametrize("query, headers", [("", {}), ("", {"Idempotency-Key": "k"}), ("&dryRun=true", {})])
def test_all_fields_of_other_sets_are_told_at_once_also_by_a_dry_run(admin, query, headers):
    stores(admin)
    load(admin, groups=[{"name": "free"}])
    apply(admin, {"clusters": [{"name": "west-1", "tags": ["a"]}], "groups": [{"name": "beta", "description": "x"}]}, "set=team-a")
    apply(admin, {"clusters": [{"name": "east-1", "store": "1", "tags": ["a"]}]}, "set=team-b")
    wrong = {"clusters": [{"name": "new"}, {"name": "east-1", "store": "2", "tags": ["b"]}, {"name": "west-1", "tags": ["a"], "store": "9"}],
             "groups": [{"name": "free", "description": "y"}, {"name": "beta", "description": "y"}]}
    before = Copy(admin)
    answer = admin.request("POST", f"{API}/apply?set=team-c{query}", wrong, headers=headers)
    assert (answer.status, [(fault["pointer"], fault["detail"][-8:]) for fault in answer.json["errors"]]) == (409, [
        ("/groups/1/description", '"team-a"'), ("/clusters/1/store", '"team-b"'), ("/clusters/1/tags", '"team-b"')])
    lines = "\n".join(json.dumps({"noun": "cluster", "doc": one}) for one in wrong["clusters"])
    problem = apply(admin, lines, f"set=team-c{query}", kind="application/x-ndjson", status=409)
    assert places(problem) == [(2, "/doc/store"), (2, "/doc/tags")]
    assert Copy(admin).docs == before.docs
    assert apply(admin, wrong, f"set=team-c&force=true{query}")["updated"] == {"clusters": 2, "groups": 2}


def test_a_field_of_another_set_is_taken_over_only_by_force(admin):
    stores(admin)
    apply(admin, {"clusters": [{"name": "east-1", "tags": ["a"], "store": "1"}]}, "set=team-a")
    before = Copy(admin)
    problem = apply(admin, {"clusters": [{"name": "east-1", "tags": ["b"]}]}, "set=team-b", status=409)
    assert problem["detail"] == 'set "team-b" can\'t change the field "tags": it belongs to the set "team-a"'
    assert (problem["object"], problem["field"]) == ('cluster "east-1"', "/clusters/0/tags")
    assert Copy(admin).docs == before.docs
    apply(admin, {"clusters": [{"name": "east-1", "tags": ["a"], "description": "ours"}]}, "set=team-b")  # the same, and what nobody has
    apply(admin, {"clusters": [{"name": "east-1", "tags": ["b"]}]}, "set=team-b&force=true")
    assert admin.get(f"{API}/clusters/name:east-1")["tags"] == ["b"]
    apply(admin, {"clusters": [{"name": "east-1", "tags": ["a"], "store": "1"}]}, "set=team-a", status=409)
    apply(admin, {"clusters": [{"name": "east-1", "store": "2"}]}, "set=team-a")
    apply(admin, {"clusters": []}, "set=No%20Name", status=400)


@pytest.mark.parametrize("body, kind", [("null", "null"), (" 7", "a number"), ('"x"', "a string"), ("true", "a boolean"), ("[]", "an array")])
def test_json_that_is_no_inventory_is_told_what_it_is(admin, body, kind):
    problem = apply(admin, body, kind="application/json", status=422)
    assert problem["detail"].endswith(f"found {kind}")
    assert apply(admin, body[:-1] + "}", kind="application/json", status=400 if body != "[]" else 422)["status"]


@pytest.mark.parametrize("path, pointer", [("apply", "/groups/1/name"), ("groups", "/name")])
def test_a_key_that_is_there_twice_is_told_with_its_place_in_yaml_as_in_json(admin, path, pointer):
    one = '{"name": "a", "description": "x", "name": "b"}'
    body = one if path == "groups" else f'{{"groups": [{{"name": "g"}}, {one}]}}'
    for kind in ("application/json", "application/yaml"):
        answer = admin.request("POST", f"{API}/{path}", body.encode(), headers={"Content-Type": kind})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer), answer
        assert "there twice" in answer.json["detail"]
