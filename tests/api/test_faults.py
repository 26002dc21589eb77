"""What is wrong with a body: all of it at once, each with its place."""

import json

import pytest

from resedge_test.fleet import API, cluster, load, stores

JSON = {"Content-Type": "application/json"}


def pointers(problem):
    return [fault["pointer"] for fault in problem["errors"]]


def test_every_fault_of_an_object_is_told_at_once(admin):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/clusters", {
        "name": "Not A Name", "colour": "red", "state": "asleep", "tags": ["ok", "", 7], "timeZone": "Mars/Olympus",
        "location": {"latitude": 91, "longitude": "x", "height": 3}, "capacity": {"memoryLimit": -1},
        "metadata": [{"key": "a b", "value": "x"}, {"key": "ok"}, {"key": "bell", "value": "\u0007"}], "groups": [1]})

    assert sorted(pointers(problem)) == sorted([
        "/name", "/colour", "/state", "/tags/1", "/tags/2", "/timeZone", "/location/latitude", "/location/longitude", "/location/height",
        "/capacity/memoryLimit", "/metadata/0/key", "/metadata/1", "/metadata/2/value", "/groups/0"])
    assert all(fault["detail"] for fault in problem["errors"])
    assert (problem["field"], problem["detail"]) == (problem["errors"][0]["pointer"], problem["errors"][0]["detail"])
    assert (problem["type"], problem["code"], problem["status"]) == ("/problems/unprocessable", "unprocessable", 422)


def test_what_is_missing_is_told_with_what_is_wrong(admin):
    problem = admin.refused(422, "POST", f"{API}/applications", {"owner": 7})
    assert sorted(pointers(problem)) == ["/name", "/owner", "/path"]


def test_every_fault_of_a_token_is_told_and_none_is_made(admin):
    problem = admin.refused(422, "POST", f"{API}/tokens", {"name": "a\nb", "role": "king", "expiresIn": "1h", "expiresAt": "soon", "owners": [1], "businessUnits": "x"})
    assert sorted(pointers(problem)) == ["/businessUnits", "/expiresAt", "/expiresIn", "/name", "/owners/0", "/role"]
    assert next(fault for fault in problem["errors"] if fault["pointer"] == "/expiresIn")["detail"] == 'unknown field "expiresIn"'
    assert admin.refused(422, "POST", f"{API}/tokens", {"name": "a", "role": "app-team"})["detail"].startswith("the role app-team needs")
    assert [token["name"] for token in admin.get(f"{API}/tokens")["value"]] == ["admin"]


@pytest.mark.parametrize("method, path, body", [
    ("POST", "applications/1/pause", {"reason": "x"}), ("POST", "targets/1/resume", {"reason": "x"}), ("POST", "jobs/1/approve", {"reason": "x"}),
    ("POST", "jobs/1/discard", {"reason": "x"}), ("POST", "targets/1/adopt", {"clusters": ["c"], "reason": "x"}),
    ("POST", "targets/1/accept-history", {"commit": None}), ("PUT", "targets/1/webhook", {"secret": "0123456789abcdef"}),
    ("POST", "expressions/evaluate", {"expression": "all"}), ("POST", "clusters/bulk", {"expression": "all", "set": {"lane": "1"}}),
    ("POST", "groups/1/members", {"add": []})])
def test_a_member_that_nobody_knows_is_refused_everywhere(admin, method, path, body):
    problem = admin.refused(422, method, f"{API}/{path}", {**body, "resaon": "x"})
    assert pointers(problem) == ["/resaon"]


@pytest.mark.parametrize("method, path", [
    ("GET", "tokens"), ("POST", "tokens"), ("DELETE", "tokens/1"), ("GET", "session"), ("GET", "jobs"), ("GET", "jobs/1"), ("POST", "jobs/1/retry"),
    ("POST", "jobs/1/discard"), ("GET", "changes"), ("GET", "snapshot"), ("GET", "export"), ("GET", "targets/1/status"), ("GET", "targets/1/commits"),
    ("GET", "clusters/1/diff"), ("POST", "targets/1/push"), ("POST", "applications/1/pause"), ("GET", "audit"), ("POST", "groups"), ("POST", "apply")])
def test_a_misspelt_query_parameter_is_refused_everywhere(admin, method, path):
    body = {"name": "x", "role": "viewer"} if method == "POST" and path != "targets/1/push" else None
    problem = admin.refused(400, method, f"{API}/{path}?dryrun=true", body)
    assert problem["object"] == 'query parameter "dryrun"'


@pytest.mark.parametrize("method, path, query", [
    ("PUT", "clusters/name:east-1/tags/x", "dryRun=false&dryRun=true"), ("PUT", "clusters/name:east-1/tags/x", "dryRun=true&$dryRun=true"),
    ("PATCH", "clusters/name:east-1", "confirm=1&confirm=2"), ("DELETE", "groups/name:%2Fbeta", "cascade=true&$cascade=false"),
    ("POST", "apply", "prune=true&prune=false"), ("POST", "clusters", "$reason=a&reason=b"), ("POST", "clusters/bulk", "dryRun=1&dryRun=0"),
    ("POST", "tokens", "dryRun=true&dryRun=false"), ("POST", "applications/1/pause", "dryRun=1&dryRun=1"), ("GET", "clusters", "$top=1&top=2"),
    ("GET", "clusters", "$top=1&$top=2"), ("GET", "jobs", "state=failed&state=parked"), ("GET", "jobs", "target=west&$target=west"),
    ("GET", "changes", "since=1&since=2"), ("GET", "audit", "noun=group&noun=cluster"), ("GET", "clusters/name:east-1", "$select=id&select=name")])
def test_a_query_parameter_that_is_there_twice_is_refused_everywhere(admin, method, path, query):
    stores(admin)
    before = admin.get(f"{API}/export")
    body = {"name": "x", "reason": "x"} if method in ("POST", "PATCH") else None
    assert "twice" in admin.refused(400, method, f"{API}/{path}?{query}", body)["detail"]
    assert admin.get(f"{API}/export") == before


@pytest.mark.parametrize("text", ["a\u0085b", "\u009b31m", "\u202egnp", "\u2066x", "a\u2028b", "\u2029", "\u007f", "\u0007"])
def test_text_that_moves_or_reorders_what_is_shown_is_refused_in_every_field(admin, text):
    stores(admin)
    before = admin.get(f"{API}/export")
    for path, body, pointer in (("clusters/name:east-1", {"description": text, "environment": text, "store": text, "tags": [text]}, None),
                                ("namespaces/name:web", {"businessUnit": text, "owners": [text]}, None), ("applications/name:web%2Fshop", {"owner": text}, None),
                                ("clusters/name:east-1", {"metadata": [{"key": "k", "value": text}]}, ["/metadata/0/value"])):
        problem = admin.refused(422, "PATCH", f"{API}/{path}", body)
        assert sorted(pointers(problem)) == (pointer or sorted(f"/{name}/0" if isinstance(value, list) else f"/{name}" for name, value in body.items()))
    assert admin.get(f"{API}/export") == before


@pytest.mark.parametrize("given, pointer", [({"memoryLimit": 0}, "/capacity/memoryLimit"), ({"cpuLimit": 0}, "/capacity/cpuLimit"),
                                            ({"memoryLimit": 1, "cpuLimit": 1e-9}, "/capacity/cpuLimit"), ({"cpuLimit": 0.0009}, "/capacity/cpuLimit")])
def test_a_limit_that_kubernetes_has_not_is_refused_and_none_is_null(admin, given, pointer):
    stores(admin)
    path = f"{API}/namespaces/name:web"
    problem = admin.refused(422, "PATCH", path, {"capacity": given})
    assert pointers(problem) == [pointer] and "null sets no limit." in str(problem)
    assert admin.patch(path, {"capacity": {"memoryLimit": 1, "cpuLimit": 0.001}})["capacity"] == {"memoryLimit": 1, "cpuLimit": 0.001}
    assert admin.patch(path, {"capacity": {"memoryLimit": None}})["capacity"] == {"memoryLimit": None, "cpuLimit": 0.001}
    assert admin.patch(path, {"capacity": None})["capacity"] is None


def test_a_limit_that_was_stored_before_it_was_refused_stays(admin, postgres, database, start_api):
    stores(admin)
    admin.patch(f"{API}/namespaces/name:web", {"capacity": {"cpuLimit": 4}})
    postgres.sql("update namespaces set doc = replace(doc, '\"cpuLimit\":4', '\"cpuLimit\":0.0005')", database)
    postgres.sql("update namespaces set etag = left(encode(sha256(convert_to(doc, 'UTF8')), 'hex'), 16)", database)
    client, path = start_api().client("admin", "second"), f"{API}/namespaces/name:web"
    assert client.patch(path, {"description": "x"})["capacity"]["cpuLimit"] == 0.0005
    assert pointers(client.refused(422, "PATCH", path, {"capacity": {"cpuLimit": 0.0006}})) == ["/capacity/cpuLimit"]


def test_a_description_holds_lines_and_tabs_and_all_text_marks_of_right_to_left(admin):
    stores(admin)
    path = f"{API}/clusters/name:east-1"
    answer = admin.patch(path, {"description": "one\n\ttwo \u200fthree\u200e", "metadata": {"k": "a \u200fb\u200e \u200c"}})
    assert answer["description"] == "one\n\ttwo \u200fthree\u200e" and {"key": "k", "value": "a \u200fb\u200e \u200c"} in answer["metadata"]


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "\r", "\u0001"])
def test_a_metadata_value_is_one_line_on_every_path(admin, value):
    stores(admin)
    before = admin.get(f"{API}/export")
    written = cluster("c-1", metadata={"k": value})
    for method, path, body, pointer in (
            ("POST", "clusters", written, "/metadata/k"), ("PUT", "clusters/name:east-1", {**written, "name": "east-1"}, "/metadata/k"),
            ("PATCH", "clusters/name:east-1", {"metadata": {"k": value}}, "/metadata/k"), ("PUT", "clusters/name:east-1/metadata/k", {"value": value}, "/value"),
            ("PATCH", "groups/name:beta", {"metadata": [{"key": "k", "value": value}]}, "/metadata/0/value"),
            ("POST", "clusters/bulk", {"expression": "all", "set": {"k": value}}, "/set/k"),
            ("POST", "apply", {"clusters": [written]}, "/clusters/0/metadata/k"), ("POST", "metadataKeys", {"name": "k", "default": value}, "/default")):
        assert pointers(admin.refused(422, method, f"{API}/{path}", body)) == [pointer]
    for kind, text in (("application/x-ndjson", json.dumps({"noun": "cluster", "doc": written})), ("text/csv", f'name,metadata.k\r\nc-1,"{value}"\r\n'),
                       ("application/yaml", f"clusters: [{{name: c-1, metadata: {{k: {json.dumps(value)}}}}}]\n")):
        assert admin.request("POST", f"{API}/apply", text.encode(), headers={"Content-Type": kind}).status == 422, kind
    assert admin.get(f"{API}/export") == before


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\u2060", "\u00ad", "\u180e", "\ufeff", "\U000e0041"])
def test_a_name_holds_nothing_that_cannot_be_seen(admin, hidden):
    stores(admin)
    for path, body, expected in (("groups", {"name": f"be{hidden}ta"}, ["/name"]), ("clusters", cluster("c-1", tags=["a", f"b{hidden}"]), ["/tags/1"]),
                                 ("groups", {"name": "g", "metadata": [{"key": f"k{hidden}", "value": "x"}]}, ["/metadata/0/key"]),
                                 ("apply", {"groups": [{"name": hidden}]}, ["/groups/0/name"])):
        assert pointers(admin.refused(422, "POST", f"{API}/{path}", body)) == expected


COMPARED = (("clusters/name:east-1", "environment"), ("clusters/name:east-1", "store"), ("namespaces/name:web", "businessUnit"), ("namespaces/name:web", "owners"),
            ("applications/name:web%2Fshop", "owner"), ("applications/name:web%2Fshop", "businessUnit"), ("targets/name:west", "platformOwners"))


def test_what_is_compared_holds_nothing_that_cannot_be_seen_when_it_is_written_anew(admin, postgres, database, start_api):
    stores(admin)
    for path, field in COMPARED:
        many = field.lower().endswith("owners")
        expected = f"/{field}/0" if many else f"/{field}"
        assert pointers(admin.refused(422, "PATCH", f"{API}/{path}", {field: ["a\u200bb"] if many else "a\u200bb"})) == [expected]
        admin.patch(f"{API}/{path}", {field: ["hidden"] if many else "hidden"})
    for table in ("clusters", "namespaces", "applications", "targets"):
        postgres.sql(f"update {table} set doc = replace(doc, 'hidden', 'hid' || chr(8203) || 'den')", database)
        postgres.sql(f"update {table} set etag = left(encode(sha256(convert_to(doc, 'UTF8')), 'hex'), 16)", database)
    client = start_api().client("admin", "second")
    for path, field in COMPARED:
        old = client.patch(f"{API}/{path}", {"description": field})
        assert old[field] in ("hid\u200bden", ["hid\u200bden"]), field
        assert client.put(f"{API}/{path}", {**old, "description": "put"})[field] == old[field]


def store_text_of_old(admin, postgres, database):
    """Puts texts into a stored document that a write would not take any more."""
    stores(admin)
    admin.patch(f"{API}/clusters/name:east-2", {"metadata": {"note": "one-line"}, "tags": ["one-tag"], "description": "one-text"})
    postgres.sql("update clusters set doc = replace(replace(replace(doc, 'one-line', 'two' || chr(92) || 'nlines'), 'one-tag', 'tag' || chr(8203)), "
                 "'one-text', 'bell' || chr(92) || 'u0007')", database)
    postgres.sql("update clusters set etag = left(encode(sha256(convert_to(doc, 'UTF8')), 'hex'), 16)", database)


def test_what_was_stored_before_it_was_refused_is_served_and_hinders_no_other_change(admin, postgres, database, start_api):
    store_text_of_old(admin, postgres, database)
    client, path = start_api().client("admin", "second"), f"{API}/clusters/name:east-2"
    old = client.get(path)
    assert (old["metadata"], old["tags"], old["description"]) == ([{"key": "note", "value": "two\nlines"}], ["tag\u200b"], "bell\u0007")
    assert client.get(f"{API}/clusters/{old['id']}/values")["value"][0]["value"] == "two\nlines"
    assert client.patch(path, {"environment": "prod"})["metadata"] == old["metadata"]
    client.put(f"{path}/metadata/other", {"value": "x"})
    client.put(f"{path}/tags/other", None)
    changed = client.put(path, {**client.get(path), "store": "17"})
    assert (changed["store"], changed["description"], changed["tags"]) == ("17", "bell\u0007", ["other", "tag\u200b"])
    assert pointers(client.refused(422, "PATCH", path, {"metadata": {"note": "three\nlines"}})) == ["/metadata/note"]
    assert sorted(pointers(client.refused(422, "PATCH", path, {"metadata": {"more": "two\nlines"}, "description": "\u0007"}))) == ["/description", "/metadata/more"]
    assert client.patch(path, {"metadata": {"note": "mended"}, "tags": [], "description": None})["metadata"][0]["value"] == "mended"


@pytest.mark.parametrize("kind", ["application/json", "application/yaml", "application/x-ndjson"])
def test_what_was_stored_before_it_was_refused_is_in_an_export_that_can_be_applied(admin, postgres, database, start_api, kind):
    store_text_of_old(admin, postgres, database)
    client = start_api().client("admin", "second")
    exported = client.request("GET", f"{API}/export", headers={"Accept": "application/yaml" if "yaml" in kind else "application/json"}).body.decode()

    def apply(body, query=""):
        if "ndjson" in kind:
            body = "\n".join(json.dumps({"noun": noun.removesuffix("s") if noun != "policies" else "policy", "doc": doc}) for noun, docs in json.loads(body).items() for doc in docs)
        return client.request("POST", f"{API}/apply{query}", body, headers={"Content-Type": kind})

    answer = apply(exported)
    assert (answer.status, answer.json["changes"]) == (200, []), answer
    changed = apply(exported.replace("two", "three"), "?set=s")
    assert (changed.status, [fault["pointer"].split("/metadata")[-1] for fault in changed.json["errors"]]) == (422, ["/0/value"]), changed
    fresh = apply(exported.replace("east-2", "east-9"))  # another one may not have what this one has
    assert fresh.status == 422 and len(fresh.json["errors"]) == 3
    found = next(one for one in json.loads(client.request("GET", f"{API}/export").body)["clusters"] if one["name"] == "east-2")
    mended = client.request("POST", f"{API}/apply", json.dumps({"clusters": [{**found, "tags": [*found["tags"], "new"]}]}), headers={"Content-Type": "application/json"})
    assert mended.json["updated"] == {"clusters": 1}
    assert client.get(f"{API}/clusters/name:east-2")["tags"] == ["new", "tag\u200b"]


# ---- secrets ----

SECRET_URLS = ["https://h.example/x?token=abc", "https://h.example/x#abc", "https://user:abc@h.example/x", "https://abc@h.example/x",
               "git@h.example:x?token=abc"]
SECRETS = ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "dckr_pat_abc", "sk_live_abc", "glpat-abc", "c0a8f2d4-91b7-4e63-8a5d-7f1e2b3c4d5e",
           "0123456789abcdef0123456789abcdef01234567", "Team_A", ".git"]


@pytest.mark.parametrize("field,values", [("url", SECRET_URLS), ("templateUrl", SECRET_URLS), ("gitOpsRepo", SECRET_URLS), ("repoUrl", SECRET_URLS),
                                          ("credential", SECRETS), ("templateCredential", SECRETS), ("pat", SECRETS)])
def test_a_secret_is_refused_where_all_may_read_it_and_not_repeated(admin, field, values):
    stores(admin)
    path = {"gitOpsRepo": "clusters/name:east-1", "repoUrl": PATHS[-1], "pat": PATHS[-1]}.get(field, "targets/name:west")
    before = admin.get(f"{API}/{path}")
    for value in values:
        problem = admin.refused(422, "PATCH", f"{API}/{path}", {field: value})
        assert pointers(problem) == [f"/{field}"] and value not in str(problem), value
    assert admin.get(f"{API}/{path}") == before


def test_a_secret_that_was_stored_before_it_was_refused_hinders_no_other_change(admin, postgres, database, start_api):
    stores(admin)
    admin.patch(f"{API}/targets/name:west", {"url": "https://h.example/x.abc", "credential": "old-credential"})
    postgres.sql("update targets set doc = replace(replace(doc, 'x.abc', 'x?abc'), 'old-credential', 'Old_credential')", database)
    postgres.sql("update targets set etag = left(encode(sha256(convert_to(doc, 'UTF8')), 'hex'), 16)", database)
    client, path = start_api().client("admin", "second"), f"{API}/targets/name:west"
    changed = client.patch(path, {"description": "x"})
    assert (changed["url"], changed["credential"]) == ("https://h.example/x?abc", "Old_credential")
    assert client.put(path, {**changed, "description": "y"})["credential"] == "Old_credential"
    assert client.patch(path, {"url": "https://h.example/x", "credential": "old-credential"})["credential"] == "old-credential"


def test_a_text_that_a_format_holds_is_not_emptied_by_an_empty_one(admin):
    stores(admin)
    for path, field in (("clusters/name:east-1", "timeZone"), ("namespaces/name:web", "name"), ("applications/name:web%2Fshop", "repoUrl")):
        assert pointers(admin.refused(422, "PATCH", f"{API}/{path}", {field: ""})) == [f"/{field}"], field


# ---- what the server sets ----

PATHS = ["targets/name:west", "groups/name:%2Fstores%2Feast", "clusters/name:east-1", "namespaces/name:web", "applications/name:web%2Fshop"]


@pytest.mark.parametrize("path", PATHS)
def test_what_was_read_can_be_written_as_it_is(admin, path):
    stores(admin)
    read = admin.get(f"{API}/{path}")
    assert admin.put(f"{API}/{path}", read) == read
    assert admin.patch(f"{API}/{path}", read) == read
    changed = admin.put(f"{API}/{path}", {**read, "description": "new"})
    again = admin.patch(f"{API}/{path}", {**read, "environment": "prod"})  # with the version before: If-Match is what refuses it
    assert (changed["version"], again["version"], again["createdAt"]) == (2, 3, read["createdAt"])


@pytest.mark.parametrize("path", PATHS)
def test_what_the_server_set_once_is_not_another_in_a_body(admin, path):
    stores(admin)
    read = admin.get(f"{API}/{path}")
    others = {"id": read["id"] + 1, "createdBy": "nobody", "createdAt": "2020-01-01T00:00:00.000Z",
              **{name: "other" for name in ("namePath",) if name in read}}
    for method, body in (("PATCH", others), ("PUT", {**read, **others})):
        problem = admin.refused(422, method, f"{API}/{path}", body)
        assert sorted(pointers(problem)) == sorted(f"/{name}" for name in others)
    assert admin.get(f"{API}/{path}") == read


def test_a_copy_of_an_object_is_made_from_what_was_read(admin):
    stores(admin)
    read = admin.get(f"{API}/clusters/name:east-1")
    made = admin.post(f"{API}/clusters", {**read, "name": "east-3"})
    assert made["id"] != read["id"] and (made["version"], made["groups"]) == (1, read["groups"])
    without_ids = {name: value for name, value in read.items() if not name.endswith(("Id", "Ids"))}
    assert load(admin, clusters=[{**without_ids, "name": "east-4", "id": 99, "version": 7}])["created"] == {"clusters": 1}


@pytest.mark.parametrize("parent", ["/a/b/c", "/a/b", "/a"])
def test_a_circle_of_groups_is_told_once_and_as_what_it_is(admin, parent):
    load(admin, groups=[{"name": "a"}, {"name": "b", "parent": "/a"}, {"name": "c", "parent": "/a/b"}])
    problem = admin.refused(422, "PATCH", f"{API}/groups/name:%2Fa", {"parent": parent})
    assert [(fault["pointer"], fault["detail"]) for fault in problem["errors"]] == [("/parent", "the group would be above itself")]


def test_items_of_lists_are_told_by_their_places_in_the_body(admin):
    """They are kept sorted."""
    stores(admin)
    load(admin, policies=[{"name": "pol", "path": "policies/pol"}], metadataKeys=[{"name": "lane", "type": "integer"}])
    wrong = {
        "clusters/name:east-1": ({"groups": ["/zz-no", "/beta", "/aa-no"]}, ["/groups/0", "/groups/2"]),
        "clusters/name:east-2": ({"groupIds": [admin.get(f"{API}/groups/name:%2Fbeta")["id"], 999, 998]}, ["/groupIds/1", "/groupIds/2"]),
        "namespaces/name:web": ({"policies": ["zz-no", "pol", "aa-no"]}, ["/policies/0", "/policies/2"]),
        "applications/name:web%2Fshop": ({"releases": [{"version": "1.0.0", "expression": "all"}, {"version": "3.0.0", "expression": "all"},
                                                       {"version": "2.0.0", "expression": "(("}]}, ["/releases/2/expression"]),
        "clusters/name:west-1": ({"metadata": [{"key": "z", "value": "1"}, {"key": "lane", "value": "many"}]}, ["/metadata/1/value"]),
    }
    for path, (body, expected) in wrong.items():
        assert sorted(pointers(admin.refused(422, "PATCH", f"{API}/{path}", body))) == expected, path
        noun, name = path.split("/name:")
        doc = {**body, "name": name.split("%2F")[-1]} | ({"namespace": "web"} if noun == "applications" else {})
        if "groupIds" in body:
            continue
        problem = admin.refused(422, "POST", f"{API}/apply", {noun: [doc]})
        assert sorted(pointers(problem)) == [f"/{noun}/0{pointer}" for pointer in expected], path
    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [{"name": "west-1", "metadata": {"z": "1", "lane": "many"}}]})
    assert pointers(problem) == ["/clusters/0/metadata/lane"]


def test_pointers_lead_into_the_body_that_was_sent(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lane", "type": "integer"}])
    path = f"{API}/clusters/name:east-1"
    admin.patch(path, {"metadata": {"a": "1", "b": "2", "z": "3"}})
    for method, where, body, expected in [
            ("PATCH", path, {"metadata": {"c": {"b": 1}}}, ["/metadata/c"]), ("PATCH", path, {"metadata": {"c/d~": "x"}}, ["/metadata/c~1d~0"]),
            ("PATCH", path, {"metadata": {"lane": "x"}}, ["/metadata/lane"]), ("PUT", f"{path}/metadata/c", {"value": {}}, ["/value"]),
            ("PUT", f"{path}/metadata/lane", {"value": "x"}, ["/value"]),
            ("PATCH", path, {"metadata": [{"key": "z", "value": "1"}, {"key": "lane", "value": "x"}]}, ["/metadata/1/value"]),
            ("PUT", path, {"name": "east-1", "metadata": [{"key": "z", "value": "1"}, {"key": "lane", "value": "x"}]}, ["/metadata/1/value"])]:
        problem = admin.refused(422, method, where, body)
        assert pointers(problem) == expected and problem["field"] == expected[0], (method, body)


def test_what_is_wrong_with_a_path_has_no_pointer_into_a_body(admin):
    stores(admin)
    for part, body in (("tags/" + "x" * 300, None), ("tags/a%0Ab", None), ("metadata/a%20b", {"value": "x"}), ("metadata/" + "k" * 300, {"value": "x"})):
        problem = admin.refused(400, "PUT", f"{API}/clusters/name:east-1/{part}", body)
        assert "field" not in problem and "errors" not in problem and "object" in problem


def test_every_unknown_reference_is_told(admin):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/clusters", cluster("c-1", "/beta", "/nowhere", "/neither", target="none"))
    assert sorted(pointers(problem)) == ["/groups/1", "/groups/2", "/target"]


def test_faults_of_all_nouns_are_told_at_once_and_not_what_follows_from_them(admin):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/apply", {
        "groups": [{"name": "child", "parent": "/lost"}, {"name": "lost", "parent": "/nowhere"}, {"name": "fine"}],
        "namespaces": [{"name": "x", "policies": ["lost"]}, {"name": "ok", "expression": "/g/nowhere/lost"}, {"name": "bad", "expression": "/g/fine and ("}],
        "applications": [{"name": "a", "namespace": "x", "path": "apps/a"}, {"name": "b", "namespace": "none", "path": "apps/b"}],
        "clusters": [cluster("c-1", "/nowhere/lost", "/fine", "/neither"), cluster("c-2", "/fine", target="none")]})
    assert sorted(pointers(problem)) == ["/applications/1/namespace", "/clusters/0/groups/2", "/clusters/1/target", "/groups/0/parent", "/groups/1/parent",
                                         "/namespaces/0/policies/0", "/namespaces/2/expression"]


def test_faults_of_form_hide_none_against_the_fleet(admin):
    stores(admin)
    inventory = {"groups": [{"name": "new", "priority": "high"}], "clusters": [cluster("No", "/neither"), cluster("c-2", "/new"), cluster("c-3", "/neither", colour="red"),
                                                                              cluster("c-4", "/neither")]}
    expected = ["/clusters/0/groups/0", "/clusters/0/name", "/clusters/2/colour", "/clusters/2/groups/0", "/clusters/3/groups/0", "/groups/0/priority"]
    assert sorted(pointers(admin.refused(422, "POST", f"{API}/apply", inventory))) == expected
    assert sorted(pointers(admin.refused(422, "POST", f"{API}/apply?dryRun=true&set=a", inventory))) == expected
    lines = [json.dumps({"noun": noun[:-1], "doc": doc}) for noun in inventory for doc in inventory[noun]]
    answer = admin.request("POST", f"{API}/apply", "\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
    assert [(fault["line"], fault["pointer"]) for fault in answer.json["errors"]] == [
        (1, "/doc/priority"), (2, "/doc/name"), (2, "/doc/groups/0"), (4, "/doc/colour"), (4, "/doc/groups/0"), (5, "/doc/groups/0")]
    assert admin.get(f"{API}/clusters?$count=true&$top=1")["@odata.count"] == 3


def test_what_shows_only_of_the_whole_is_told_beside_faults_of_form_and_references(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lanes", "type": "integer"}])
    before = admin.get(f"{API}/export")
    inventory = {
        "targets": [{"name": "west", "branch": 5}],
        "groups": [{"name": "sub", "parent": "/nope", "expression": "/c/nobody"}, {"name": "x", "expression": "/g/y"}, {"name": "y", "expression": "/g/x"},
                   {"name": "stores", "parent": "/neither", "metadata": {"lanes": "one"}}, {"name": "w", "expression": "/g/nope/sub or /g/stray"}],
        "namespaces": [{"name": "kube-x", "expression": "/g/nobody", "zz": 1}, {"name": "db", "expression": "(", "allowed": "/g/none"},
                       {"name": "ns", "expression": "/c/c-1 and /g/beta"}, {"name": "ns-2", "expression": "/g/nope/sub"}],
        "applications": [{"name": "shop-2", "namespace": "web", "fluxName": "flux-system", "owner": 7}, {"name": "new", "namespace": "ns-9", "path": "../x"},
                         {"name": "fn", "namespace": "web", "path": "apps/x"}, {"name": "other", "namespace": "web", "path": "apps/x", "fluxName": "fn"}],
        "clusters": [cluster("c-1", "/nope", metadata={"lanes": "many", "a": "b", "z": {}}, target="q"), cluster("east-1", "/nope/sub", "/nope", store=1),
                     cluster("c-1", "/none"), cluster("c-2", "/beta", "/g"), cluster("c-3", metadata=[{"key": "z", "value": "1"}, {"key": "lanes", "value": "two"}])]}
    expected = [
        "/applications/0/fluxName", "/applications/0/owner", "/applications/0/path", "/applications/1/namespace", "/applications/1/path",
        "/clusters/0/groups/0", "/clusters/0/metadata/lanes", "/clusters/0/metadata/z", "/clusters/0/target", "/clusters/1/groups/1", "/clusters/1/store",
        "/clusters/2/groups/0", "/clusters/2/name", "/clusters/3/groups/1", "/clusters/4/metadata/1/value",
        "/groups/0/expression", "/groups/0/parent", "/groups/1/expression", "/groups/2/expression", "/groups/3/metadata/lanes", "/groups/3/parent",
        "/namespaces/0/expression", "/namespaces/0/name", "/namespaces/0/zz", "/namespaces/1/allowed", "/namespaces/1/expression", "/targets/0/branch"]
    for query in ("", "?dryRun=true", "?set=s"):
        problem = admin.refused(422, "POST", f"{API}/apply{query}", inventory)
        assert set(pointers(problem)) ^ set(expected) == set()
    assert admin.get(f"{API}/export") == before
    inventory["groups"] = inventory["groups"][1:]
    problem = admin.refused(422, "POST", f"{API}/apply", inventory)  # what was only not found since its group had a fault is there no more
    assert [place for place in sorted(pointers(problem)) if place.startswith(("/groups/3", "/namespaces/3", "/clusters/1/groups"))] == [
        "/clusters/1/groups/0", "/clusters/1/groups/1", "/groups/3/expression", "/namespaces/3/expression"]


@pytest.mark.parametrize("expression, position", [("  /g/nope", 2), ("\n (", 3), ("\t/g/beta and /g/nope \n", 13)])
def test_the_position_of_a_fault_is_counted_in_the_text_that_was_sent(admin, expression, position):
    stores(admin)
    namespace = {"name": "x", "expression": expression}
    for path, body in (("namespaces", namespace), ("namespaces", {**namespace, "zz": 1}), ("apply", {"namespaces": [namespace]}), ("apply", {"namespaces": [{**namespace, "zz": 1}]})):
        problem = admin.refused(422, "POST", f"{API}/{path}", body)
        assert [fault["position"] for fault in problem["errors"] if fault["pointer"].endswith("/expression")] == [position]


def test_a_name_that_two_items_have_is_no_reason_for_other_faults(admin):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/apply", {
        "groups": [{"name": "g"}, {"name": "g", "parent": "/nope"}, {"name": "g", "parent": 5}], "namespaces": [{"name": "No"}, {"name": "NO"}],
        "applications": [{"name": "a", "path": "apps/a"}, {"name": "a", "namespace": "none", "path": "apps/a"}]})
    assert sorted(pointers(problem)) == ["/applications/1/namespace", "/groups/1/parent", "/groups/2/parent", "/namespaces/0/name", "/namespaces/1/name"]


def test_what_is_wrong_with_a_part_hides_nothing_of_its_other_parts(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lanes", "type": "integer"}])
    problem = admin.refused(422, "POST", f"{API}/apply", {
        "metadataKeys": [{"name": "k", "type": "string", "values": ["a"], "pattern": "x"}],
        "groups": [{"name": "g", "metadata": [{"key": "x"}, {"key": "x", "value": "1"}, {"key": "lanes", "value": "many", "zz": 1}]}],
        "applications": [{"name": "a", "namespace": "web", "path": "apps/a", "releases": [{"version": "x y", "expression": "/g/nope"}]},
                         {"name": "shop", "namespace": "web", "paused": True}, {"name": "shop", "namespace": "web", "fluxName": "shop"}],
        "clusters": [{"name": "c-1", "groupIds": [1], "zz": 1}, {"name": "C 1"}, {"name": "C 1"}]})
    assert sorted(pointers(problem)) == [
        "/applications/0/releases/0/expression", "/applications/0/releases/0/version", "/applications/2/name", "/clusters/0/groupIds", "/clusters/0/zz",
        "/clusters/1/name", "/clusters/2/name", "/groups/0/metadata/0", "/groups/0/metadata/1/key", "/groups/0/metadata/2/value", "/groups/0/metadata/2/zz",
        "/metadataKeys/0/pattern", "/metadataKeys/0/values"]


def test_the_flux_name_of_another_application_is_told_where_it_is_taken_alone(admin):
    stores(admin)
    owned = admin.get(f"{API}/applications/name:web%2Fshop")["fluxName"]
    problem = admin.refused(409, "POST", f"{API}/apply", {"applications": [
        {"name": "other", "namespace": "web", "path": "apps/x", "fluxName": owned}, {"name": "shop", "namespace": "web", "paused": True}]})
    assert pointers(problem) == ["/applications/0/fluxName"]


def test_a_name_that_no_pointer_can_hold_is_told_of_what_it_is_in_and_hides_nothing(admin):
    stores(admin)
    long = "x" * 300
    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [cluster("c-1", "/nope", **{long: 1}, capacity={long: 1})]})
    assert sorted(pointers(problem)) == ["/clusters/0", "/clusters/0/capacity", "/clusters/0/groups/0"]
    assert sorted(pointers(admin.refused(422, "POST", f"{API}/clusters", cluster("c-1", "/nope", **{long: 1})))) == ["", "/groups/0"]


def test_a_group_above_itself_is_told_what_else_is_wrong_with_it(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lanes", "type": "integer"}])
    problem = admin.refused(422, "PATCH", f"{API}/groups/name:%2Fstores", {"parent": "/stores/east", "metadata": {"lanes": "many"}, "expression": "/c/nobody", "priority": "x"})
    assert sorted(pointers(problem)) == ["/expression", "/metadata/lanes", "/parent", "/priority"]
    assert sorted(pointers(admin.refused(422, "PATCH", f"{API}/groups/name:%2Fstores", {"parent": "/stores/east", "expression": "/c/nobody"}))) == ["/expression", "/parent"]


def test_a_null_in_a_patch_takes_away_what_is_known_alone_and_hides_nothing(admin):
    stores(admin)
    problem = admin.refused(422, "PATCH", f"{API}/clusters/name:east-1", {"descripton": None, "id": None, "store": 5, "name": "east-9", "target": 7})
    assert sorted(pointers(problem)) == ["/descripton", "/id", "/name", "/store", "/target"]
    assert 'Did you mean "description"?' in [fault.get("hint") for fault in problem["errors"]]
    metadata = [{"key": "a"}, 5, {"key": "b b", "value": "x"}, {"value": {}}]
    assert sorted(pointers(admin.refused(422, "PATCH", f"{API}/clusters/name:east-1", {"metadata": metadata}))) == [
        "/metadata/0", "/metadata/1", "/metadata/2/key", "/metadata/3/value"]


def test_faults_of_a_change_of_many_clusters_are_told_at_their_places(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lanes", "type": "integer"}])
    problem = admin.refused(422, "POST", f"{API}/clusters/bulk", {
        "expression": "(", "set": [{"key": "x", "value": "1"}, {"key": "lanes", "value": "many"}], "state": "asleep", "addGroups": [5, "/beta", "/nope"], "removeGroups": [{}, "/beta"]})
    assert sorted(pointers(problem)) == ["/addGroups/0", "/addGroups/2", "/expression", "/removeGroups/0", "/removeGroups/1", "/set/1/value", "/state"]
    problem = admin.refused(422, "POST", f"{API}/groups/name:%2Fbeta/members", {"add": [1, 1.5, "east-2"], "remove": [2.000001]})
    assert pointers(problem) == ["/add/1", "/remove/0"]


def test_values_that_would_conflict_are_told_beside_faults_that_they_do_not_follow_from(admin):
    stores(admin)
    for path, value in (("one", "1"), ("two", "2")):
        admin.post(f"{API}/groups", {"name": path, "metadata": {"tax": value}})
    both, own = cluster("both", "/one", "/two"), cluster("own", "/one", "/two", metadata={"tax": {}})
    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [both, own, cluster("c-3", "/nope")], "policies": [{"name": "p"}]})
    assert sorted(pointers(problem)) == ["/clusters/0", "/clusters/1/metadata/tax", "/clusters/2/groups/0", "/policies/0/path"]
    assert next(fault for fault in problem["errors"] if fault["pointer"] == "/clusters/0")["detail"].startswith('cluster "both" would have two values')
    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [both], "groups": [{"name": "one", "priorty": 7}]})
    assert pointers(problem) == ["/groups/0/priorty"]
    problem = admin.refused(409, "POST", f"{API}/apply", {"clusters": [both], "groups": [{"name": "three", "metadata": {"tax": "3"}, "expression": "/c/east-1"}, {"name": "four", "expression": "/c/both"}]})
    assert pointers(problem) == ["/clusters/0"]
    problem = admin.refused(409, "POST", f"{API}/apply", {"groups": [{"name": "one", "expression": "/c/east-1"}, {"name": "two", "expression": "/c/east-1"}]})
    assert pointers(problem) == [""] and 'cluster "east-1" would have two values' in problem["detail"]


def test_every_fault_of_an_inventory_is_told_with_its_object(admin):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/apply", {
        "clusters": [cluster("fine"), cluster("Not Fine"), {"name": "bad", "tags": ["", ""]}, {}], "groups": [{"name": "a/b"}], "gruops": []})
    assert sorted(pointers(problem)) == ["/clusters/1/name", "/clusters/2/tags/0", "/clusters/2/tags/1", "/clusters/3/name", "/groups/0/name", "/gruops"]

    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [cluster("a", "/nowhere"), cluster("b"), cluster("c", "/neither")]})
    assert pointers(problem) == ["/clusters/0/groups/0", "/clusters/2/groups/0"]

    problem = admin.refused(422, "POST", f"{API}/apply", {"namespaces": [{"name": "n-1", "expression": "/g/nowhere"}, {"name": "n-2"},
                                                                         {"name": "n-3", "expression": "/c/nobody"}]})
    assert pointers(problem) == ["/namespaces/0/expression", "/namespaces/2/expression"]


@pytest.mark.parametrize("others", [3, 600])
def test_of_few_and_of_many_it_is_told_which_would_have_two_values(admin, others):
    stores(admin)
    for path, value in (("one", "1"), ("two", "2")):
        admin.post(f"{API}/groups", {"name": path, "metadata": {"tax": value}})
    clusters = [cluster(f"new-{n}", "/one") for n in range(others)] + [cluster("both", "/one", "/two")]
    problem = admin.refused(409, "POST", f"{API}/apply", {"clusters": clusters})
    assert pointers(problem) == [f"/clusters/{others}"]
    assert 'cluster "both" would have two values for "tax"' in problem["detail"]


@pytest.mark.parametrize("plural, body, expected", [
    ("clusters", {"name": "X_2", "groups": ["/nope", "/beta"], "target": "nope", "bogus": 1}, ["/bogus", "/groups/0", "/name", "/target"]),
    ("clusters", {"name": "east-1", "groups": ["/zz-nope", 5, "/aa-nope"], "timeZone": "Mars/Olympus", "metadata": {"lanes": "many", "a b": "c"}},
     ["/groups/0", "/groups/1", "/groups/2", "/metadata/a b", "/metadata/lanes", "/name", "/timeZone"]),
    ("clusters", {"target": 5, "targetId": 1, "groups": "/nope"}, ["/groups", "/name", "/target"]),
    ("namespaces", {"name": "kube-foo", "expression": "/g/nope and (", "allowed": "/g/nope", "capacity": {"memoryLimit": 1.5}, "policies": ["none"]},
     ["/allowed", "/capacity/memoryLimit", "/expression", "/name", "/policies/0"]),
    ("namespaces", {"name": "web", "expression": "((", "enforceCapacity": True, "capacity": {"cpuLimit": "two"}}, ["/capacity/cpuLimit", "/expression", "/name"]),
    ("applications", {"name": "shop", "namespace": "web", "path": "../up", "releases": [
        {"version": "1.0.0", "expression": "/g/nope"}, {"version": "2.0.0", "expression": "(("}, {"version": "x"}]},
     ["/name", "/path", "/releases/0/expression", "/releases/1/expression", "/releases/2/version"]),
    ("applications", {"name": "shop", "namespace": "nope", "path": "apps/shop", "tags": [""]}, ["/namespace", "/tags/0"]),
    ("metadataKeys", {"name": "a b", "type": "enun", "values": ["x"], "required": "/g/nope"}, ["/name", "/required", "/type"]),
    ("groups", {"name": "stores", "parent": 7, "expression": "/g/nope"}, ["/expression", "/parent"]),
    ("groups", {"name": "a/b", "parentId": 99, "priority": "high"}, ["/name", "/parentId", "/priority"])])
def test_faults_of_form_references_expressions_and_names_are_told_at_once(admin, plural, body, expected):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lanes", "type": "integer"}])
    before = admin.get(f"{API}/export")

    answer = admin.request("POST", f"{API}/{plural}", body)
    assert (answer.status, sorted(pointers(answer.json))) == (422, expected)
    assert admin.get(f"{API}/export") == before


def test_all_faults_of_a_patch_and_a_put_are_told_at_once(admin):
    stores(admin)
    load(admin, metadataKeys=[{"name": "lanes", "type": "integer"}])
    patch = {"groups": ["/nope"], "metadata": {"lanes": "many", "zip": {}}, "store": "x\ny", "name": "east-9"}
    for method, more in (("PATCH", {}), ("PUT", {"description": 5})):
        problem = admin.refused(422, method, f"{API}/clusters/name:east-1", {**patch, **more})
        assert sorted(pointers(problem)) == sorted(["/groups/0", "/metadata/lanes", "/metadata/zip", "/name", "/store"] + ["/" + key for key in more])
    problem = admin.refused(422, "PATCH", f"{API}/namespaces/name:web", {"name": "default", "expression": "/g/nope", "tags": "new"})
    assert sorted(pointers(problem)) == ["/expression", "/name", "/tags"]


@pytest.mark.parametrize("method, path, body, pointer", [
    ("PATCH", "groups/name:%2Fstores", {"parentId": "east"}, "/parentId"), ("PATCH", "groups/name:%2Fstores", {"parent": "/stores/east"}, "/parent"),
    ("POST", "namespaces", {"name": "n", "policyIds": [7]}, "/policyIds/0"), ("PUT", "groups/name:%2Fbeta", {"name": "beta", "parentId": 99}, "/parentId")])
def test_a_reference_is_pointed_to_in_the_form_that_was_sent(admin, method, path, body, pointer):
    stores(admin)
    if body.get("parentId") == "east":
        body = {"parentId": admin.get(f"{API}/groups/name:%2Fstores%2Feast")["id"]}
    assert pointers(admin.refused(422, method, f"{API}/{path}", body)) == [pointer]


@pytest.mark.parametrize("body, expected", [
    ({"target": "nope", "targetId": 99}, ["/target", "/targetId"]), ({"target": "west", "targetId": 99}, ["/targetId"]), ({"groups": ["/nope"], "groupIds": [999]}, ["/groupIds/0", "/groups/0"]),
    ({"groupIds": [999, 1], "groups": [None, "/stores"]}, ["/groupIds/0"]), ({"groups": [None, "/nope", None]}, ["/groups/0", "/groups/1", "/groups/2"]), ({"groupIds": [None]}, ["/groupIds/0"]),
    ({"gitOpsRepo": "https://git.example/none.git", "groups": ["/nope"]}, ["/gitOpsRepo", "/groups/0"]),
    ({"target": "west", "gitOpsBranch": "other", "groups": ["/nope"]}, ["/gitOpsBranch", "/groups/0"])])
def test_of_references_in_both_forms_each_form_that_is_wrong_is_told(admin, body, expected):
    stores(admin)
    assert sorted(pointers(admin.refused(422, "POST", f"{API}/clusters", {"name": "c-1", **body}))) == expected


def test_of_a_conflict_of_values_up_to_ten_clusters_are_named_and_all_are_counted(admin):
    stores(admin)
    for path, value in (("one", "1"), ("two", "2")):
        admin.post(f"{API}/groups", {"name": path, "metadata": {"tax": value}, "priority": int(value)})
    admin.post(f"{API}/apply", {"clusters": [cluster(f"both-{n:02}", "/one", "/two") for n in range(17)]})

    problem = admin.refused(409, "PATCH", f"{API}/groups/name:%2Ftwo", {"priority": 1})
    assert problem["detail"].startswith('cluster "both-00" (and 16 more) would have two values for "tax": "1" of /one and "2" of /two')
    assert [error["detail"].split('"')[1] for error in problem["errors"]] == [f"both-{n:02}" for n in range(10)]
    assert problem["object"] == 'group "two"' and all("more" not in error["detail"] for error in problem["errors"][1:])

    admin.post(f"{API}/groups", {"name": "three", "metadata": {"tax": "3"}, "priority": 2})
    for path, body in (("clusters/bulk", {"expression": "/g/one", "addGroups": ["/three"]}), ("groups/name:%2Fthree/members", {"add": "/g/two"})):
        problem = admin.refused(409, "POST", f"{API}/{path}", body)
        assert problem["detail"].startswith('cluster "both-00" (and 16 more) would have two values for "tax": "2" of /two and "3" of /three')
        assert [error["detail"].split('"')[1] for error in problem["errors"]] == [f"both-{n:02}" for n in range(10)]

    admin.patch(f"{API}/groups/name:%2Ftwo", {"metadata": None})
    problem = admin.refused(422, "POST", f"{API}/metadataKeys", {"name": "till", "required": "/g/two"})
    assert problem["detail"] == 'cluster "both-00" (and 16 more) has no value for "till", which it must have'
    assert len(problem["errors"]) == 10


def test_what_does_not_fit_the_fleet_is_told_at_once(admin):
    stores(admin)
    problem = admin.refused(409, "POST", f"{API}/applications", {
        "name": "shop", "namespace": "web", "path": "apps/shop",
        "releases": [{"version": "1.0.0", "expression": "/g/nope"}, {"version": "2.0.0", "expression": "/c/nobody"}]})
    assert sorted(pointers(problem)) == ["/name", "/releases/0/expression", "/releases/1/expression"]

    admin.post(f"{API}/apply", {"metadataKeys": [{"name": name, "type": "integer"} for name in ("lanes", "floors")]})
    problem = admin.refused(409, "POST", f"{API}/clusters", {"name": "east-1", "metadata": {"lanes": "many", "floors": "two"}})
    assert sorted(pointers(problem)) == ["/metadata/floors", "/metadata/lanes", "/name"]
    problem = admin.refused(422, "POST", f"{API}/namespaces", {"name": "kube-foo", "expression": "/g/nope", "allowed": "/g/neither"})
    assert sorted(pointers(problem)) == ["/allowed", "/expression", "/name"]


def test_a_hundred_faults_are_told_and_that_there_are_more(admin):
    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [{"name": "B A D"} for _ in range(5000)]})
    assert (len(problem["errors"]), problem["moreErrors"]) == (100, True)


@pytest.mark.parametrize("body, pointer", [
    (b'{"name": "a", "tags": ["x", "\xff"]}', "/tags/1"), (b'{"description": "\\u0000"}', "/description"),
    (b'{"description": "\\ud800"}', "/description"), (b'{"capacity": {"cpuLimit": 1e999}}', "/capacity/cpuLimit"),
    (b'{"name": "a", "name": "b"}', "/name"),
])
def test_json_that_says_what_nothing_can_hold_is_unprocessable(admin, body, pointer):
    problem = admin.refused(422, "POST", f"{API}/clusters", body, headers=JSON)
    assert pointers(problem) == [pointer]


@pytest.mark.parametrize("body", [b"", b"{", b'{"a" 1}', b'{"name": "\x01"}', b"{} {}", b"[" * 50 + b"]" * 50])
def test_what_is_no_json_is_a_bad_request(admin, body):
    assert admin.refused(400, "POST", f"{API}/clusters", body, headers=JSON)["code"] == "invalid"


def test_a_capacity_that_is_not_there_can_not_be_enforced(admin):
    stores(admin)
    problem = admin.refused(422, "POST", f"{API}/namespaces", {"name": "web-2", "enforceCapacity": True})
    assert pointers(problem) == ["/enforceCapacity"]
    admin.post(f"{API}/namespaces", {"name": "web-2", "enforceCapacity": True, "capacity": {"cpuLimit": 2}})
    assert pointers(admin.refused(422, "PATCH", f"{API}/namespaces/name:web-2", {"capacity": None})) == ["/enforceCapacity"]
    load(admin, namespaces=[{"name": "web-2", "capacity": None, "enforceCapacity": False}])
