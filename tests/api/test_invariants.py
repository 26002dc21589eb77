"""Random sequences of all kinds of writes, by several clients of two servers: what holds after any of them holds after all."""

import concurrent.futures
import random

import pytest

from resedge_test.fleet import API, Copy, cluster, stores
from resedge_test.wait import until

REGIONS = ("/stores/east", "/stores/west", "/beta")
EXPRESSIONS = ("/g/stores", "none", "all", "/c/east-1", "/g/stores/east or /t/t-1", "/g/stores and not /m/n/1")


class Writer:
    """One client: picks a write, and repeats those that have a key as if the answer had been lost."""

    def __init__(self, rng, clients):
        self.rng, self.clients = rng, clients

    def send(self, method, path, body=None, **headers):
        answer = self.rng.choice(self.clients).request(method, f"{API}/{path}", body, headers={k.replace("_", "-"): v for k, v in headers.items()})
        assert answer.status in (200, 201, 204, 404, 409, 412, 422, 503), (method, path, body, answer)
        return answer

    def step(self, n):
        rng = self.rng
        name, number = f"c-{rng.randrange(12)}", rng.randrange(1, 14)
        kind = rng.randrange(10)
        if kind == 0:
            self.once("clusters", cluster(name, rng.choice(REGIONS)), f"{id(self)}-{n}")
        elif kind == 1:
            self.send("DELETE", f"clusters/{number}?confirm=1")
        elif kind == 2:
            etag = self.send("GET", f"clusters/{number}").etag
            self.send("PATCH", f"clusters/{number}", {"metadata": {"n": str(rng.randrange(3))}}, If_Match=etag or "*")
        elif kind == 3:
            self.send("PATCH", "groups/4", {"name": rng.choice(["beta", "ring"])})
        elif kind == 4:
            self.send("PATCH", "namespaces/1", {"expression": rng.choice(EXPRESSIONS)})
        elif kind == 5:
            self.send("POST", "apply", {"clusters": [cluster(f"a-{rng.randrange(4)}-{i}", "/stores/west") for i in range(3)]})
        elif kind == 6:
            self.once("clusters/bulk", {"expression": rng.choice(EXPRESSIONS), "set": {"n": str(rng.randrange(3))}, "unset": ["old"],
                                        "tags": {"add": [f"t-{rng.randrange(3)}"], "remove": ["t-0"]}}, f"{id(self)}-{n}")
        elif kind == 7:
            self.send("POST", "groups/2/members", {rng.choice(["add", "remove"]): rng.choice(EXPRESSIONS)})
        elif kind == 8:
            self.send(rng.choice(["PUT", "DELETE"]), f"clusters/{number}/tags/t-{rng.randrange(3)}")
        else:
            self.send("PATCH", "groups/3", {"parent": rng.choice([None, "/stores"])})

    def once(self, path, body, key):
        answers = [self.send("POST", path, body, Idempotency_Key=key) for _ in range(self.rng.randrange(1, 4))]
        done = [answer for answer in answers if answer.status in (200, 201)]
        assert len({(answer.body, answer.revision) for answer in done}) <= 1, "a retry was answered otherwise"


def below(docs, group_id):
    """The group and all groups below it, by the documents alone."""
    found = {group_id}
    while True:
        more = {doc["id"] for (noun, _), doc in docs.items() if noun == "group" and doc["parentId"] in found} - found
        if not more:
            return found
        found |= more


def select(docs, expression):
    """The clusters that an expression of EXPRESSIONS selects, naively."""
    clusters = {key[1]: doc for key, doc in docs.items() if key[0] == "cluster"}

    def group(path):
        of = {doc["id"] for (noun, _), doc in docs.items() if noun == "group" and doc["namePath"] == path}
        ids = set().union(*(below(docs, i) for i in of)) if of else set()
        return {i for i, doc in clusters.items() if ids & set(doc["groupIds"])}

    def atom(text):
        if text.startswith("/g/"):
            return group(text[2:])
        if text.startswith("/c/"):
            return {i for i, doc in clusters.items() if doc["name"] == text[3:]}
        if text.startswith("/t/"):
            return {i for i, doc in clusters.items() if text[3:] in doc["tags"]}
        if text.startswith("/m/"):
            key, value = text[3:].split("/")
            return {i for i, doc in clusters.items() if {"key": key, "value": value} in doc["metadata"]}
        return set(clusters) if text == "all" else set()

    if " or " in expression:
        left, right = expression.split(" or ")
        return atom(left) | atom(right)
    if " and not " in expression:
        left, right = expression.split(" and not ")
        return atom(left) - atom(right)
    return atom(expression)


def check_feed(client, start):
    """Gap-free, each change of an object says something new, and the end is the fleet. Returns the changes."""
    changes, since = [], start.revision
    while True:
        page = client.get(f"{API}/changes?since={since}")
        changes += page["changes"]
        since = page["revision"]
        if not page["more"]:
            break
    before = dict(start.docs)
    for change in changes:
        key = change["noun"], change["id"]
        assert before.get(key) != change["doc"], "a change that changes nothing"
        before[key] = change["doc"]
        start.put(change)
    fresh = Copy(client)
    assert (start.revision, start.docs) == (fresh.revision, fresh.docs)
    assert sorted({change["revision"] for change in changes}) == list(range(changes[0]["revision"], fresh.revision + 1))
    return changes


def check_etags(client, docs):
    seen = {}
    for (noun, object_id), doc in docs.items():
        answer = client.request("GET", f"{API}/{noun}s/{object_id}")
        assert answer.json == doc
        assert seen.setdefault(answer.etag, (noun, object_id)) == (noun, object_id)
        assert client.request("GET", f"{API}/{noun}s/{object_id}", headers={"If-None-Match": answer.etag}).status == 304


def check_members(client, docs):
    for (noun, object_id), doc in docs.items():
        path = f"{API}/{noun}s/{object_id}/clusters?$top=1000"
        if noun == "group":
            ids = below(docs, object_id)
            expected = {i for (of, i), c in docs.items() if of == "cluster" and ids & set(c["groupIds"])}
            assert {c["id"] for c in client.get(path)["value"]} == expected, doc["namePath"]
        if noun == "namespace":
            assert {c["id"] for c in client.get(path)["value"]} == select(docs, doc["expression"] or "none"), doc["expression"]


def check_audit(client, changes):
    """The audit is the feed backwards, each entry with what was before it."""
    entries, path = [], f"{API}/audit?$top=200"
    while path:
        page = client.get(path)
        entries += page["value"]
        path = page.get("@odata.nextLink")
    entries = [entry for entry in entries if entry["revision"] >= changes[0]["revision"]]
    assert [(e["revision"], e["seq"], e["after"]) for e in reversed(entries)] == [(c["revision"], c["seq"], c["doc"]) for c in changes]
    last = {}
    for entry in reversed(entries):
        key = entry["noun"], entry["id"]
        assert key not in last or last[key] == entry["before"]
        last[key] = entry["after"]


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_written_every_invariant_holds(admin, start_api, seed):
    stores(admin)
    second = start_api().client("admin", "second")
    start = Copy(admin)
    writers = [Writer(random.Random(f"{seed} {n}"), [admin]) if n % 2 else Writer(random.Random(f"{seed} {n}"), [second]) for n in range(4)]
    with concurrent.futures.ThreadPoolExecutor(len(writers)) as pool:
        list(pool.map(lambda writer: [writer.step(n) for n in range(20)], writers))

    changes = check_feed(admin, start)
    check_etags(admin, start.docs)
    check_members(admin, start.docs)
    check_audit(admin, changes)
    until(lambda: Copy(second).docs == start.docs and second.request("GET", f"{API}/clusters").revision == start.revision, "the second server is there too")
    check_members(second, start.docs)
