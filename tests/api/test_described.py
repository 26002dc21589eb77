"""The API's description is one that tools understand, and strange requests get the answers that it tells of."""

import subprocess

import jsonschema
import pytest

from resedge_test import TOOLS
from resedge_test.fleet import stores

API_TOOLS = TOOLS / "api" / "bin"

# Streams without an end, what needs a worker's answer or a host's signature, a form that the fuzzer can't make, and signing in,
# where guessing is slowed down, and revoking tokens, of which the fuzzer's is one. All of these have tests of their own.
LEFT_OUT = "/events|/wait|/docs|/webhooks|/commits|/manifests|/diff|/format|/adopt|/deployments|/session|/snapshot|/tokens/"


def run(folder, *command):
    result = subprocess.run([str(part) for part in command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_a_linter_finds_nothing(api, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_bytes(api.client().request("GET", "/api/v1/openapi.json").body)
    run(tmp_path, API_TOOLS / "openapi-spec-validator", document)


def content_of(document, part):
    """Each (form, media type) of a body or an answer."""
    while "$ref" in part:
        part = jsonschema.RefResolver.from_schema(document).resolve(part["$ref"])[1]
    return part.get("content", {}).items()


def forms(document):
    for path, item in document["paths"].items():
        for method in item.keys() & {"get", "post", "put", "patch"}:
            parts = [("body", item[method].get("requestBody", {}))] + [(status, part) for status, part in item[method]["responses"].items() if status[0] == "2"]
            for name, part in parts:
                for form, media in content_of(document, part):
                    yield f"{method} {path} {name} {form}", form, media


def examples_of(document, schema, above=()):
    """Those of a schema, or of what it is made of."""
    if "$ref" in schema:
        if schema["$ref"] in above:
            return []
        above = (*above, schema["$ref"])
        schema = jsonschema.RefResolver.from_schema(document).resolve(schema["$ref"])[1]
    parts = schema.get("anyOf", []) + list(schema.get("properties", {}).values()) + [schema[name] for name in ("items",) if name in schema]
    return schema.get("examples", []) or [example for part in parts for example in examples_of(document, part, above)]


def test_every_body_and_every_answer_in_json_has_an_example(api):
    document = api.client().request("GET", "/api/v1/openapi.json").json
    bare = [where for where, form, media in forms(document) if "json" in form and "ndjson" not in form
            and "example" not in media and not examples_of(document, media["schema"])]
    assert [where for where in bare if "/openapi.json" not in where] == []


def test_every_example_is_as_it_is_described(api):
    document = api.client().request("GET", "/api/v1/openapi.json").json
    resolver = jsonschema.RefResolver.from_schema(document)
    schemas = [(name, schema, example) for name, schema in document["components"]["schemas"].items() for example in schema.get("examples", [])]
    media = [(where, media["schema"], media["example"]) for where, _, media in forms(document) if "example" in media]
    assert len(schemas) > 40 and len(media) > 20
    for where, schema, example in schemas + media:
        faults = [f"{where} at {error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(example)]
        assert not faults


def answer(document, method, path, status):
    part = document["paths"][path][method]["responses"][status]
    return jsonschema.RefResolver.from_schema(document).resolve(part["$ref"])[1] if "$ref" in part else part


def test_every_answer_is_described_with_the_headers_that_it_has(api):
    """What is sent is held against it with every answer of every test; these are the ones that a client looks for."""
    document = api.client().request("GET", "/api/v1/openapi.json").json
    for path, item in document["paths"].items():
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            for status in item[method]["responses"]:
                assert {"X-Request-Id", "Resedge-Revision"} <= answer(document, method, path, status)["headers"].keys(), f"{method} {path} {status}"
    for method, path, status, header in (
            ("post", "/api/v1/clusters", "201", "Idempotent-Replayed"), ("post", "/api/v1/targets/{id}/push", "204", "Idempotent-Replayed"),
            ("post", "/api/v1/jobs/{id}/retry", "200", "Idempotent-Replayed"), ("post", "/api/v1/clusters", "201", "Location"),
            ("get", "/api/v1/clusters/{id}", "304", "ETag"), ("patch", "/api/v1/clusters/{id}", "415", "Accept-Patch"),
            ("delete", "/api/v1/clusters/{id}", "204", "Resedge-Confirm"), ("post", "/api/v1/apply", "200", "Resedge-Confirm")):
        assert header in answer(document, method, path, status)["headers"]
    assert "Idempotent-Replayed" not in answer(document, "put", "/api/v1/clusters/{id}", "200")["headers"]


def test_a_problem_is_described_with_all_that_it_may_say(api, admin):
    document = api.client().request("GET", "/api/v1/openapi.json").json
    problem = document["components"]["schemas"]["Problem"]["properties"]
    assert "moreErrors" in problem and {"line", "position", "hint"} <= problem["errors"]["items"]["properties"].keys()
    told = admin.refused(422, "POST", "/api/v1/groups", {f"unknown{n}": n for n in range(2000)})
    assert told["moreErrors"] is True


def test_a_body_that_may_be_json_may_be_yaml(api, admin):
    document = api.client().request("GET", "/api/v1/openapi.json").json
    taken = [item[method].get("requestBody") for item in document["paths"].values() for method in item.keys() & {"post", "put", "patch"}]
    with_json = [dict(content_of(document, body)) for body in taken if body and "application/json" in dict(content_of(document, body))]
    assert len(with_json) > 40 and sum("application/yaml" not in body for body in with_json) == 1  # what a Git host sends
    assert admin.post("/api/v1/groups", "name: yaml\n", headers={"Content-Type": "application/yaml"})["name"] == "yaml"


def test_what_people_write_in_the_examples_is_taken(admin):
    """The inventory brings what the others refer to."""
    document = admin.request("GET", "/api/v1/openapi.json").json
    example = {name: schema["examples"][0] for name, schema in document["components"]["schemas"].items() if "examples" in schema}
    admin.post("/api/v1/targets", example["TargetWrite"])
    assert admin.post("/api/v1/apply?dryRun=true", example["Inventory"])["created"]["clusters"] == 1
    for noun, name in (("metadataKeys", "MetadataKey"), ("policies", "Policy")):
        made = admin.post(f"/api/v1/{noun}", example[f"{name}Write"])
        admin.patch(f"/api/v1/{noun}/{made['id']}", example[f"{name}Patch"])


@pytest.mark.parametrize("nouns", ["clusters|groups|policies|metadataKeys", "namespaces|applications", "targets|jobs|tokens|apply|changes|audit|expressions|export|revisions"])
def test_a_fuzzer_finds_no_failure_and_no_answer_that_is_not_described(api, admin, tmp_path, nouns):
    stores(admin)
    run(tmp_path, API_TOOLS / "schemathesis", "run", f"{api.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {admin.token}",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases", "examples,fuzzing", "--max-examples", "3", "--seed", "1", "--no-color", "--generation-database", "none",
        "--include-path-regex", f"^/api/v1/({nouns})", "--exclude-path-regex", LEFT_OUT, "--suppress-health-check", "all", "--request-timeout", "30")
