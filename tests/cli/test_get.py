"""resedge get: tables, documents, names."""

import json
import subprocess

import pytest
import yaml

from resedge_test import BUILD
from small import says, start

TABLES = {
    "clusters": """\
NAME     STATE     STORE    TARGET   GROUPS
east-1   active    0101     edge     /beta,/stores/east
east-2   active    east-2   edge     /stores/east
west-1   planned   west-1   edge     /stores/west
""",
    "groups": """\
NAME     NAME PATH      EXPRESSION
stores   /stores        -
beta     /beta          -
east     /stores/east   -
west     /stores/west   -
""",
    "namespaces": """\
NAME   EXPRESSION       BUSINESS UNIT
shop   /g/stores/east   Retail
fuel   -                -
""",
    "applications": """\
NAME   NAMESPACE   PATH        BUSINESS UNIT   OWNER
till   shop        apps/till   -               Ann
pump   fuel        apps/pump   -               -
""",
    "policies": """\
NAME    PATH
quiet   policies/quiet
""",
    "targets": """\
NAME   URL                 BRANCH   FOLDER PATTERN   PAUSED
edge   /srv/git/edge.git   main     flat             false
""",
    "metadataKeys": """\
NAME   TYPE   VALUES        DEFAULT
size   enum   small,large   -
""",
}

NAMES = {"clusters": ["east-1", "east-2", "west-1"], "groups": ["/stores", "/beta", "/stores/east", "/stores/west"],
         "namespaces": ["shop", "fuel"], "applications": ["shop/till", "fuel/pump"], "policies": ["quiet"],
         "targets": ["edge"], "metadataKeys": ["size"]}


def test_a_table_a_noun(asking):
    for noun, table in TABLES.items():
        assert asking("get", noun) == table, noun


def test_a_noun_goes_by_its_singular_and_its_short_names_too(asking):
    for words, noun in ((("cluster", "c", "cl"), "clusters"), (("group", "g"), "groups"), (("namespace", "ns", "n"), "namespaces"),
                        (("application", "app", "apps", "a"), "applications"), (("policy", "p"), "policies"),
                        (("target", "t"), "targets"), (("metadataKey", "key"), "metadataKeys")):
        for word in words:
            assert asking("get", word) == TABLES[noun], word


def test_wide_has_more_columns_and_a_line_break_in_a_value_breaks_no_row(asking):
    header, first, *_ = asking("get", "clusters", "-o", "wide").splitlines()
    assert header.split("   ")[0] == "ID" and "DESCRIPTION" in header and "TIME ZONE" in header
    assert "Two lines" in first and "corner" in first
    assert header.index("DESCRIPTION") == first.index("Two lines")
    assert asking("get", "clusters", "-o", "wide").count("\n") == 4


def test_names_are_what_get_takes(asking):
    for noun, names in NAMES.items():
        assert asking("get", noun, "-o", "name").split() == names
        assert asking("get", noun, *names, "-o", "name").split() == names
        for name in names:
            assert asking("get", noun, name, "-o", "name").split() == [name]


def test_json_and_yaml_are_the_documents_of_the_api(standing, asking):
    for noun, names in NAMES.items():
        everything = standing.admin.get(f"/api/v1/{noun}")["value"]
        assert json.loads(asking("get", noun, "-o", "json")) == {"value": everything}
        assert yaml.safe_load(asking("get", noun, "-o", "yaml")) == {"value": everything}
        assert json.loads(asking("get", noun, names[0], "-o", "json")) == everything[0]
        assert yaml.safe_load(asking("get", noun, str(everything[0]["id"]), "-o", "yaml")) == everything[0]
        if len(names) > 1:
            assert json.loads(asking("get", noun, names[1], names[0], "-ojson")) == {"value": [everything[1], everything[0]]}


def test_options_may_stand_anywhere(asking):
    expected = asking("get", "clusters", "west-1", "-o", "json")
    for words in (("-o", "json", "get", "clusters", "west-1"), ("get", "-ojson", "clusters", "west-1"),
                  ("get", "clusters", "--output=json", "west-1"), ("--output", "json", "get", "clusters", "--", "west-1")):
        assert asking(*words) == expected


def test_what_is_not_there_ends_with_status_1_and_names_it(asking):
    says(asking.run("get", "clusters", "east-9"), 1, 'no cluster named "east-9"')
    says(asking.run("get", "clusters", "999"), 1, "999")
    says(asking.run("get", "groups", "/stores/north"), 1, "/stores/north")
    says(asking.run("get", "clusters", "east-1", "a/../../b", "-o", "json"), 1)
    assert asking.run("get", "clusters", "east-1", "east-9").stdout == ""


def test_an_empty_fleet_is_no_error(cli):
    result = cli.run("get", "clusters")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "no clusters\n")
    assert cli("get", "clusters", "-o", "json") == '{\n  "value": []\n}\n'
    assert cli("get", "clusters", "-o", "name") == ""


@pytest.fixture
def many(fleet):
    fleet.post("/api/v1/apply", {"clusters": [{"name": f"store-{n:04}", "target": "edge"} for n in range(2500)]})
    return fleet


def test_all_pages_of_a_long_list_are_shown(many, cli):
    names = cli("get", "clusters", "-o", "name").split()
    assert len(names) == len(set(names)) == 2503 and names[-1] == "store-2499"
    assert cli("select", "all", "--count") == "2503\n"
    assert len(cli("select", "all").split()) == 2503


def test_a_reader_that_has_seen_enough_ends_it_quietly(many, cli):
    result = subprocess.run(["bash", "-c", 'set -o pipefail; "$0" get clusters | head -1', BUILD / "resedge"], env=cli.env,
                            capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["NAME", "STATE", "STORE", "TARGET", "GROUPS"]
    assert result.stderr == ""
    child = start(cli, "get", "clusters", "-o", "json")
    child.stdout.close()
    assert (child.wait(60), child.stderr.read()) == (-13, "")
    child.stderr.close()


def test_a_full_disk_is_no_empty_answer(asking):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([BUILD / "resedge", "get", "clusters"], env=asking.env, stdout=full, stderr=subprocess.PIPE,
                                text=True, check=False)
    says(result, 5, "could not write the output: No space left on device")
