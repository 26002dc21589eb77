"""Random faults in random bodies that are well without them: a refusal tells all of them, and nothing else.

TEST_SEED=<number> repeats one, TEST_SEEDS=<count> tries that many.
"""

import copy
import json
import os
import random

import pytest

from resedge_test import servers
from resedge_test.faulty import EXPRESSIONS, Place, inject, pointer
from resedge_test.fleet import API, cluster, load, target

NOUNS = ("targets", "metadataKeys", "groups", "policies", "namespaces", "applications", "clusters")
SINGULAR = {noun: "policy" if noun == "policies" else noun[:-1] for noun in NOUNS}
SEEDS = [int(os.environ["TEST_SEED"])] if "TEST_SEED" in os.environ else range(int(os.environ.get("TEST_SEEDS", 25)))
MOST = 12
GOOD = ["/g/stores", "/c/s-1", "/t/t-1", "none", "all", "/m/lanes/3 or /c/s-2", "/g/beta and not /g/stores/east"]


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory):
    database = postgres.create_database(template_database)
    api = servers.Api(tmp_path_factory.mktemp("faults"), postgres.url(database)).start()
    admin = api.client("admin")
    load(admin, targets=[target("main")],
         metadataKeys=[{"name": "lanes", "type": "integer"}, {"name": "kind", "type": "enum", "values": ["shop", "depot"]}, {"name": "open", "type": "boolean"},
                       {"name": "code", "type": "pattern", "pattern": "[a-z]+"}, {"name": "note"}],
         groups=[{"name": "stores"}, {"name": "east", "parent": "/stores"}, {"name": "beta"}], policies=[{"name": "limits", "path": "policies/limits"}],
         namespaces=[{"name": "web", "expression": "/g/beta"}, {"name": "db"}],
         applications=[{"name": "shop", "namespace": "web", "path": "apps/shop", "fluxName": "taken"}],
         clusters=[cluster(f"s-{n}", "/stores/east", "/beta", target="main", metadata={"note": "hello", "lanes": "3"}) for n in (1, 2, 3)])
    yield admin
    api.check_ended_well()
    postgres.drop_database(database)


# ---- a valid inventory ----

def some(rng, choices, most=2):
    return rng.sample(choices, rng.randint(0, min(most, len(choices))))


def metadata(rng, noun):
    pairs = {key: rng.choice(["1", 2, True]) for key in some(rng, ["x", "y-z", "0"])}
    if noun == "clusters":
        pairs.update(some(rng, [("lanes", 5), ("kind", "depot"), ("open", True), ("code", "abc")]))
    return pairs if rng.random() < 0.5 else [{"key": key, "value": value} for key, value in pairs.items()]


def common(rng, noun, name):
    doc = {"name": name}
    if rng.random() < 0.3:
        doc.update(description="two\nlines", environment="prod")
    if rng.random() < 0.3:
        doc["tags"] = ["t-1"]
    if rng.random() < 0.5 and noun != "groups":
        doc["metadata"] = metadata(rng, noun)
    return doc


class Inventory:
    """Objects that refer to each other and to the fleet: new ones, and those that are there."""

    def __init__(self, rng):
        self.rng, self.nouns, self.used = rng, {noun: [] for noun in NOUNS}, set()
        for noun in NOUNS:
            getattr(self, noun)()
            rng.shuffle(self.nouns[noun])

    def add(self, noun, name, **fields):
        self.nouns[noun].append({**common(self.rng, noun, name), **fields})

    def use(self, noun, name):
        self.used.add((noun, name))
        return name

    def of(self, noun, there):
        """One of that noun, there or new."""
        return self.use(noun, self.rng.choice(there + [path_of(noun, doc) for doc in self.nouns[noun]]))

    def expression(self):
        return f"/g{self.of('groups', ['/stores', '/beta'])}" if self.rng.random() < 0.3 else self.rng.choice(GOOD)

    def targets(self):
        for n in range(self.rng.randint(0, 2)):
            self.add("targets", f"t-{n}", url=f"/srv/git/t-{n}.git", branch="fleet")
        if self.rng.random() < 0.3:
            self.add("targets", "main", guard={"clustersLosing": 5})

    def metadataKeys(self):
        for n in range(self.rng.randint(0, 2)):
            self.add("metadataKeys", f"key-{n}", **self.rng.choice([{"type": "integer", "default": "5"}, {"type": "enum", "values": ["a", "b"]}, {}]))
        if self.rng.random() < 0.3:
            self.add("metadataKeys", "note", description="x")

    def groups(self):
        for n in range(self.rng.randint(1, 4)):
            parent = self.of("groups", ["/stores", "/beta"]) if self.rng.random() < 0.5 else None
            self.add("groups", f"g-{n}", parent=parent)
        for n in range(self.rng.randint(0, 3)):
            self.add("groups", f"e-{n}", expression=self.rng.choice(GOOD))
        if self.rng.random() < 0.3:
            self.add("groups", "east", parent="/stores", priority=5)

    def policies(self):
        for n in range(self.rng.randint(0, 2)):
            self.add("policies", f"p-{n}", path=f"policies/p-{n}")

    def namespaces(self):
        for n in range(self.rng.randint(1, 3)):
            self.add("namespaces", f"n-{n}", expression=self.expression(), policies=[self.of("policies", ["limits"])])
        if self.rng.random() < 0.3:
            self.add("namespaces", "web", allowed=self.expression())

    def applications(self):
        for n in range(self.rng.randint(1, 4)):
            self.add("applications", f"a-{n}", namespace=self.of("namespaces", ["web", "db"]), path="apps/a", releases=[{"version": "1.0.0", "expression": self.expression()}])
        if self.rng.random() < 0.3:
            self.add("applications", "shop", namespace="web", paused=True)

    def clusters(self):
        for n in range(self.rng.randint(1, 5)):
            groups = sorted({self.of("groups", ["/stores/east", "/beta"]) for _ in range(self.rng.randint(0, 3))})
            self.add("clusters", f"c-{n}", target=self.of("targets", ["main"]), groups=groups, capacity={"memoryLimit": 1024})
        for name in some(self.rng, ["s-1", "s-2"]):
            self.add("clusters", name, store="7")

    def body(self):
        return {noun: docs for noun, docs in self.nouns.items() if docs}

    def place(self, noun, doc):
        new = doc["name"] not in ("main", "note", "east", "web", "shop", "s-1", "s-2")
        return Place(self.rng, noun, doc, new=new, free=new and not any(of == noun and (name + "/").startswith(path_of(noun, doc) + "/") for of, name in self.used))


def path_of(noun, doc):
    return f"{doc.get('parent') or ''}/{doc['name']}" if noun == "groups" else doc["name"]


# ---- faults of objects beside each other ----

def circle(inventory, places):
    groups = [(index, place) for (noun, index), place in places.items() if noun == "groups" and place.new and place.free and not place.doc.get("parent")]
    if len(groups) < 2:
        return []
    pair = inventory.rng.sample(groups, 2)
    if any(place.taken & {("name",), ("parent",)} for _, place in pair) or not all(place.claim("expression") for _, place in pair):
        return []
    for (_, place), (_, other) in (pair, pair[::-1]):
        place.claim("name")
        place.claim("parent")
        place.doc["expression"] = f"/t/t-1 or /g/{other.doc['name']}"
    return [pointer("groups", index, "expression") for index, _ in pair]


def twice(inventory, places):
    noun, index = inventory.rng.choice(list(places))
    of = places[noun, index]
    if of.taken & {("name",), ("parent",), ("namespace",), ("path",), ("url",), ("target",)} or not of.claim("name"):
        return []
    within = {"groups": "parent", "applications": "namespace"}.get(noun)
    if within:
        of.claim(within)
    copied = {name: value for name, value in of.doc.items() if name in ("name", "parent", "namespace", "path", "url", "target")}
    inventory.nouns[noun].append(copied)
    return [pointer(noun, len(inventory.nouns[noun]) - 1, "name")]


def no_object(inventory, _places):
    noun = inventory.rng.choice(NOUNS)
    inventory.nouns[noun].append(inventory.rng.choice([5, "x", []]))
    return [pointer(noun, len(inventory.nouns[noun]) - 1)]


def by_id(inventory, places):
    noun, index = inventory.rng.choice(list(places))
    field, value = {"clusters": ("groupIds", [1]), "namespaces": ("policyIds", [1])}.get(noun, (None, None))
    if field is None or "groups" in places[noun, index].doc or "policies" in places[noun, index].doc or not places[noun, index].claim(field):
        return []
    places[noun, index].doc[field] = value
    return [pointer(noun, index, field)]


def put_faults(inventory, most):
    """Returns the pointers that are to be told."""
    rng, expected = inventory.rng, []
    places = {(noun, index): inventory.place(noun, doc) for noun, docs in inventory.nouns.items() for index, doc in enumerate(docs)}
    for _ in range(most):
        if rng.random() < 0.25:
            expected += rng.choice([circle, twice, no_object, by_id])(inventory, places)
        else:
            noun, index = rng.choice(list(places))
            expected += [pointer(noun, index) + told for told in inject(places[noun, index])]
    return expected


# ---- telling ----

def told(answer, line=False):
    assert answer.status in (409, 422), answer
    errors = answer.json["errors"]
    assert all(error["detail"] for error in errors) and "moreErrors" not in answer.json
    assert (answer.json.get("field", ""), answer.json["detail"]) == (errors[0]["pointer"], errors[0]["detail"])
    return sorted((error["line"], error["pointer"]) if line else error["pointer"] for error in errors)


def in_lines(rng, nouns):
    """As NDJSON, the nouns mixed, and in which line each object is."""
    left = {noun: list(enumerate(docs)) for noun, docs in nouns.items() if docs}
    lines, where = [], {}
    while left:
        noun = rng.choice(list(left))
        index, doc = left[noun].pop(0)
        lines.append(json.dumps({"noun": SINGULAR[noun], "doc": doc}))
        where[pointer(noun, index)] = len(lines)
        left = {noun: docs for noun, docs in left.items() if docs}
    return "\n".join(lines), where


def check_equal(found, expected, body):
    assert sorted(found) == sorted(expected), \
        f"hidden: {sorted(set(expected) - set(found))}, invented: {sorted(set(found) - set(expected))}, told twice: {sorted(set(found)) != sorted(found)}\n{json.dumps(body)}"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_inventory_is_told_each_of_its_faults_and_no_other(fleet, seed):
    rng = random.Random(f"inventory {seed}")
    inventory = Inventory(rng)
    mended, before = copy.deepcopy(inventory.body()), fleet.get(f"{API}/export")
    fleet.post(f"{API}/apply?dryRun=true", mended)
    expected = put_faults(inventory, rng.randint(1, MOST))
    if not expected:
        return
    for query in ("?dryRun=true", ""):
        check_equal(told(fleet.request("POST", f"{API}/apply{query}", inventory.body())), expected, inventory.body())
    assert fleet.get(f"{API}/export") == before
