"""Random faults in random bodies that are well without them: a refusal tells all of them, and nothing else.

TEST_SEED=<number> repeats one, TEST_SEEDS=<count> tries that many.
"""

import copy
import json
import random

import pytest

from resedge_test import faulty
from resedge_test.faulty import MOST, SEEDS, Place, check_told, inject, pointer, told
from resedge_test.fleet import API

NOUNS = ("targets", "metadataKeys", "groups", "policies", "namespaces", "applications", "clusters")
OF_NO_VALUES = ("targets", "policies", "applications", "clusters")  # whatever is wrong with them, it is told which values clusters would have
SINGULAR = {noun: "policy" if noun == "policies" else noun[:-1] for noun in NOUNS}
GOOD = ["/g/stores", "/c/s-1", "/t/t-1", "none", "all", "/m/lanes/3 or /c/s-2", "/g/beta and not /g/stores/east"]


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory):
    with faulty.fleet(postgres, template_database, tmp_path_factory.mktemp("faults")) as admin:
        yield admin


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


def no_object(inventory, places):
    noun = inventory.rng.choice(list(places))[0]
    inventory.nouns[noun].append(inventory.rng.choice([5, "x", []]))
    return [pointer(noun, len(inventory.nouns[noun]) - 1)]


def by_id(inventory, places):
    noun, index = inventory.rng.choice(list(places))
    field, value = {"clusters": ("groupIds", [1]), "namespaces": ("policyIds", [1])}.get(noun, (None, None))
    if field is None or "groups" in places[noun, index].doc or "policies" in places[noun, index].doc or not places[noun, index].claim(field):
        return []
    places[noun, index].doc[field] = value
    return [pointer(noun, index, field)]


def two_values(inventory, places):
    """Of a cluster that is in two groups, where nothing else is wrong with it."""
    clusters = [(index, place) for (noun, index), place in places.items() if noun == "clusters" and place.new and not place.taken]
    if not clusters:
        return []
    index, place = inventory.rng.choice(clusters)
    place.doc["groups"] = ["/one", "/two"]
    return [pointer("clusters", index)] if place.claim("groups") and place.claim("whole") else []


def put_faults(inventory, most, nouns=NOUNS, beside=(circle, twice, no_object, by_id)):
    """Returns the pointers that are to be told."""
    rng, expected = inventory.rng, []
    places = {(noun, index): inventory.place(noun, doc) for noun in nouns for index, doc in enumerate(inventory.nouns[noun])}
    for _ in range(most):
        noun, index = rng.choice([at for at, place in places.items() if ("whole",) not in place.taken])
        if rng.random() < 0.25:
            expected += rng.choice(beside)(inventory, places)
        else:
            expected += [pointer(noun, index) + at for at in inject(places[noun, index])]
    return expected


# ---- as they are sent ----

def in_lines(rng, nouns):
    """As NDJSON, the nouns mixed, and in which line each object is."""
    left = {noun: list(enumerate(docs)) for noun, docs in nouns.items() if docs}
    lines, where = [], {}
    while left:
        noun = rng.choice(list(left))
        index, doc = left[noun].pop(0)
        lines.append(json.dumps({"noun": SINGULAR[noun], "doc": doc}))
        where[noun, str(index)] = len(lines)
        left = {of: docs for of, docs in left.items() if docs}
    return "\n".join(lines), where


def in_line(where, at):
    noun, index, *rest = at.split("/")[1:]
    return where[noun, index], "/" + "/".join(["doc", *rest])


def refuses(fleet, body, **kwargs):
    """What is told, by a dry run and in earnest; nothing is written."""
    before = fleet.get(f"{API}/export")
    answers = [fleet.request("POST", f"{API}/apply{query}", body, **kwargs) for query in ("?dryRun=true", "")]
    assert fleet.get(f"{API}/export") == before
    assert answers[0].json["errors"] == answers[1].json["errors"]
    return answers[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_inventory_is_told_each_of_its_faults_and_no_other(fleet, seed):
    rng = random.Random(f"inventory {seed}")
    inventory = Inventory(rng)
    mended = copy.deepcopy(inventory.body())
    expected = put_faults(inventory, rng.randint(1, MOST))
    if expected:
        check_told(told(refuses(fleet, inventory.body())), expected, inventory.body())
    fleet.post(f"{API}/apply?dryRun=true", mended)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_inventory_in_lines_is_told_each_of_its_faults_with_its_line(fleet, seed):
    rng = random.Random(f"lines {seed}")
    inventory = Inventory(rng)
    mended, _ = in_lines(rng, inventory.body())
    expected = put_faults(inventory, rng.randint(1, MOST), beside=(circle, twice, by_id))
    lines, where = in_lines(rng, inventory.body())
    kind = {"Content-Type": "application/x-ndjson"}
    if expected:
        check_told(told(refuses(fleet, lines, headers=kind), line=True), [in_line(where, at) for at in expected], lines)
    fleet.post(f"{API}/apply?dryRun=true", mended, headers=kind)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_values_of_a_cluster_are_told_beside_what_they_do_not_follow_from(fleet, seed):
    rng = random.Random(f"values {seed}")
    inventory = Inventory(rng)
    expected = put_faults(inventory, rng.randint(1, MOST), OF_NO_VALUES, (twice, no_object, two_values, two_values))
    if expected:
        check_told(told(refuses(fleet, inventory.body())), expected, inventory.body())


# ---- a table of clusters ----

CELLS = {"state": ["asleep"], "timeZone": ["Mars/Olympus"], "target": ["nope", "Not A Name"], "store": ["bell\u0007", "x" * 129], "description": ["bell\u0007"],
         "environment": ["a\u202eb"], "metadata.lanes": ["many"], "metadata.kind": ["kiosk"], "metadata.a b": ["x"], "metadata.free": ["x" * 4097],
         "capacity.memoryLimit": ["x", "-1", "1.5"], "location.latitude": ["91", "north"], "capacity.disk": ["1"], "groups": ["/nope", "/stores/nope"], "tags": ["bell\u0007"]}
FINE = {"state": "planned", "timeZone": "Europe/Berlin", "target": "main", "store": "7", "metadata.lanes": "3", "capacity.memoryLimit": "512", "location.latitude": "50",
        "groups": "/stores/east;/beta", "tags": "t-1"}


def put_cell(rng, row, column):
    """Where the fault is that it has now."""
    bad = rng.choice(CELLS[column])
    if column in ("groups", "tags"):
        items = [item for item in row[column].split(";") if item] + [bad]
        row[column] = ";".join(items)
        return pointer(column, len(items) - 1)
    row[column] = bad
    return pointer(*column.split("."))


def as_csv(columns, rows):
    """A latitude needs a longitude."""
    return "\r\n".join([",".join([*columns, "location.longitude"])] +
                       [",".join([*(row[column] for column in columns), "8" if row.get("location.latitude") else ""]) for row in rows])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_is_told_each_of_its_faults_with_its_line(fleet, seed):
    rng = random.Random(f"table {seed}")
    columns = ["name"] + rng.sample(list(CELLS), rng.randint(1, len(CELLS)))
    rows = [{column: FINE.get(column, "") if rng.random() < 0.5 or column == "target" else "" for column in columns} | {"name": f"c-{n}"} for n in range(rng.randint(1, 6))]
    fleet.post(f"{API}/apply?dryRun=true", as_csv(columns, rows), headers={"Content-Type": "text/csv"})
    faults = {(rng.randrange(len(rows)), rng.choice(columns[1:])) for _ in range(rng.randint(1, MOST))}
    expected = [(line + 2, put_cell(rng, rows[line], column)) for line, column in sorted(faults)]
    if rng.random() < 0.3:
        rows.append({**dict.fromkeys(columns, ""), "name": rng.choice(["Not A Name", "", "c-0"])})
        expected.append((len(rows) + 1, "/name"))
    table = as_csv(columns, rows)
    check_told(told(refuses(fleet, table, headers={"Content-Type": "text/csv"}), line=True), expected, table)
