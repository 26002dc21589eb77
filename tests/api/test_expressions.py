"""Expressions: what they select, what is refused when they are written, and why something is on a cluster."""

import random

import pytest

from resedge_test.fleet import API, cluster, load, names, selected, stores, target


@pytest.fixture
def fleet(admin):
    stores(admin)
    return admin


def evaluate(client, expression, **more):
    return client.post(f"{API}/expressions/evaluate", {"expression": expression, **more})


@pytest.mark.parametrize("expression, clusters", [
    ("all", ["east-1", "east-2", "west-1"]), ("none", []), ("", []), (None, []), ("/g/stores/east", ["east-1", "east-2"]),
    ("/g/stores and not /g/beta", ["east-2", "west-1"]), ("/c/west-1 or /n/web", ["east-1", "west-1"]),
    ("not (/g/stores/east or /c/west-1)", []), ("/c/1", ["east-1"]),
])
def test_an_expression_selects_clusters(fleet, expression, clusters):
    answer = evaluate(fleet, expression)
    assert (answer["clusters"], answer["count"]) == (clusters, len(clusters))


def test_the_canonical_form_has_names_and_no_needless_parentheses(fleet):
    group = fleet.get(f"{API}/groups/name:/stores/east")["id"]
    assert evaluate(fleet, f"((/g/{group}))  and(all)")["expression"] == "/g/stores/east and all"


def test_parts_tell_what_each_selector_selects(fleet):
    answer = evaluate(fleet, "/g/beta or not /g/stores/east")
    assert answer["parts"] == [{"text": "/g/beta", "count": 1, "start": 0, "end": 7},
                               {"text": "/g/stores/east", "count": 2, "start": 15, "end": 29}]


def test_with_a_namespace_it_tells_what_would_change(fleet):
    fleet.patch(f"{API}/namespaces/name:web", {"allowed": "not /c/east-2"})
    answer = evaluate(fleet, "/g/stores and not /g/beta", namespace="web")

    assert (answer["gains"], answer["loses"]) == (["west-1"], ["east-1"])
    assert (answer["gainsCount"], answer["losesCount"]) == (1, 1)
    assert answer["clusters"] == ["east-2", "west-1"]
    assert names(fleet.get(f"{API}/namespaces/name:web/clusters")) == ["east-1"]
    fleet.refused(422, "POST", f"{API}/expressions/evaluate", {"expression": "all", "namespace": "nowhere"})
    fleet.refused(422, "POST", f"{API}/expressions/evaluate", {"expression": "/n/web", "namespace": "web"})


def test_the_list_of_clusters_can_be_cut_but_not_the_count(fleet):
    answer = evaluate(fleet, "all", limit=2)
    assert (answer["count"], answer["clusters"]) == (3, ["east-1", "east-2"])
    fleet.refused(422, "POST", f"{API}/expressions/evaluate", {"expression": "all", "limit": -1})


@pytest.mark.parametrize("expression, position", [
    ("/g/beta or", 10), ("/g/beta /g/stores", 8), ("(all", 4), ("/x/y", 0), ("/g/stores/north", 0), ("all and /c/nobody", 8),
    ("all or /n/none-such", 7), ("all)", 3)])
def test_a_mistake_is_refused_with_its_position(fleet, expression, position):
    problem = fleet.refused(422, "POST", f"{API}/expressions/evaluate", {"expression": expression})
    assert problem["position"] == position, problem
    written = fleet.refused(422, "PATCH", f"{API}/namespaces/name:web", {"expression": expression})
    assert (written["position"], written["field"]) == (position, "/expression")


@pytest.mark.parametrize("body, faults", [
    ({"expression": 5, "namespace": [], "limit": "x"}, {"/expression": "must be text", "/namespace": "name or id", "/limit": "whole number"}),
    ({"expression": "/g/storess", "limit": "x"}, {"/expression": "there is no group", "/limit": "whole number"}),
    ({"expression": "/g/beta and (", "namespace": "wbe"}, {"/expression": "expected", "/namespace": "there is no namespace"}),
    ({"expression": "all", "limit": 1.5, "limits": 1}, {"/limits": "unknown field", "/limit": "whole number"}),
    ({"expression": "all", "namespace": 99}, {"/namespace": "id 99"}), ({}, {"/expression": "is needed"}), ([], None)])
def test_all_faults_of_a_question_are_told_at_once(fleet, body, faults):
    problem = fleet.refused(422, "POST", f"{API}/expressions/evaluate", body)
    if faults is not None:
        told = {fault["pointer"]: fault["detail"] for fault in problem.get("errors", [{"pointer": problem["field"], "detail": problem["detail"]}])}
        assert told.keys() == faults.keys() and all(said in told[at] for at, said in faults.items()), problem


@pytest.mark.parametrize("body", [b"{x", b"{\"expression\": \"all\"", b""])
def test_a_question_that_is_no_json_is_400_as_everywhere(fleet, body):
    problem = fleet.refused(400, "POST", f"{API}/expressions/evaluate", body, headers={"Content-Type": "application/json"})
    assert "field" not in problem, problem


@pytest.mark.parametrize("expression, hint", [
    ("/g/stores/eats", "Did you mean /g/stores/east?"), ("/g/eats", "Did you mean /g/stores/east?"), ("/g/'bta'", "Did you mean /g/beta?"),
    ("/c/esat-1", "Did you mean /c/east-1?"), ("/g/'hot stroes'", "Did you mean /g/'hot stores'?"), ("/g/20256", "Digits alone are an id. Quote them where they are a name."),
    ("/g/'20256'", "Did you mean /g/'2025'?"), ("/n/wbe", "Did you mean /n/web?"), ("/g/nothing-like-it", None)])
def test_a_near_name_is_suggested_as_it_can_stand_there(fleet, expression, hint):
    load(fleet, groups=[{"name": "hot stores"}, {"name": "2025"}])
    problem = fleet.refused(422, "PATCH", f"{API}/namespaces/name:web", {"expression": expression})
    assert problem.get("hint") == hint
    assert fleet.refused(422, "POST", f"{API}/expressions/evaluate", {"expression": expression}).get("hint") == hint


def test_cycles_are_refused_wherever_they_are_closed(fleet):
    load(fleet, groups=[{"name": "a", "expression": "/n/web"}, {"name": "b", "parent": "/a", "expression": "/c/west-1"}])
    for expression in ("/n/web", "/g/a", "/g/a/b or /g/a"):
        problem = fleet.refused(422, "PATCH", f"{API}/namespaces/name:web", {"expression": expression})
        assert "web" in str(problem)
    fleet.refused(422, "PATCH", f"{API}/groups/name:/a/b", {"expression": "/g/a"})
    fleet.refused(422, "PATCH", f"{API}/groups/name:/a", {"parent": "/a/b"})
    fleet.refused(422, "PATCH", f"{API}/groups/name:/a", {"parent": "/a"})
    fleet.patch(f"{API}/namespaces/name:web", {"expression": "/g/a/b"})


def test_what_is_on_a_cluster_and_why(fleet):
    load(fleet, applications=[{"name": "shop", "namespace": "web", "path": "apps/shop",
                               "releases": [{"version": "1.10.0", "expression": "/g/beta"}, {"version": "1.9.0", "expression": "all"}]}])
    fleet.patch(f"{API}/namespaces/name:web", {"expression": "/g/beta or /g/stores/west or /c/1"})

    [shop] = fleet.get(f"{API}/clusters/name:east-1/applications")["value"]
    assert (shop["application"], shop["namespace"], shop["version"]) == ("shop", "web", "1.10.0")
    assert (shop["expression"], shop["groups"]) == ("/g/beta or /g/stores/west or /c/1", ["/beta"])
    [shop] = fleet.get(f"{API}/clusters/name:west-1/applications")["value"]
    assert (shop["version"], shop["groups"]) == ("1.9.0", ["/stores/west"])
    assert fleet.get(f"{API}/clusters/name:east-2/applications")["value"] == []


def test_members_of_groups_namespaces_and_applications(fleet):
    assert fleet.get(f"{API}/groups/name:%2Fstores/clusters") == {
        "value": [{"id": 1, "name": "east-1"}, {"id": 2, "name": "east-2"}, {"id": 3, "name": "west-1"}], "@odata.count": 3}
    assert names(fleet.get(f"{API}/namespaces/1/clusters")) == ["east-1"]
    assert names(fleet.get(f"{API}/applications/1/clusters")) == ["east-1"]
    fleet.refused(404, "GET", f"{API}/groups/999/clusters")


def test_values_come_from_the_cluster_its_groups_or_the_default(fleet):
    load(fleet, metadataKeys=[{"name": "size", "default": "small"}],
         groups=[{"name": "stores", "metadata": {"owner": "hq", "tax": "0.05"}}, {"name": "east", "parent": "/stores", "metadata": {"tax": "0.07"}}],
         clusters=[{"name": "east-1", "metadata": {"owner": "me"}}])

    values = {v["key"]: v for v in fleet.get(f"{API}/clusters/name:east-1/values")["value"]}
    assert (values["owner"]["value"], values["owner"]["own"]) == ("me", True)
    assert (values["tax"]["value"], values["tax"]["source"]["name"]) == ("0.07", "/stores/east")
    assert (values["size"]["value"], values["size"]["default"]) == ("small", True)


def test_a_value_tells_who_set_it_when_and_what_it_hides(fleet, api):
    load(fleet, metadataKeys=[{"name": "tax", "default": "0.01"}],
         groups=[{"name": "stores", "metadata": {"tax": "0.05"}}, {"name": "east", "parent": "/stores"}])
    jane = api.client("platform", "jane")
    jane.patch(f"{API}/groups/name:/stores/east", {"metadata": {"tax": "0.07"}})
    revision = jane.request("PATCH", f"{API}/groups/name:/stores/east", {"metadata": {"tax": "0.08"}}).revision
    fleet.patch(f"{API}/groups/name:/stores/east", {"description": "somebody else's change"})

    def tax(name):
        [found] = [v for v in fleet.get(f"{API}/clusters/name:{name}/values")["value"] if v["key"] == "tax"]
        return found
    value = tax("east-1")
    assert (value["value"], value["setBy"], value["setAt"]) == ("0.08", "jane", fleet.get(f"{API}/revisions/{revision}")["at"])
    assert [(h["value"], h["source"]["name"], h["default"]) for h in value["hides"]] == [("0.05", "/stores", False), ("0.01", "tax", True)]
    jane.patch(f"{API}/clusters/name:east-1", {"metadata": {"tax": "0.09"}})
    value = tax("east-1")
    assert (value["own"], value["source"]["name"]) == (True, "east-1")
    assert [h["value"] for h in value["hides"]] == ["0.08", "0.05", "0.01"]
    assert (tax("west-1")["value"], tax("west-1")["setBy"]) == ("0.05", "admin")


def test_a_conflict_of_values_is_refused_at_the_write_that_causes_it(fleet):
    load(fleet, groups=[{"name": "east", "parent": "/stores", "metadata": {"tax": "0.07"}}])
    problem = fleet.refused(409, "PATCH", f"{API}/groups/name:/beta", {"metadata": {"tax": "0.01"}})
    assert "/stores/east" in str(problem) and "/beta" in str(problem), problem
    fleet.patch(f"{API}/groups/name:/beta", {"metadata": {"tax": "0.01"}, "priority": 5})
    [tax] = [v for v in fleet.get(f"{API}/clusters/name:east-1/values")["value"] if v["key"] == "tax"]
    assert tax["value"] == "0.01"


# ---- against a naive evaluation ----

class Random:
    """A random expression, and which of the clusters it selects according to Python's own sets."""

    def __init__(self, rng, clusters, groups):
        self.rng = rng
        self.all = set(clusters)
        self.leaves = {"all": self.all, "none": set(), **{f"/c/{c}": {c} for c in clusters}, **{f"/g/{g}": m for g, m in groups.items()}}

    def make(self, depth):
        kind = self.rng.randrange(4 if depth else 1)
        if kind == 0:
            text = self.rng.choice(sorted(self.leaves))
            return text, self.leaves[text]
        left, a = self.make(depth - 1)
        if kind == 1:
            return f"not ({left})", self.all - a
        right, b = self.make(depth - 1)
        return (f"({left}) and ({right})", a & b) if kind == 2 else (f"({left}) or ({right})", a | b)


def test_random_expressions_select_what_sets_say(admin):
    rng = random.Random(4711)
    clusters = {f"c-{n}": rng.sample(["a", "b", "d"], rng.randrange(4)) for n in range(20)}
    load(admin, targets=[target()], groups=[{"name": g} for g in "abd"],
         clusters=[cluster(name, *(f"/{g}" for g in member)) for name, member in clusters.items()])
    groups = {g: {c for c, member in clusters.items() if g in member} for g in "abd"}

    for _ in range(60):
        text, expected = Random(rng, clusters, groups).make(4)
        assert set(selected(admin, text)) == expected, text
        canonical = evaluate(admin, text)["expression"]
        assert set(selected(admin, canonical)) == expected, (text, canonical)


def test_of_many_clusters_the_first_by_name_are_listed(admin):
    names_made = [f"c-{(n * 7919) % 1000:03}" for n in range(1000)]  # in no order
    load(admin, targets=[target()], clusters=[{"name": name} for name in names_made])
    for limit in (0, 1, 2, 3, 100, 999, 1000):
        answer = admin.post(f"{API}/expressions/evaluate", {"expression": "all", "limit": limit})
        assert answer["count"] == 1000
        assert answer["clusters"] == sorted(names_made)[:limit]
