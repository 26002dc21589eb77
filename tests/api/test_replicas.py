"""Several servers on one database: what one of them acknowledged is there for whoever asks another one."""

import json

import pytest

from resedge_test.fleet import API, cluster, names, selected, stores

ROUNDS = 12  # each asks at once, when the other server has seldom heard of it


@pytest.fixture
def other(admin, start_api):
    stores(admin)
    return start_api().client("admin", "second")


@pytest.mark.parametrize("ask", [
    lambda client, made: client.patch(f"{API}/groups/{made['id']}", {"description": "x"}),
    lambda client, made: client.get(f"{API}/groups/name:%2F{made['name']}"),
    lambda client, made: client.put(f"{API}/groups/{made['id']}/tags/t", None),
    lambda client, made: client.post(f"{API}/groups/{made['id']}/members", {"add": ["east-1"]}),
    lambda client, made: client.get(f"{API}/groups/{made['id']}/clusters"),
    lambda client, made: client.get(f"{API}/groups/{made['id']}?$expand=clusters"),
    lambda client, made: client.post(f"{API}/clusters", cluster(f"in-{made['name']}", f"/{made['name']}")),
    lambda client, made: selected(client, f"/g/{made['name']}"),
    lambda client, made: client.request("DELETE", f"{API}/groups/{made['id']}")])
def test_what_one_server_made_is_there_on_the_other(admin, other, ask):
    for number in range(ROUNDS):
        made = admin.post(f"{API}/groups", {"name": f"g-{number}"})
        answer = ask(other, made)
        assert getattr(answer, "status", 200) < 300, answer


def test_what_one_server_changed_counts_on_the_other(admin, other):
    path = f"{API}/groups/name:%2Fbeta"
    beta = admin.get(path)["id"]
    for number in range(ROUNDS):
        inside = number % 2 == 0
        admin.post(f"{path}/members", {"add" if inside else "remove": ["west-1"]})
        assert ("west-1" in selected(other, "/g/beta")) == inside
        assert ("west-1" in [one["name"] for one in other.get(f"{API}/groups/{beta}?$expand=clusters($select=name)")["clusters"]]) == inside
        assert ("west-1" in names(other.get(f"{path}/clusters"))) == inside
        answer = other.post(f"{API}/apply?dryRun=true", {"clusters": [{"name": "west-1", "groups": ["/stores/west", "/beta"] if inside else ["/stores/west"]}]})
        assert answer["changes"] == []
    for number in range(ROUNDS):
        made = admin.post(f"{API}/groups", {"name": "again"})
        admin.request("DELETE", f"{API}/groups/{made['id']}")
        assert other.request("POST", f"{API}/groups?dryRun=true", {"name": "again"}).status == 200


def test_an_export_and_a_snapshot_say_of_which_revision_they_are(admin, other):
    for number in range(ROUNDS):
        admin.patch(f"{API}/groups/name:%2Fbeta", {"description": str(number)})
        snapshot = other.request("GET", f"{API}/snapshot")
        assert int(snapshot.headers["Resedge-Revision"]) == json.loads(snapshot.body.splitlines()[0])["revision"]
        exported = other.request("GET", f"{API}/export")
        assert next(group for group in exported.json["groups"] if group["name"] == "beta")["description"] == str(number)
        assert exported.headers["Resedge-Revision"] == snapshot.headers["Resedge-Revision"]
