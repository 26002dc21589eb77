"""Random filters and orders over random objects: what the database finds is what reading every document would find.

TEST_SEED=<number> repeats a run.
"""

import functools
import os
import random
import urllib.parse

import pytest

from resedge_test import servers
from resedge_test.fleet import API, cluster, load, target

WORDS = ["", "a", "b", "ab", "B", "a'b", "a b", "ä", "a\\b", "a\"b", "a%b", "a_b", "{a}", "null", "-5", "10", "9"]
KEYS = ["k", "size", "a-b"]
GROUPS = ["stores", "east", "beta"]


def some(rng, choices, most):
    return sorted(rng.sample(choices, rng.randint(0, most)))


def random_cluster(rng, number):
    body = cluster(f"{rng.choice('abc')}-{number}", *[f"/{name}" for name in some(rng, GROUPS, 3)], tags=[word for word in some(rng, WORDS, 3) if word],
                   metadata={key: rng.choice(WORDS[1:]) for key in some(rng, KEYS, 3)}, state=rng.choice(["planned", "active", "closed"]),
                   target=rng.choice(["main", "other"]))
    for field in ("environment", "store", "description"):
        if rng.random() < 0.7:
            body[field] = rng.choice(WORDS[1:])
    if rng.random() < 0.6:
        body["location"] = {"latitude": rng.randint(-9, 9) / 2, "longitude": rng.randint(-9, 9) * 10}
    if rng.random() < 0.6:
        body["capacity"] = {name: value for name, value in (("memoryLimit", rng.randint(1, 4) * 512), ("cpuLimit", rng.randint(1, 8) / 2)) if rng.random() < 0.7}
    return body


@pytest.fixture(scope="module")
def rng():
    seed = int(os.environ.get("TEST_SEED") or random.randrange(1 << 32))
    print(f"TEST_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory, rng):
    database = postgres.create_database(template_database)
    api = servers.Api(tmp_path_factory.mktemp("property"), postgres.url(database)).start()
    admin = api.client("admin")
    load(admin, targets=[target("main"), target("other")], groups=[{"name": name} for name in GROUPS],
         clusters=[random_cluster(rng, number) for number in range(60)])
    yield admin
    api.check_ended_well()
    postgres.drop_database(database)


# ---- a filter: its text, and what it says about a document ----

def quoted(value):
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def metadata(doc):
    return {pair["key"]: pair["value"] for pair in doc["metadata"]}


SCALARS = {
    **{name: (functools.partial(lambda name, doc: doc[name], name), WORDS[1:]) for name in ("environment", "store", "description")},
    "name": (lambda doc: doc["name"], ["a-1", "b-30", "c", "b"]), "state": (lambda doc: doc["state"], ["planned", "active", "closed"]),
    "target": (lambda doc: doc["target"], ["main", "other", "none"]), "id": (lambda doc: doc["id"], [0, 1, 30, 59, 60]),
    "targetId": (lambda doc: doc["targetId"], [1, 2, 3]), "version": (lambda doc: doc["version"], [0, 1, 2]),
    "gitOpsRepo": (lambda doc: doc["gitOpsRepo"], ["/srv/git/main.git", "/srv"]),
    "location/latitude": (lambda doc: (doc["location"] or {}).get("latitude"), [-1.5, 0, 2, 3.25]),
    "capacity/memoryLimit": (lambda doc: (doc["capacity"] or {}).get("memoryLimit"), [512, 1024, 2000]),
    "capacity/cpuLimit": (lambda doc: (doc["capacity"] or {}).get("cpuLimit"), [1, 2.5, 4]),
    **{f"metadata/{key}": (functools.partial(lambda key, doc: metadata(doc).get(key), key), WORDS[1:]) for key in KEYS},
}
COLLECTIONS = {
    "tags": (lambda doc: doc["tags"], WORDS[1:]), "groups": (lambda doc: doc["groups"], ["/stores", "/east", "/"]),
    "groupIds": (lambda doc: doc["groupIds"], [1, 2, 3]),
}


def order_of(value):
    """Texts compare by bytes."""
    return value.encode() if isinstance(value, str) else value


COMPARE = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and order_of(a) > order_of(b), "ge": lambda a, b: a is not None and order_of(a) >= order_of(b),
    "lt": lambda a, b: a is not None and order_of(a) < order_of(b), "le": lambda a, b: a is not None and order_of(a) <= order_of(b),
}
FUNCTIONS = {"contains": lambda a, b: a is not None and b in a, "startswith": lambda a, b: a is not None and a.startswith(b),
             "endswith": lambda a, b: a is not None and a.endswith(b)}


def comparison(rng, path, get, values, nullable=True):
    """(text, predicate of what get() is called with)"""
    kind = rng.random()
    if kind < 0.2 and isinstance(values[0], str):
        name, value = rng.choice(list(FUNCTIONS)), rng.choice(WORDS)
        return f"{name}({path},{quoted(value)})", lambda doc: FUNCTIONS[name](get(doc), value)
    if kind < 0.35:
        chosen = [rng.choice(values + [None] * nullable) for _ in range(rng.randint(1, 3))]
        return f"{path} in ({', '.join(map(quoted, chosen))})", lambda doc: get(doc) in chosen
    op = rng.choice(list(COMPARE))
    value = rng.choice(values + [None] * (nullable and op in ("eq", "ne")))
    return f"{path} {op} {quoted(value)}", lambda doc: COMPARE[op](get(doc), value)


def item_filter(rng, path, get, values, depth):
    if depth == 0 or rng.random() < 0.6:
        return comparison(rng, path, get, values)
    left, of_left = item_filter(rng, path, get, values, depth - 1)
    if rng.random() < 0.3:
        return f"not ({left})", lambda item: not of_left(item)
    right, of_right = item_filter(rng, path, get, values, depth - 1)
    return (f"({left} or {right})", lambda item: of_left(item) or of_right(item)) if rng.random() < 0.5 else \
        (f"{left} and {right}", lambda item: of_left(item) and of_right(item))


def pair_filter(rng):
    key, value = rng.choice(KEYS), rng.choice(WORDS[1:])
    return rng.choice([
        (f"m/key eq {quoted(key)} and m/value eq {quoted(value)}", lambda pair: pair == {"key": key, "value": value}),
        (f"m/value eq {quoted(value)}", lambda pair: pair["value"] == value), (f"m/key eq {quoted(key)}", lambda pair: pair["key"] == key),
        (f"m/key ne {quoted(key)} and startswith(m/value,{quoted(value)})", lambda pair: pair["key"] != key and pair["value"].startswith(value)),
    ])


def any_filter(rng):
    quantor, of_items = rng.choice([("any", any), ("all", all)])
    if rng.random() < 0.4:
        text, predicate = pair_filter(rng)
        return f"metadata/{quantor}(m: {text})", lambda doc: of_items(map(predicate, doc["metadata"]))
    name, (get, values) = rng.choice(list(COLLECTIONS.items()))
    text, predicate = item_filter(rng, "x", lambda item: item, values, 2)
    return f"{name}/{quantor}(x:{text})", lambda doc: of_items(map(predicate, get(doc)))


def random_filter(rng, depth):
    if depth == 0 or rng.random() < 0.3:
        if rng.random() < 0.3:
            return any_filter(rng)
        path, (get, values) = rng.choice(list(SCALARS.items()))
        return comparison(rng, path, get, values)
    left, of_left = random_filter(rng, depth - 1)
    if rng.random() < 0.3:
        return f"not ({left})", lambda doc: not of_left(doc)
    right, of_right = random_filter(rng, depth - 1)
    return (f"({left} or {right})", lambda doc: of_left(doc) or of_right(doc)) if rng.random() < 0.5 else \
        (f"({left} and {right})", lambda doc: of_left(doc) and of_right(doc))


# ---- an order ----

def in_order(docs, keys):
    """Nulls first, or last where it goes down; the id decides."""
    docs = sorted(docs, key=lambda doc: doc["id"])
    for path, descending in reversed(keys):
        get = SCALARS[path][0]
        # Equals stay in their order, also in reverse.
        docs.sort(key=lambda doc, get=get: (get(doc) is not None, order_of(get(doc)) if get(doc) is not None else 0), reverse=descending)
    return docs


def listed(client, **options):
    """The ids on all pages."""
    ids, path = [], f"{API}/clusters?" + urllib.parse.urlencode({f"${name}": value for name, value in options.items()})
    while path:
        page = client.get(path)
        ids += [doc["id"] for doc in page["value"]]
        path = page.get("@odata.nextLink")
    return ids


def test_a_filter_finds_what_reading_every_document_would_find(fleet, rng):
    docs = fleet.get(f"{API}/clusters")["value"]
    assert len(docs) == 60
    for _ in range(250):
        text, predicate = random_filter(rng, rng.randint(0, 4))
        assert listed(fleet, filter=text, select="id", top=1000) == [doc["id"] for doc in docs if predicate(doc)], text


def test_pages_in_an_order_are_the_whole_list_in_that_order(fleet, rng):
    docs = fleet.get(f"{API}/clusters")["value"]
    for _ in range(40):
        keys = [(path, rng.random() < 0.5) for path in rng.sample(list(SCALARS), rng.randint(1, 4))]
        text, predicate = random_filter(rng, 1)
        order = ",".join(path + (" desc" if descending else "") for path, descending in keys)
        wanted = [doc["id"] for doc in in_order(filter(predicate, docs), keys)]
        assert listed(fleet, filter=text, orderby=order, select="id", top=rng.choice([7, 20, 61])) == wanted, (order, text)
