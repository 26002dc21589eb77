"""Which role may do what: every route with every role, and what an application team may write of its own."""

import http.client
import subprocess

import pytest

from resedge_test import BUILD
from resedge_test.fleet import API, load, stores, target

ROLES = ("viewer", "app-team", "platform", "admin", "worker")
TEAM = ("--business-units", "retail", "--owners", "ann,bob")


def routes():
    """[(method, path, the roles that may)] as the server's own table has it."""
    out = subprocess.run([BUILD / "resedge-api", "routes"], capture_output=True, text=True, check=True).stdout
    return [(method, path, set(roles.split(","))) for method, path, roles, _ in (line.split("\t") for line in out.splitlines())]


# Besides /healthz and the like: the description of the API, signing in with a token, and what a Git host signs.
SIGNED = f"{API}/webhooks/{{target}}"
OPEN = (f"{API}/openapi.json", f"{API}/session", SIGNED)


def ask(port, method, path, token):
    """Status and detail; of an answer without end only its head is read."""
    path = path.replace("{name...}", "nobody").replace("{id}", "999").replace("{n}", "999").replace("{key}", "k").replace("{tag}", "t").replace("{target}", "nobody").replace("{code}", "denied")
    assert "{" not in path, f"{path}: give the parameter a value here"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path + ("?wait=0" if method == "GET" else ""), headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read() if answer.status >= 400 else b""
    finally:
        connection.close()


def test_every_route_lets_in_the_roles_of_its_row_and_nobody_else(api):
    tokens = {role: api.make_token(role, None, *(TEAM if role == "app-team" else ())) for role in ROLES}
    for method, path, allowed in routes():
        if path == SIGNED:
            continue
        status, body = ask(api.port, method, path, None)
        assert ("none" in allowed) == (status != 401), (method, path, status, body)
        for role, token in tokens.items():
            status, body = ask(api.port, method, path, token)
            denied = status == 403 and b"does not allow that" in body
            assert denied == (role not in allowed), (method, path, role, status, body)
            assert status != 401 and status != 500, (method, path, role, status, body)


def test_only_what_says_nothing_of_the_fleet_is_open_to_everyone():
    for method, path, allowed in routes():
        if "none" in allowed:
            assert (method == "GET" and not path.startswith(f"{API}/")) or path in OPEN, (method, path)
        if method != "GET" and "viewer" in allowed and "none" not in allowed:
            assert path in (f"{API}/expressions/evaluate", f"{API}/session"), (method, path)
        if path.startswith(f"{API}/tokens"):
            assert allowed == {"admin"}
        if "worker" in allowed and "none" not in allowed:
            assert path.startswith((f"{API}/jobs", f"{API}/targets", f"{API}/workers", f"{API}/snapshot", f"{API}/changes", f"{API}/revisions",
                                    f"{API}/session")), path


@pytest.fixture
def fleet(admin):
    stores(admin)
    load(admin,
         namespaces=[{"name": "till", "businessUnit": "retail", "expression": "/g/beta", "allowed": "/g/stores",
                      "capacity": {"memoryLimit": 100}}, {"name": "fuel", "owners": ["carl", "bob"]}, {"name": "theirs", "businessUnit": "food"}],
         policies=[{"name": "quota", "path": "policies/quota"}],
         applications=[{"name": "pay", "namespace": "till", "path": "apps/pay", "businessUnit": "retail"},
                       {"name": "pump", "namespace": "theirs", "path": "apps/pump", "owner": "ann"},
                       {"name": "menu", "namespace": "theirs", "path": "apps/menu", "businessUnit": "food"}])
    return admin


@pytest.fixture
def team(fleet, api):
    return api.client("app-team", "tills", *TEAM)


def test_the_platform_team_has_the_fleet_and_pauses_targets(fleet, api):
    viewer, platform = api.client("viewer"), api.client("platform")

    viewer.get(f"{API}/clusters/name:east-1")
    viewer.refused(403, "PATCH", f"{API}/clusters/name:east-1", {"description": "x"})
    assert platform.patch(f"{API}/clusters/name:east-1", {"description": "x"})["updatedBy"] == "platform"
    platform.patch(f"{API}/namespaces/name:web", {"allowed": "/g/beta"})
    platform.refused(403, "POST", f"{API}/targets", target("north"))
    assert platform.patch(f"{API}/targets/name:west", {"paused": True})["paused"] is True
    platform.refused(403, "PATCH", f"{API}/targets/name:west", {"paused": False, "branch": "other"})
    platform.refused(403, "PUT", f"{API}/targets/name:west", target("west", branch="other"))
    platform.refused(403, "POST", f"{API}/apply", {"targets": [{"name": "south", "url": "/srv/git/south.git"}]})
    platform.refused(403, "POST", f"{API}/apply", {"targets": [target("west", branch="other")]})
    platform.refused(403, "DELETE", f"{API}/targets/name:west")
    load(platform, **platform.get(f"{API}/export"))


def test_an_application_team_changes_what_is_its_own(team):
    assert team.patch(f"{API}/namespaces/name:till", {"expression": "/g/stores/east", "description": "ours"})["updatedBy"] == "tills"
    team.patch(f"{API}/namespaces/name:fuel", {"expression": "/g/beta", "tags": ["x"]})
    team.patch(f"{API}/applications/name:till%2Fpay", {"releases": [{"version": "1.0.0", "expression": "/g/beta"}]})
    team.patch(f"{API}/applications/name:theirs%2Fpump", {"description": "where the platform team put it"})
    made = team.post(f"{API}/applications", {"name": "scan", "namespace": "till", "path": "apps/scan", "owner": "ann"})
    team.patch(f"{API}/applications/{made['id']}?confirm=2", {"namespace": "fuel"})
    team.delete(f"{API}/applications/{made['id']}")
    load(team, applications=[{"name": "log", "namespace": "fuel", "path": "apps/log", "businessUnit": "retail"}])


@pytest.mark.parametrize("name, change, field", [
    ("namespaces/name:till", {"allowed": "all"}, "/allowed"),
    ("namespaces/name:till", {"allowed": None}, "/allowed"),
    ("namespaces/name:till", {"capacity": {"memoryLimit": 200}}, "/capacity"),
    ("namespaces/name:till", {"enforceCapacity": True}, "/enforceCapacity"),
    ("namespaces/name:till", {"businessUnit": "food"}, "/businessUnit"),
    ("namespaces/name:till", {"owners": ["ann"]}, "/owners"),
    ("namespaces/name:till", {"policies": ["quota"]}, "/policies"),
    ("namespaces/name:till", {"name": "tills"}, "/name"),
    ("applications/name:till%2Fpay", {"owner": "ann"}, "/owner"),
    ("applications/name:till%2Fpay", {"businessUnit": None}, "/businessUnit"),
    ("applications/name:till%2Fpay", {"capacity": {"cpuLimit": 1}}, "/capacity"),
    ("applications/name:till%2Fpay", {"namespace": "theirs"}, "/namespace"),
    ("namespaces/name:theirs", {"description": "x"}, None),
    ("namespaces/name:theirs", {"businessUnit": "retail"}, None),
    ("applications/name:theirs%2Fmenu", {"description": "x"}, None),
    ("applications/name:theirs%2Fmenu", {"businessUnit": "retail"}, None),
])
def test_an_application_team_changes_neither_its_bounds_nor_what_is_others(team, name, change, field):
    before = team.get(f"{API}/{name}")
    noun, short = name.split("/name:")
    assert team.refused(403, "PATCH", f"{API}/{name}?confirm=1", change).get("field") == field
    whole = {key: value for key, value in {**before, **change}.items() if not key.endswith(("Id", "Ids")) or key in change}
    team.refused(403, "PUT", f"{API}/{name}?confirm=1", whole)
    if not {"namespace", "name"} & set(change):
        item = {"name": before["name"], **({"namespace": short.split("%2F")[0]} if noun == "applications" else {}), **change}
        team.refused(403, "POST", f"{API}/apply?confirm=1", {noun: [item]})
    assert team.get(f"{API}/{name}") == before


def test_an_application_team_makes_applications_of_its_own_in_namespaces_of_its_own(team):
    new = {"name": "new", "path": "apps/new"}
    for more in ({"namespace": "till"}, {"namespace": "till", "owner": "carl"}, {"namespace": "theirs", "owner": "ann"},
                 {"namespace": "till", "owner": "ann", "capacity": {"memoryLimit": 1}}):
        team.refused(403, "POST", f"{API}/applications", {**new, **more})
        team.refused(403, "POST", f"{API}/apply", {"applications": [{**new, **more}]})
    team.refused(403, "POST", f"{API}/namespaces", {"name": "new", "businessUnit": "retail"})
    team.refused(403, "POST", f"{API}/apply", {"namespaces": [{"name": "new", "businessUnit": "retail"}]})
    team.refused(403, "DELETE", f"{API}/namespaces/name:fuel")
    team.refused(403, "DELETE", f"{API}/applications/name:theirs%2Fmenu?confirm=0")


@pytest.mark.parametrize("whose, field", [
    ({"businessUnit": "retail", "owner": "zed"}, "/owner"), ({"businessUnit": "food", "owner": "ann"}, "/businessUnit"),
])
def test_a_new_application_is_no_other_teams_too(team, whose, field):
    new = {"name": "new", "path": "apps/new", "namespace": "till", **whose}
    assert team.refused(403, "POST", f"{API}/applications", new)["field"] == field
    assert team.refused(403, "POST", f"{API}/apply", {"applications": [new]})["field"] == f"/applications/0{field}"
    team.post(f"{API}/applications", {**new, "businessUnit": "retail", "owner": "ann"})


def apply_set(client, inventory, query, status=200):
    path = f"{API}/apply?set={query}"
    return client.post(path, inventory) if status == 200 else client.refused(status, "POST", path, inventory)


@pytest.mark.parametrize("inventory, pointer", [
    ({"applications": [{"name": "menu", "namespace": "theirs"}]}, "/applications/0"),
    ({"applications": [{"name": "pay", "namespace": "till"}, {"name": "menu", "namespace": "theirs", "path": "apps/menu"}]}, "/applications/1"),
    ({"applications": [{"name": "pay", "namespace": "till", "capacity": None}]}, "/applications/0/capacity"),
    ({"applications": [{"name": "pump", "namespace": "theirs", "businessUnit": None}]}, "/applications/0/businessUnit"),
    ({"namespaces": [{"name": "till", "capacity": {"memoryLimit": 100}}]}, "/namespaces/0/capacity"),
    ({"clusters": [{"name": "east-1", "tags": []}]}, "/clusters/0"),
])
def test_a_set_owns_nothing_that_the_application_team_may_not_write(fleet, team, inventory, pointer):
    team.post(f"{API}/apply", inventory)  # it says nothing new
    for query in ("mine", "mine&dryRun=true", "mine&force=true", "platform"):
        assert apply_set(team, inventory, query, 403)["field"].startswith(pointer), query
    apply_set(fleet, inventory, "platform")
    apply_set(team, inventory, "platform")  # what the set owns already may be named again


def test_an_application_team_prunes_and_gives_up_nothing_of_others(fleet, team):
    menu = {"applications": [{"name": "menu", "namespace": "theirs", "path": "apps/menu"}]}
    apply_set(fleet, menu, "platform")
    apply_set(team, {"applications": []}, "platform&prune=true&confirm=1", 403)
    apply_set(fleet, menu, "food")
    apply_set(team, {"applications": [{"name": "menu", "namespace": "theirs"}]}, "platform", 403)
    apply_set(team, {"applications": []}, "platform&prune=true", 403)  # it is only shared
    apply_set(fleet, {"applications": [{**menu["applications"][0], "path": "apps/other"}]}, "mine", 409)


def test_an_application_team_has_sets_of_its_own(team):
    ours = {"applications": [{"name": "scan", "namespace": "till", "path": "apps/scan", "businessUnit": "retail", "owner": "ann"}]}
    apply_set(team, ours, "tills")
    assert apply_set(team, ours, "tills")["changes"] == []
    assert apply_set(team, ours, "other")["changes"] == []  # although it may not change whose it is any more
    apply_set(team, {"applications": [{"name": "scan", "namespace": "till"}]}, "other")
    apply_set(team, {"applications": []}, "other&prune=true")
    ours["applications"][0]["path"] = "apps/scan2"
    del ours["applications"][0]["owner"]
    assert apply_set(team, ours, "tills")["updated"] == {"applications": 1}
    assert apply_set(team, {"applications": []}, "tills&prune=true&confirm=1")["deleted"] == {"applications": 1}


def test_the_platform_team_owns_of_a_target_only_what_it_may_write(fleet, api):
    platform = api.client("platform")
    assert apply_set(platform, {"targets": [target("west")]}, "all", 403)["field"].startswith("/targets/0/")
    apply_set(platform, {"targets": [{"name": "west", "paused": False}]}, "all")
    apply_set(fleet, {"targets": [target("west")]}, "all")
    apply_set(platform, {"targets": [target("west")]}, "all")


def test_an_application_team_writes_nothing_else(team):
    for noun, item in (("clusters", {"name": "c"}), ("groups", {"name": "g"}), ("policies", {"name": "p", "path": "policies/p"}),
                       ("metadataKeys", {"name": "k"}), ("targets", target("north"))):
        team.refused(403, "POST", f"{API}/{noun}", item)
        team.refused(403, "POST", f"{API}/apply", {noun: [item]})
    # What stands in an inventory as it is anyway is nobody's write.
    exported = team.get(f"{API}/export")
    assert team.post(f"{API}/apply", exported)["updated"] == {}


@pytest.mark.parametrize("body, field", [
    ({"role": "app-team"}, None), ({"role": "viewer", "owners": ["ann"]}, None), ({"role": "editor"}, "/role"),
    ({"role": "app-team", "owners": [""]}, "/owners/0"), ({"role": "app-team", "owners": [1]}, "/owners/0"),
    ({"role": "app-team", "businessUnits": ["x"] * 51}, "/businessUnits"), ({"role": "app-team", "owners": "ann"}, "/owners"),
])
def test_a_token_for_an_application_team_says_what_is_its_own(admin, body, field):
    answer = admin.request("POST", f"{API}/tokens", {"name": "x", **body})
    assert answer.status in (400, 422) and answer.json.get("field") == field, answer
    made = admin.post(f"{API}/tokens", {"name": "x", "role": "app-team", "businessUnits": ["retail"], "owners": ["ann"]})
    assert (made["businessUnits"], made["owners"]) == (["retail"], ["ann"])
    assert admin.get(f"{API}/tokens")["value"][-1]["businessUnits"] == ["retail"]
