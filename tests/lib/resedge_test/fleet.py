"""Small fleets to test with, and a copy of the fleet as a client of the feed would keep it."""

import json

API = "/api/v1"


def load(client, **nouns):
    """Applies an inventory given as noun=[objects]."""
    return client.post(f"{API}/apply", nouns)


def target(name="west", **fields):
    return {"name": name, "url": f"/srv/git/{name}.git", **fields}


def cluster(name, *groups, **fields):
    return {"name": name, "groups": list(groups), **fields}


def stores(client):
    """Two regions with three stores, a ring across them, and an application."""
    return load(
        client, targets=[target()],
        groups=[{"name": "stores"}, {"name": "east", "parent": "/stores"}, {"name": "west", "parent": "/stores"}, {"name": "beta"}],
        clusters=[cluster("east-1", "/stores/east", "/beta"), cluster("east-2", "/stores/east"), cluster("west-1", "/stores/west")],
        namespaces=[{"name": "web", "expression": "/g/beta"}],
        applications=[{"name": "shop", "namespace": "web", "path": "apps/shop"}])


def names(listing):
    return [item["name"] for item in listing["value"]]


def selected(client, expression, **more):
    return client.post(f"{API}/expressions/evaluate", {"expression": expression, **more})["clusters"]


class Copy:
    """The fleet as documents, from a snapshot and kept up to date with the feed."""

    def __init__(self, client):
        lines = [json.loads(line) for line in client.request("GET", f"{API}/snapshot").body.splitlines()]
        assert lines[-1] == {"end": True}
        self.revision = lines[0]["revision"]
        self.change_id = lines[0]["changeId"]
        self.last_ids = lines[0]["lastIds"]
        self.docs = {(line["noun"], line["doc"]["id"]): line["doc"] for line in lines[1:-1]}

    def follow(self, client):
        """Puts the changes since, and checks that none is missing."""
        while True:
            answer = client.get(f"{API}/changes?since={self.revision}")
            for change in answer["changes"]:
                self.put(change)
            assert self.revision == answer["revision"]
            if not answer["more"]:
                return self

    def put(self, change):
        assert change["revision"] in (self.revision, self.revision + 1), "a revision is missing"
        assert change["revision"] > self.revision or change["changeId"] == self.change_id
        self.revision = change["revision"]
        self.change_id = change["changeId"]
        if change["noun"] == "template":
            return
        if change["op"] == "delete":
            del self.docs[change["noun"], change["id"]]
        else:
            self.docs[change["noun"], change["id"]] = change["doc"]
