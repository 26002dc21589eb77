"""The API's description is one that tools understand, and strange requests get the answers that it tells of."""

import subprocess

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


@pytest.mark.parametrize("nouns", ["clusters|groups|policies|metadataKeys", "namespaces|applications", "targets|jobs|tokens|apply|changes|audit|expressions|export|revisions"])
def test_a_fuzzer_finds_no_failure_and_no_answer_that_is_not_described(api, admin, tmp_path, nouns):
    stores(admin)
    run(tmp_path, API_TOOLS / "schemathesis", "run", f"{api.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {admin.token}",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases", "examples,fuzzing", "--max-examples", "3", "--seed", "1", "--no-color", "--generation-database", "none",
        "--include-path-regex", f"^/api/v1/({nouns})", "--exclude-path-regex", LEFT_OUT, "--suppress-health-check", "all", "--request-timeout", "30")
