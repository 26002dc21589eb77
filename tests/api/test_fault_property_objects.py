"""Random faults in bodies for one object, for many clusters and for a group's members: a refusal tells all of them, and nothing else.

TEST_SEED=<number> repeats one, TEST_SEEDS=<count> tries that many.
"""

import random

import pytest

from resedge_test import faulty
from resedge_test.faulty import EXPRESSIONS, MOST, SEEDS, WORD_ITEMS, Place, check_told, inject, pointer, told
from resedge_test.fleet import API

# A valid new object of each noun, and what of one that is there can be said anew.
NEW = {"targets": {"name": "new", "url": "/srv/git/new.git"}, "metadataKeys": {"name": "new"}, "groups": {"name": "new", "parent": "/stores", "priority": 5},
       "policies": {"name": "new", "path": "policies/new"}, "namespaces": {"name": "new", "expression": "/g/beta", "policies": ["limits"]},
       "applications": {"name": "new", "namespace": "web", "path": "apps/new", "releases": [{"version": "1.0.0", "expression": "all"}]},
       "clusters": {"name": "new", "target": "main", "groups": ["/beta"], "metadata": {"lanes": 3}}}
THERE = {"targets": "main", "metadataKeys": "note", "groups": "/stores/east", "policies": "limits", "namespaces": "web", "applications": "web/shop", "clusters": "s-1"}


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory):
    with faulty.fleet(postgres, template_database, tmp_path_factory.mktemp("faults")) as admin:
        yield admin


# ---- faults that a write to one object alone can have ----

def taken(place):
    """A name, or a place, that another has."""
    if not place.new or place.taken & {("parent",), ("namespace",)} or not place.claim("name"):
        return []
    place.doc["name"] = THERE[place.noun].rpartition("/")[2]
    place.claim("parent")
    place.claim("namespace")
    return ["/name"]


def unknown_id(place):
    field, form = place.rng.choice({"clusters": [("target", "targetId"), ("groups", "groupIds")], "groups": [("parent", "parentId")], "applications": [("namespace", "namespaceId")],
                                    "namespaces": [("policies", "policyIds")]}.get(place.noun, [(None, None)]))
    if field is None or field in place.doc or not place.claim(field) or not place.claim(form):
        return []
    value = place.rng.choice([99999, "x", -1])
    place.doc[form] = [value] if form.endswith("Ids") else value
    return [pointer(form, 0) if form.endswith("Ids") else pointer(form)]


def fixed(place):
    """What the server set, or a name for life."""
    field = place.rng.choice(["id", "createdBy"] + ["name"] * (place.noun == "clusters") + ["fluxName"] * (place.noun == "applications"))
    if place.new or not place.claim(field):
        return []
    place.doc[field] = {"id": 99999, "createdBy": "someone", "name": "s-9", "fluxName": "other"}[field]
    return [pointer(field)]


def in_use(place):
    """A type that the values which are there don't fit."""
    if place.noun != "metadataKeys" or place.new or not place.claim("type"):
        return []
    place.doc["type"] = "integer"
    return ["/type"]


def circle(place):
    if place.noun != "groups" or place.new or not place.claim("expression") or not place.claim("parent"):
        return []
    place.doc["expression"] = "/t/t-1 or /g/stores/east"
    return ["/expression"]


def place_for(rng, noun, method):
    """A valid body of the request, and its path."""
    there = {**NEW[noun], "name": THERE[noun].rpartition("/")[2]}
    doc = {"POST": NEW[noun], "PUT": there, "PATCH": {}}[method]
    doc = {name: list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value for name, value in doc.items()}
    path = f"{API}/{noun}" + ("" if method == "POST" else "/name:" + THERE[noun].replace("/", "%2F"))
    return Place(rng, noun, doc, new=method == "POST", free=method == "POST", patch=method == "PATCH"), path


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("seed", SEEDS)
def test_an_object_is_told_each_of_its_faults_and_no_other(fleet, method, seed):
    rng = random.Random(f"{method} {seed}")
    for noun in NEW:
        place, path = place_for(rng, noun, method)
        before = fleet.get(f"{API}/export")
        assert fleet.request(method, f"{path}?dryRun=true", place.doc).status == 200
        expected = []
        for _ in range(rng.randint(1, MOST)):
            expected += rng.choice([taken, unknown_id, fixed, in_use, circle])(place) if rng.random() < 0.3 else inject(place)
        if not expected:
            continue
        for query in ("?dryRun=true", ""):
            check_told(told(fleet.request(method, path + query, place.doc)), expected, {path: place.doc})
        assert fleet.get(f"{API}/export") == before


# ---- many clusters at once ----

def bulk_faults(rng):
    """A body, and where it is wrong."""
    body = {"expression": "/g/stores", "set": {"x": "1"}, "unset": ["y"], "addGroups": ["/beta"], "removeGroups": ["/stores"], "tags": {"add": ["t"], "remove": ["u"]}, "state": "active"}
    wrong_pairs = [("a b", "x"), ("k", "two\nlines"), ("m", {}), ("lanes", "many"), ("kind", "kiosk"), ("store", "x"), ("a/~", "x")]
    wrong_items = {("unset",): [5, {}, "x"], ("addGroups",): ["/nope", 5, ""], ("removeGroups",): ["/nope", 5, "/beta"], ("tags", "add"): WORD_ITEMS, ("tags", "remove"): [5, "t"]}
    expected = []
    for kind in range(rng.randint(1, MOST)):
        kind = rng.randrange(6)
        if kind == 0 and "/expression" not in expected:
            body["expression"] = rng.choice([text for text in EXPRESSIONS if text != "all\u0007"] + [None])
            expected.append("/expression")
        elif kind == 1 and "/state" not in expected:
            body["state"] = rng.choice(["asleep", 5])
            expected.append("/state")
        elif kind == 2:
            name = Place(rng, "clusters", {}).unique("colour/")
            into = rng.choice([(), ("tags",)])
            (body["tags"] if into else body)[name] = 1
            expected.append(pointer(*into, name))
        elif kind == 3:
            key, value = rng.choice(wrong_pairs)
            if key not in body["set"]:
                body["set"][key] = value
                expected.append(pointer("set", key))
        elif kind > 3:
            path = rng.choice(list(wrong_items))
            items = body[path[0]] if len(path) == 1 else body["tags"][path[1]]
            items.append(rng.choice(wrong_items[path]))
            expected.append(pointer(*path, len(items) - 1))
    return body, expected


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_of_many_clusters_is_told_each_of_its_faults_and_no_other(fleet, seed):
    rng = random.Random(f"bulk {seed}")
    before = fleet.get(f"{API}/export")
    body, expected = bulk_faults(rng)
    if expected:
        check_told(told(fleet.request("POST", f"{API}/clusters/bulk", body)), expected, body)
    assert fleet.get(f"{API}/export") == before


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_of_members_is_told_each_of_its_faults_and_no_other(fleet, seed):
    rng = random.Random(f"members {seed}")
    before = fleet.get(f"{API}/export")
    body, expected = {}, []
    for member, others in (("add", ["s-1", 1]), ("remove", ["s-2"])):
        if rng.random() < 0.3:
            body[member] = rng.choice([text for text in EXPRESSIONS if text not in (5, "all\u0007")] + [5, {}])
            expected.append(f"/{member}")
        else:
            body[member] = rng.sample(others + ["nobody", 99999, 1.5, None, {}, ""], rng.randint(1, 6))
            expected += [pointer(member, i) for i, item in enumerate(body[member]) if item not in others]
    if rng.random() < 0.3:
        body["colour"] = 1
        expected.append("/colour")
    if expected:
        check_told(told(fleet.request("POST", f"{API}/groups/name:%2Fbeta/members", body)), expected, body)
        assert fleet.get(f"{API}/export") == before
