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


def examples_of(document, schema):
    """Those of a schema, or of what it is made of."""
    if "$ref" in schema:
        schema = jsonschema.RefResolver.from_schema(document).resolve(schema["$ref"])[1]
    parts = schema.get("anyOf", []) + list(schema.get("properties", {}).values()) + [schema[name] for name in ("items",) if name in schema]
    return schema.get("examples", []) or [example for part in parts for example in examples_of(document, part)]


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
