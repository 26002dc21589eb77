"""Faults to put into a valid object: each kind knows where it fits, and at which pointers it has to be told."""

import contextlib
import itertools
import json
import os

from . import servers
from .fleet import cluster, load, target

# TEST_SEED=<number> repeats one, TEST_SEEDS=<count> tries that many.
SEEDS = [int(os.environ["TEST_SEED"])] if "TEST_SEED" in os.environ else range(int(os.environ.get("TEST_SEEDS", 15)))
MOST = 12  # faults in a body

ZONES = ["Mars/Olympus", "", 5, "UTC\u0007"]
EXPRESSIONS = ["(", 5, "/g/nope", "/c/nobody", "/g/stores and", "not /n/none", "/g/stores or (/c/nobody", "/x/y", "/g/stores/nope and /t/t-1", "all\u0007"]
TEXTS = [5, True, [], {}, "bell\u0007", "x" * 5000, "a\u202eb"]
WORDS = TEXTS + ["two\nlines"]
URLS = ["", 5, "https://user:abc@h.example/x", "https://h.example/x?token=abc", "not an address"]
CREDENTIALS = ["Team_A", "", 5, "ghp_abc"]
BRANCHES = ["a b", "-x", "a..b", "", 5, "x.lock"]
PATHS = ["../up", "", 5, "a//../b", "a\u0007"]
REFERENCES = ["nope", "Not A Name", 5, {}, []]
COMMON = {"description": TEXTS, "environment": WORDS, "tags": ["new", 5, {}], "metadata": ["x", 5, True]}

# What no value of a field may be: it is told at the field.
WRONG = {
    "targets": {"url": URLS, "branch": BRANCHES, "templateUrl": URLS, "templateBranch": BRANCHES, "templatePath": PATHS, "templateCredential": CREDENTIALS,
                "folderPattern": ["round", 5, ""], "fluxSource": ["Not Good", "", 5], "credential": CREDENTIALS, "pushIntervalSeconds": [-1, 86401, 1.5, "10"],
                "guard": [5, "x", []], "platformOwners": ["x", {}], "format": [99, -1, "1"], "paused": ["yes", 1], "pausedReason": TEXTS},
    "metadataKeys": {"type": ["enun", 5, ""], "required": EXPRESSIONS},
    "groups": {"parent": ["/nope", "/stores/nope", 5, "//", {}], "expression": EXPRESSIONS, "priority": [1000001, -1000001, "7", 1.5]},
    "policies": {"path": PATHS},
    "namespaces": {"expression": EXPRESSIONS, "allowed": EXPRESSIONS, "businessUnit": WORDS, "owners": ["x", {}], "capacity": [5, "x", []],
                   "enforceCapacity": ["yes", 1], "policies": ["limits", {}, 5]},
    "applications": {"namespace": REFERENCES, "releases": ["1.0.0", {}], "repoUrl": URLS, "path": PATHS, "pat": CREDENTIALS, "businessUnit": WORDS, "owner": WORDS,
                     "capacity": [5, []], "paused": ["no", 0], "pausedReason": TEXTS, "fluxName": ["Not Good", "flux-system", "namespaces", "taken", "", 5]},
    "clusters": {"state": ["asleep", 5, ""], "store": WORDS, "target": REFERENCES, "timeZone": ZONES, "groups": ["/stores", {}, 5], "capacity": [5, "x"],
                 "location": [5, []]},
}

# What no member of a field may be.
LIMITS = {"memoryLimit": [0, -1, 1.5, "x"], "cpuLimit": [0, -1, 0.0001, "two"], "disk": [1]}
WRONG_MEMBERS = {"capacity": LIMITS, "location": {"latitude": [91, -91, "x"], "longitude": [181, "y", []], "height": [3]},
                 "guard": {"clustersLosing": [101, -1, "x"], "clustersChanged": [101, "y"], "files": [-1, 1.5, "z"], "colour": [1]}}

# What no item of a list may be.
WORD_ITEMS = ["", 5, {}, "bell\u0007", "x" * 129]
WRONG_ITEMS = {"tags": WORD_ITEMS + ["a\u200bb"], "owners": WORD_ITEMS, "platformOwners": WORD_ITEMS, "groups": ["/nope", "/", 5, None, {}],
               "policies": ["nope", "Not A Name", 5, None]}

BAD_NAMES = {"groups": ["a/b", "a\u0007", "", 5], "metadataKeys": ["a b", "store", "", 5]}
BAD_LABELS = ["Not A Name", "-x", "", 5, "x" * 129, "a.b c"]
RESERVED = {"namespaces": ["kube-x", "default", "flux-system", "namespaces"]}
REQUIRED = {"targets": ["url"], "policies": ["path"], "applications": ["path"]}
DECLARED = [("lanes", "many"), ("lanes", "1.5"), ("kind", "kiosk"), ("open", "yes"), ("code", "12")]  # and values that don't fit

# Where one of them is wrong, the other is not looked at: what is wrong with both together may only follow from it.
TOGETHER = [{"capacity", "enforceCapacity"}, {"type", "values", "pattern", "default"}]



@contextlib.contextmanager
def fleet(postgres, template_database, folder):
    """A client of a server whose fleet has all that faults may be of."""
    database = postgres.create_database(template_database)
    api = servers.Api(folder, postgres.url(database)).start()
    admin = api.client("admin")
    load(admin, targets=[target("main")],
         metadataKeys=[{"name": "lanes", "type": "integer"}, {"name": "kind", "type": "enum", "values": ["shop", "depot"]}, {"name": "open", "type": "boolean"},
                       {"name": "code", "type": "pattern", "pattern": "[a-z]+"}, {"name": "note"}],
         groups=[{"name": "stores"}, {"name": "east", "parent": "/stores"}, {"name": "beta"}, {"name": "one", "metadata": {"tax": "1"}}, {"name": "two", "metadata": {"tax": "2"}}],
         policies=[{"name": "limits", "path": "policies/limits"}], namespaces=[{"name": "web", "expression": "/g/beta"}, {"name": "db"}],
         applications=[{"name": "shop", "namespace": "web", "path": "apps/shop", "fluxName": "taken"}],
         clusters=[cluster(f"s-{n}", "/stores/east", "/beta", target="main", metadata={"note": "hello", "lanes": "3"}) for n in (1, 2, 3)])
    yield admin
    api.check_ended_well()
    postgres.drop_database(database)


def told(answer, line=False):
    """The pointers that a refusal tells."""
    assert answer.status in (409, 422), answer
    errors = answer.json["errors"]
    assert all(error["detail"] for error in errors) and "moreErrors" not in answer.json
    assert (answer.json.get("field", ""), answer.json["detail"]) == (errors[0]["pointer"], errors[0]["detail"])
    return [(error["line"], error["pointer"]) if line else error["pointer"] for error in errors]


def check_told(found, expected, body):
    assert sorted(found) == sorted(expected), \
        f"hidden: {sorted(set(expected) - set(found))}, invented: {sorted(set(found) - set(expected))}, {len(found)} told, {len(expected)} to be\n{json.dumps(body) if not isinstance(body, str) else body}"


def pointer(*segments):
    return "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in segments)


class Place:
    """An object in a body. new: it is not in the fleet yet; free: nothing refers to it, so its name and what that is in may be wrong."""

    _numbers = itertools.count()  # so that what has to differ does

    def __init__(self, rng, noun, doc, new=True, free=True, patch=False):
        self.rng, self.noun, self.doc, self.new, self.free, self.patch = rng, noun, doc, new, free, patch
        self.taken = set()

    def claim(self, *path):
        """Whether there is no fault yet at that place, within it or around it."""
        together = next((names for names in TOGETHER if path[0] in names), {path[0]})
        for other in self.taken:
            size = min(len(path), len(other))
            if path[:size] == other[:size] or (other[0] != path[0] and other[0] in together):
                return False
        self.taken.add(path)
        return True

    def unique(self, text):
        return f"{text}{next(self._numbers)}"


def wrong_value(place):
    wrong = {**COMMON, **WRONG[place.noun]}
    field = place.rng.choice(list(wrong))
    if (field in ("parent", "namespace") and not place.free) or (field == "fluxName" and not (place.new and place.free)) or not place.claim(field):
        return None
    place.doc[field] = place.rng.choice(wrong[field])
    return [pointer(field)]


def wrong_member(place):
    field = place.rng.choice([name for name in WRONG_MEMBERS if name in WRONG[place.noun]] or [None])
    if field is None:
        return None
    member = place.rng.choice(list(WRONG_MEMBERS[field]))
    if not place.claim(field, member):
        return None
    place.doc.setdefault(field, {})[member] = place.rng.choice(WRONG_MEMBERS[field][member])
    return [pointer(field, member)]


def wrong_item(place):
    field = place.rng.choice([name for name in WRONG_ITEMS if name == "tags" or name in WRONG[place.noun]])
    items = place.doc.setdefault(field, []) if place.claim(field, place.unique("item")) else None
    if items is None:
        return None
    item = place.rng.choice(WRONG_ITEMS[field])
    items.append(place.unique(item) if item in ("nope", "/nope") else item)  # of those that are the same, the first one is told
    return [pointer(field, len(items) - 1)]


def unknown_field(place):
    """A name that no pointer can hold is told of what it is in."""
    name = place.unique(place.rng.choice(["colour", "a/b~c", "descripton", "größe", "x" * 200]))
    place.claim(name)
    place.doc[name] = place.rng.choice([1, None, {}])
    return [pointer(name) if len(name) < 200 else ""]


def missing(place):
    field = place.rng.choice(REQUIRED.get(place.noun, [None]))
    if field is None or not place.claim(field):
        return None
    if place.new:
        place.doc.pop(field)
    else:
        place.doc[field] = None
    return [pointer(field)]


def wrong_name(place):
    if not (place.free and place.new and place.claim("name")):
        return None
    names = BAD_NAMES.get(place.noun, BAD_LABELS) + RESERVED.get(place.noun, []) * 2
    place.doc["name"] = place.rng.choice(names)
    if place.rng.random() < 0.2:
        place.doc.pop("name")
    return [pointer("name")]


# ---- metadata, as an object or an array of pairs ----

def add_pair(place, key, value):
    """Its place."""
    metadata = place.doc.setdefault("metadata", place.rng.choice([{}, []]))
    if isinstance(metadata, dict):
        metadata[key] = value
        return key, ()
    metadata.append({"key": key, "value": value})
    return len(metadata) - 1, ("value",)


def misfit(place):
    key, value = place.rng.choice(DECLARED)
    if place.noun not in ("groups", "clusters") or key in known_keys(place) or not place.claim("metadata", key):
        return None
    at, rest = add_pair(place, key, value)
    return [pointer("metadata", at, *rest)]


def known_keys(place):
    metadata = place.doc.get("metadata", {})
    return set(metadata) if isinstance(metadata, dict) else {pair.get("key") for pair in metadata if isinstance(pair, dict)} if isinstance(metadata, list) else set()


def wrong_metadata_value(place):
    key = place.unique("k-")
    if not place.claim("metadata", key):
        return None
    at, rest = add_pair(place, key, place.rng.choice([{}, [], "two\nlines", "\u0007", "x" * 4097]))
    return [pointer("metadata", at, *rest)]


def wrong_metadata_key(place):
    key = place.unique(place.rng.choice(["a b", "a/b~", "ä", ":"]))
    if place.noun in ("groups", "clusters") and "store" not in known_keys(place) and place.rng.random() < 0.3:
        key = "store"
    if not place.claim("metadata", key):
        return None
    at, rest = add_pair(place, key, "x")
    return [pointer("metadata", at, *(["key"] if rest else []))]


def wrong_pair(place):
    if isinstance(place.doc.get("metadata", []), dict) or not place.claim("metadata", place.unique("pair")):
        return None
    metadata, key = place.doc.setdefault("metadata", []), place.unique("k-")
    at = len(metadata)
    pair, pointers = place.rng.choice([
        (5, [()]), ({"value": "x"}, [()]), ({"key": key}, [()]), ({"key": key, "value": "x", "colour": 1}, [("colour",)]),
        ({"key": "a b", "value": {}}, [("key",), ("value",)]), ({"value": "two\nlines", "key": 5}, [("key",), ("value",)])])
    metadata.append(pair)
    return [pointer("metadata", at, *rest) for rest in pointers]


def repeated_key(place):
    metadata = place.doc.get("metadata")
    if not isinstance(metadata, list) or len(metadata) == 0 or not isinstance(metadata[0], dict) or not place.claim("metadata", "repeated"):
        return None
    if ("metadata", metadata[0].get("key")) in place.taken or not isinstance(metadata[0].get("key"), str):
        return None
    metadata.append({"key": metadata[0]["key"], "value": "x"})
    return [pointer("metadata", len(metadata) - 1, "key")]


# ---- of one noun ----

def wrong_release(place):
    if place.noun != "applications" or not place.claim("releases", place.unique("item")):
        return None
    releases, version = place.doc.setdefault("releases", []), f"3.{next(Place._numbers)}.0"
    bad = place.rng.choice(EXPRESSIONS)
    release, pointers = place.rng.choice([
        ({"version": "x y", "expression": "all"}, [("version",)]), ({"version": version, "expression": bad}, [("expression",)]),
        ({"version": "x y", "expression": bad}, [("version",), ("expression",)]), ({"expression": bad, "version": ""}, [("version",), ("expression",)]),
        ({"version": version, "expression": bad, "colour": 1}, [("expression",), ("colour",)]), ({"expression": "all"}, [()]), (5, [()]),
        ({"version": 1, "expression": "all"}, [("version",)])])
    releases.append(release)
    return [pointer("releases", len(releases) - 1, *rest) for rest in pointers]


def wrong_key(place):
    """What a declared key's type asks for."""
    if place.noun != "metadataKeys" or not place.new or not place.free or not place.claim("type"):
        return None
    for field in ("values", "pattern", "default"):
        place.doc.pop(field, None)
    more, pointers = place.rng.choice([
        ({"type": "enum"}, ["values"]), ({"type": "pattern"}, ["pattern"]), ({"type": "integer", "default": "x"}, ["default"]), ({"type": "integer", "values": ["x"]}, ["values"]),
        ({"type": "enum", "values": ["a"], "default": "b"}, ["default"]), ({"type": "pattern", "pattern": "("}, ["pattern"]), ({"type": "pattern", "pattern": "(a)\\1"}, ["pattern"]),
        ({"type": "enum", "values": ["a", 5, ""]}, ["values/1", "values/2"]), ({"type": "enum", "values": ["a", "a"]}, ["values/1"]),
        ({"type": "enum", "pattern": "x"}, ["values", "pattern"]), ({"type": "string", "values": ["a"], "pattern": "x"}, ["values", "pattern"])])
    place.doc.update(more)
    return ["/" + name for name in pointers]


def nothing_to_enforce(place):
    if place.noun != "namespaces" or place.doc.get("capacity") or (place.patch or not place.new) or not place.claim("enforceCapacity"):
        return None
    place.doc["enforceCapacity"] = True
    return ["/enforceCapacity"]


KINDS = [wrong_value, wrong_value, wrong_value, wrong_member, wrong_item, unknown_field, missing, wrong_name, misfit, wrong_metadata_value, wrong_metadata_key,
         wrong_pair, repeated_key, wrong_release, wrong_key, nothing_to_enforce]


def inject(place):
    """One fault, of any kind that fits. Returns the pointers that tell it, within the object."""
    for kind in place.rng.sample(KINDS, len(KINDS)):
        pointers = kind(place)
        if pointers:
            return pointers
    raise AssertionError(f"no fault fits {place.doc}")
