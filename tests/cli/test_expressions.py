"""resedge select, what and set expression."""

import json

import pytest
import yaml

from small import on_terminal, says


def expression(admin):
    return admin.get("/api/v1/namespaces/name:shop")["expression"]


# ---- select ----

def test_select_lists_the_clusters_of_an_expression(asking):
    assert asking("select", "/g/stores/east or /g/beta") == "east-1\neast-2\n"
    assert asking("select", "none") == ""
    assert asking("select", "/g/stores/east", "--count") == "2\n"
    answer = json.loads(asking("select", "( /g/beta )", "-o", "json"))
    assert (answer["expression"], answer["count"], answer["clusters"]) == ("/g/beta", 1, ["east-1"])
    assert yaml.safe_load(asking("select", "( /g/beta )", "-o", "yaml")) == answer


def test_select_explains_how_many_each_part_selects(asking):
    assert asking("select", "/g/stores and not /g/beta or /m/size/small", "--explain") == """\
CLUSTERS   PART
3          /g/stores
1          /g/beta
1          /m/size/small
3          /g/stores and not /g/beta or /m/size/small
"""
    assert asking("select", "/g/beta", "--explain") == "CLUSTERS   PART\n1          /g/beta\n"


@pytest.mark.parametrize("text, says_what, pointer", [
    ("/g/stores and", "found the end", 13),
    ("/g/beta or /g/nowhere", "nowhere", 11),
    ("/g/stores )", "", 10),
    ("/t/größe or /g/nowhere", "nowhere", 12),
])
def test_a_mistake_in_an_expression_is_pointed_at(asking, text, says_what, pointer):
    result = asking.run("select", text)
    says(result, 2, says_what)
    assert result.stderr.splitlines()[1:] == [f"  {text}", "  " + pointer * " " + "^"]


def test_a_near_group_is_offered(asking):
    says(asking.run("select", "/g/stores/eats"), 2, "Did you mean /g/stores/east?")


def test_what_tells_what_runs_on_a_cluster_and_why(asking):
    assert asking("what", "east-1") == """\
NAMESPACE   APPLICATION   VERSION   STATE     BECAUSE OF
shop        till          2.0.0     pending   /g/stores/east
"""
    assert asking("what", "east-2", "-o", "name") == "shop/till\n"
    assert json.loads(asking("what", "east-2", "-o", "json"))["value"][0]["version"] is None
    result = asking.run("what", "west-1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "nothing runs there\n")
    says(asking.run("what", "east-9"), 1, "east-9")


# ---- set expression ----

def test_set_shows_who_gains_and_who_loses_and_stores_it(fleet, cli):
    fleet.patch("/api/v1/clusters/name:west-1", {"state": "active"})
    assert cli("set", "expression", "shop", "/g/stores/west or /g/beta", "--yes") == """\
shop: 2 clusters selected by /g/stores/west or /g/beta; 1 gained, 1 lost
  + west-1
  - east-2
stored (revision 3)
"""
    assert expression(fleet) == "/g/stores/west or /g/beta"
    assert cli("set", "expression", "shop", "none", "-y").splitlines()[0] == "shop: 0 clusters selected by none; 0 gained, 2 lost"
    answer = json.loads(cli("set", "expression", "shop", "/g/beta", "--yes", "-o", "json"))
    assert (answer["gains"], answer["loses"]) == (["east-1"], [])
    assert expression(fleet) == "/g/beta"


def test_a_namespace_may_be_given_by_id(fleet, cli):
    number = fleet.get("/api/v1/namespaces/name:shop")["id"]
    assert cli("set", "expression", number, "none", "--yes").startswith("shop: 0 clusters")
    assert expression(fleet) == "none"


def test_long_lists_are_cut_and_counted(fleet, cli):
    fleet.post("/api/v1/apply", {"clusters": [{"name": f"store-{n:04}", "target": "edge", "groups": ["/beta"]}
                                              for n in range(1500)]})
    lines = cli("set", "expression", "shop", "/g/beta", "--dry-run").splitlines()
    assert lines[0] == "shop: 1501 clusters selected by /g/beta; 1500 gained, 1 lost"
    assert lines[-2:] == ["  + and 1490 more", "  - east-2"] and len(lines) == 13


def test_without_a_terminal_it_has_to_be_told_yes(fleet, cli):
    result = cli.run("set", "expression", "shop", "none")
    assert "2 lost" in result.stdout
    says(result, 3, "no terminal", "--yes")
    assert expression(fleet) == "/g/stores/east"


def test_a_dry_run_shows_and_stores_nothing(fleet, cli):
    assert "2 lost" in cli("set", "expression", "shop", "none", "--dry-run")
    assert "2 lost" in cli("set", "expression", "shop", "none", "--dry-run", "--yes", "--wait")
    assert expression(fleet) == "/g/stores/east"
    assert fleet.request("GET", "/api/v1/namespaces").revision == 1


def test_on_a_terminal_it_asks(fleet, cli):
    status, screen = on_terminal(cli, "set", "expression", "shop", "/g/beta", answer="n")
    assert status == 3 and "1 lost" in screen and "not confirmed" in screen
    assert expression(fleet) == "/g/stores/east"
    status, screen = on_terminal(cli, "set", "expression", "shop", "/g/beta", answer="y")
    assert status == 0 and "stored (revision 2)" in screen
    assert expression(fleet) == "/g/beta"


def test_what_somebody_else_stored_meanwhile_is_not_overwritten(fleet, cli):
    status, screen = on_terminal(
        cli, "set", "expression", "shop", "/g/beta", answer="y",
        before_answer=lambda: fleet.patch("/api/v1/namespaces/name:shop", {"expression": "/g/stores/west"}))
    assert status == 3 and 'changed since it was read (namespace "shop")' in screen, screen
    assert expression(fleet) == "/g/stores/west"


def test_mistakes_are_found_before_anything_is_asked(standing, asking):
    result = asking.run("set", "expression", "shop", "/g/beta or /g/wset", "--yes")
    says(result, 2, "wset", "at 11")
    assert result.stderr.splitlines()[1:] == ["  /g/beta or /g/wset", "  " + 11 * " " + "^"]
    assert result.stdout == ""
    says(asking.run("set", "expression", "shopp", "all", "--yes"), 1, 'no namespace named "shopp"')
    assert expression(standing.admin) == "/g/stores/east"


def test_what_bounds_a_namespace_bounds_it_here_too(fleet, cli):
    fleet.patch("/api/v1/namespaces/name:shop", {"allowed": "/g/stores/east"})
    assert cli("set", "expression", "shop", "all", "--yes").splitlines()[1:] == ["stored (revision 3)"]
    assert cli("what", "west-1") == ""
