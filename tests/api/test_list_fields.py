"""Every field that the API's description names, of every noun: a list is filtered and ordered by it as reading every document would."""

import json
import urllib.parse

import pytest

from resedge_test import servers
from resedge_test.fleet import API, cluster, load

NOUNS = {"targets": "Target", "metadataKeys": "MetadataKey", "groups": "Group", "policies": "Policy", "namespaces": "Namespace", "applications": "Application",
         "clusters": "Cluster"}
BARE, FULL = "bare", "full"  # of each noun one that has next to nothing, and one with all that it can have
COMMON = {"description": "It's long: " + "ö" * 300, "environment": "Prod", "tags": ["new", "ö'n"], "metadata": {"region": "west", "size": "10"}}
FLEET = {
    "targets": [{"name": BARE, "url": "/srv/git/bare.git"},
                {"name": FULL, **COMMON, "url": "https://git.example/full.git", "branch": "release", "templateUrl": "https://git.example/templates.git",
                 "templateBranch": "next", "templatePath": "shared", "templateCredential": "reader", "folderPattern": "flat", "credential": "writer",
                 "pushIntervalSeconds": 60, "guard": {"clustersLosing": 0.5, "clustersChanged": 0.75, "files": 500},
                 "fluxSource": "resedge", "platformOwners": ["ann"], "paused": True}],
    "metadataKeys": [{"name": BARE, "type": "string"}, {"name": "size", **COMMON, "type": "enum", "values": ["10", "9"], "required": "/t/none", "default": "9"},
                     {"name": "code", "type": "pattern", "pattern": "[0-9]+"}],
    "groups": [{"name": BARE}, {"name": FULL, **COMMON, "parent": "/bare", "expression": "/t/new", "priority": -5}],
    "policies": [{"name": BARE, "path": "policies/bare"}, {"name": FULL, **COMMON, "path": "policies/full"}],
    "namespaces": [{"name": BARE}, {"name": FULL, **COMMON, "expression": "/g/bare", "allowed": "/g/bare", "businessUnit": "Retail", "owners": ["ann", "bob"],
                                    "capacity": {"memoryLimit": 2048, "cpuLimit": 1.5}, "enforceCapacity": True, "policies": [BARE, FULL]}],
    "applications": [{"name": BARE, "path": "apps/bare"},
                     {"name": FULL, **COMMON, "namespace": FULL, "path": "apps/full", "releases": [{"version": "2.0.0", "expression": "/t/new"}],
                      "repoUrl": "https://git.example/full.git", "pat": "reader", "businessUnit": "Retail", "owner": "ann", "capacity": {"memoryLimit": 512},
                      "paused": True}],
    "clusters": [cluster(BARE, target=BARE), cluster(FULL, "/bare", "/bare/full", **COMMON, target=FULL, state="suspended", store="0101",
                                                     timeZone="America/Denver", location={"latitude": 39.75, "longitude": -105}, capacity={"cpuLimit": 4})],
}
TEXTS, NUMBERS = ("", "a", "zzz"), (-1, 0, 10**6)


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory):
    database = postgres.create_database(template_database)
    api = servers.Api(tmp_path_factory.mktemp("fields"), postgres.url(database)).start()
    admin = api.client("admin")
    load(admin, **FLEET)
    yield admin
    api.check_ended_well()
    postgres.drop_database(database)


def types(schema):
    kinds = {schema.get("type")} if isinstance(schema.get("type"), str) else set(schema.get("type") or ())
    return kinds - {"null"}


def paths(schema):
    """(path, its schema, collection) of all that a document of the schema shows."""
    for name, field in schema["properties"].items():
        if types(field) == {"array"}:
            yield name, field["items"], True
        elif "properties" in field:
            yield from ((f"{name}/{member}", inner, False) for member, inner in field["properties"].items())
        else:
            yield name, field, False
        if name == "metadata":
            yield "metadata/size", {"type": "string"}, False


def value_of(doc, path):
    name, _, member = path.partition("/")
    if name == "metadata":
        return next((pair["value"] for pair in doc["metadata"] if pair["key"] == member), None)
    return (doc[name] or {}).get(member) if member else doc[name]


def literal(value, field):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str) and field.get("format") != "date-time":
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def ids(client, noun, **options):
    return [doc["id"] for doc in client.get(f"{API}/{noun}?" + urllib.parse.urlencode({f"${name}": value for name, value in options.items()}))["value"]]


def rank(value):
    return value.encode() if isinstance(value, str) else value


def check_scalar(client, noun, docs, path, field):
    others = () if "enum" in field or field.get("format") == "date-time" or types(field) == {"boolean"} else TEXTS if types(field) == {"string"} else NUMBERS
    for wanted in {value_of(doc, path) for doc in docs} | set(others) | {None}:
        tests = {"eq": lambda v: v == wanted, "ne": lambda v: v != wanted}
        if wanted is not None and not isinstance(wanted, bool):
            tests |= {"gt": lambda v: v is not None and rank(v) > rank(wanted), "le": lambda v: v is not None and rank(v) <= rank(wanted)}
        for op, holds in tests.items():
            text = f"{path} {op} {literal(wanted, field)}"
            assert ids(client, noun, filter=text) == [doc["id"] for doc in docs if holds(value_of(doc, path))], text
        text = f"{path} in ({literal(wanted, field)},null)"
        assert ids(client, noun, filter=text) == [doc["id"] for doc in docs if value_of(doc, path) in (wanted, None)], text
    key = lambda doc: (value_of(doc, path) is not None, rank(value_of(doc, path)) if value_of(doc, path) is not None else 0)
    for descending in (False, True):
        order = f"{path} desc" if descending else path
        wanted = [doc["id"] for doc in sorted(docs, key=key, reverse=descending)]
        assert ids(client, noun, orderby=order) == wanted, order
        page = client.get(f"{API}/{noun}?" + urllib.parse.urlencode({"$orderby": order, "$top": 1}))
        assert [page["value"][0]["id"]] + ids_behind(client, page) == wanted, order


def ids_behind(client, page):
    found = []
    while link := page.get("@odata.nextLink"):
        page = client.get(link)
        found += [doc["id"] for doc in page["value"]]
    return found


def check_collection(client, noun, docs, path, field):
    members = list(field["properties"]) if "properties" in field else [None]
    for member in members:
        of = lambda doc: [item[member] if member else item for item in doc[path] or []]
        for wanted in {value for doc in docs for value in of(doc)} | {"none" if types(field["properties"][member] if member else field) == {"string"} else 99}:
            text = f"{path}/any(x: x{'/' + member if member else ''} eq {literal(wanted, field)})"
            assert ids(client, noun, filter=text) == [doc["id"] for doc in docs if wanted in of(doc)], text
            assert ids(client, noun, filter=f"not {text}") == [doc["id"] for doc in docs if wanted not in of(doc)], text
    assert ids(client, noun, filter=f"{path}/any()") == [doc["id"] for doc in docs if doc[path]], path


@pytest.mark.parametrize("noun", NOUNS)
def test_a_list_is_filtered_and_ordered_by_every_field_that_is_described(fleet, noun):
    schema = fleet.get(f"{API}/openapi.json")["components"]["schemas"][NOUNS[noun]]
    docs = fleet.get(f"{API}/{noun}")["value"]
    assert len(docs) >= 2 and set(docs[0]) == set(schema["properties"])
    for path, field, collection in paths(schema):
        (check_collection if collection else check_scalar)(fleet, noun, docs, path, field)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_field_that_is_described_is_selected_alone_and_tells_two_objects_apart(fleet, noun):
    schema = fleet.get(f"{API}/openapi.json")["components"]["schemas"][NOUNS[noun]]
    docs = fleet.get(f"{API}/{noun}")["value"]
    for name in schema["properties"]:
        assert fleet.get(f"{API}/{noun}?$select={name}")["value"] == [{name: doc[name]} for doc in docs]
    alike = [name for name in schema["properties"] if len({json.dumps(doc[name]) for doc in docs}) == 1]
    # What the server sets in one revision is the same; all else the fleet has to vary, or the test above shows little.
    assert set(alike) <= {"version", "createdAt", "updatedAt", "createdBy", "updatedBy", "format", "pausedReason"}, alike


@pytest.mark.parametrize("noun", NOUNS)
def test_a_table_has_a_column_for_every_field_that_is_described(fleet, noun):
    schema = fleet.get(f"{API}/openapi.json")["components"]["schemas"][NOUNS[noun]]
    columns = fleet.request("GET", f"{API}/{noun}", headers={"Accept": "text/csv"}).body.decode().partition("\r\n")[0].split(",")
    by_name = {name for name in schema["properties"] if not (name[-2:] == "Id" or name[-3:] == "Ids")}  # ids only where they are selected
    described = {path.replace("/", ".") for path, _, _ in paths(schema) if path.partition("/")[0] in by_name}
    assert set(columns) == (described - {"metadata"}) | {"metadata.region", "metadata.size"}
