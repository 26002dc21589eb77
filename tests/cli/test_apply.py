"""resedge apply: an inventory from a file or a pipe, all or nothing."""

import json
import re

import pytest
import yaml

import small
from small import says


def test_what_is_there_is_updated_and_what_is_not_created(admin, cli, tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_text(small.FLEET)
    assert cli("apply", "-f", path) == "14 created, 0 updated, 0 unchanged (revision 1)\n"
    assert cli("apply", "-f", path) == "0 created, 0 updated, 14 unchanged (revision 1)\n"
    path.write_text("clusters:\n- {name: east-1, environment: Test}\n- {name: east-3, target: edge}\n- {name: east-2}\n")
    assert cli("apply", "--file", path) == "1 created, 1 updated, 1 unchanged (revision 2)\n"
    assert admin.get("/api/v1/clusters/name:east-1")["environment"] == "Test"
    assert admin.get("/api/v1/clusters/name:east-1")["store"] == "0101"


@pytest.mark.parametrize("written", [
    small.FLEET,
    json.dumps(yaml.safe_load(small.FLEET)),
    "\n\n  " + json.dumps(yaml.safe_load(small.FLEET), indent=2),
    "\ufeff" + json.dumps(yaml.safe_load(small.FLEET)),
    "# first a remark\n---\n" + small.FLEET,
], ids=("yaml", "json", "indented", "byte-order-mark", "remark"))
def test_yaml_and_json_are_told_apart_by_what_they_look_like(asking, written):
    assert asking("apply", "-f", "-", "--dry-run", stdin=written) == "dry run: 0 created, 0 updated, 14 unchanged (revision 1)\n"


def test_a_dry_run_says_what_would_change_and_changes_nothing(fleet, cli):
    before = fleet.get("/api/v1/export")
    out = cli("apply", "-f", "-", "--dry-run",
              stdin="clusters: [{name: east-3, target: edge}, {name: east-1, environment: Test}, {name: east-2}]")
    assert out == ("would create cluster east-3\n"
                   "would update cluster east-1\n"
                   "dry run: 1 created, 1 updated, 1 unchanged (revision 1)\n")
    assert fleet.get("/api/v1/export") == before
    answer = fleet.request("GET", "/api/v1/clusters")
    assert answer.revision == 1


def test_json_is_the_answer_of_the_api(fleet, cli):
    answer = json.loads(cli("apply", "-f", "-", "-o", "json", stdin="groups: [{name: north, parent: /stores}]"))
    assert answer["revision"] == 2 and answer["created"] == {"groups": 1}
    assert answer["changes"] == [{"noun": "group", "name": "/stores/north", "op": "create"}]
    assert yaml.safe_load(cli("apply", "-f", "-", "-o", "yaml", "--dry-run", stdin="groups: []"))["unchanged"] == 0


MISTAKES = [
    ("clusters:\n  - name: a\n   store: 2\n", 2, ("{file}:3: ",)),
    ("clusters:\n  - name: a\n  - name: [\n", 2, ("{file}:4: ",)),
    ("clusters:\n\t- name: a\n", 2, ("{file}:2: ",)),
    ("a: &x 1\nb: *x\n", 2, ("{file}:2: ",)),
    ("clusters: []\nclusters: []\n", 2, ("{file}:2: ", "clusters")),
    ('{"clusters": [\n  {"name": "a",}\n]}', 2, ("{file}", "line 2, column 16")),
    ('{"clusters": []}\n}', 2, ("{file}", "line 2, column 1")),
    ("", 2, ("{file} is empty",)),
    ("# nothing\n", 2, ("{file} is empty",)),
    ("[]", 2, ("an object with lists of objects, found an array",)),
    ("clustrs: []", 2, ('unknown member "clustrs"', "/clustrs", 'Did you mean "clusters"?')),
    ("clusters: [{name: a, stroe: x}]", 2, ('unknown field "stroe"', 'cluster "a"', "/clusters/0/stroe", 'Did you mean "store"?')),
    ("clusters: [{name: a}, {name: b}, {name: a}]", 2, ('"a" is there twice', "/clusters/0", "/clusters/2")),
    ("groups: [{name: east, parent: /stores}, {name: east, parent: /stores}]", 2, ("twice", "/groups/1")),
    ("clusters: [{name: UPPER}]", 2, ("/clusters/0/name",)),
    ("namespaces: [{name: a, expression: /g/stores and}]", 2, ("/namespaces/0/expression", "at 13", 'namespace "a"')),
    ("clusters: {name: a}", 2, ("/clusters", "array")),
]


@pytest.mark.parametrize("written, status, parts", MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_named_with_its_place_and_nothing_is_written(standing, asking, tmp_path, written, status, parts):
    path = tmp_path / "mistake.inventory"
    path.write_text(written)
    before = standing.admin.get("/api/v1/export")
    result = asking.run("apply", "-f", path)
    says(result, status, *(part.format(file=path) for part in parts))
    assert result.stdout == ""
    assert standing.admin.get("/api/v1/export") == before


def test_a_mistake_in_a_pipe_is_one_in_standard_input(asking):
    says(asking.run("apply", "-f", "-", stdin="clusters:\n  - name: a\n   store: 2\n"), 2, "standard input:3: ")
    says(asking.run("apply", "-f", "-", stdin="{"), 2, "standard input", "line 1")


def test_an_unknown_reference_is_refused_and_names_itself_and_who_refers_to_it(standing, asking):
    for written in ("clusters: [{name: ok, target: edge}, {name: a, groups: [/stores/eats]}]",
                    "clusters: [{name: a, target: egde}]", "namespaces: [{name: a, expression: /g/stores/eats}]",
                    "applications: [{name: a, namespace: shopp, path: apps/a}]"):
        result = asking.run("apply", "-f", "-", stdin=written)
        assert result.returncode in (1, 2), result
        assert re.search('"(shopp/)?a"', result.stderr) and any(word in result.stderr for word in ("stores/eats", "egde", "shopp")), result
    assert standing.admin.request("GET", "/api/v1/clusters").revision == 1


def test_a_reader_may_not_apply(standing, asking):
    asking.env["RESEDGE_TOKEN"] = standing.api.make_token("viewer")
    says(asking.run("apply", "-f", "-", stdin="clusters: []"), 3, "the role viewer does not allow that", "It takes the role")
