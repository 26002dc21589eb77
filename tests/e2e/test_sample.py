"""The sample fleet that make demo loads: sharded folders, inherited values, versions, policies, quotas."""

import hashlib

import pytest

import journey
from resedge_test import SAMPLES


def folder(cluster):
    return f"clusters/{hashlib.sha1(cluster.encode()).hexdigest()[:2]}/{cluster}"


@pytest.fixture
def sample(cli, worker, repository, tmp_path):
    assert worker.alive()
    repository.seed(SAMPLES / "apps", SAMPLES / "policies")
    journey.load(cli, tmp_path, repository, "sharded", SAMPLES / "fleet.yaml")
    return repository


def env_of(repository, cluster, path):
    [deployment] = journey.documents(repository, f"{folder(cluster)}/{path}")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return {e["name"]: e["value"] for e in container["env"]}, container["image"]


def test_values_are_inherited_hidden_by_descendants_and_decided_by_priority(sample):
    env, image = env_of(sample, "me-portland-0101", "platform/heartbeat/base/deployment.yaml")
    assert env == {"STORE": "0101", "REGION": "northeast", "TIME_ZONE": "America/New_York", "SUPPORT_PHONE": "1-800-555-0100"}
    assert image == "registry.tidewater.example/platform/heartbeat:1.4.2"
    # A franchise has a priority, so its telephone number beats that of all stores.
    env, _ = env_of(sample, "va-richmond-0201", "platform/heartbeat/base/deployment.yaml")
    assert env["SUPPORT_PHONE"] == "1-800-555-0177"
    # A region below the stores hides what the stores say.
    _, image = env_of(sample, "or-eugene-0407", "platform/heartbeat/base/deployment.yaml")
    assert image.startswith("registry-west.tidewater.example/")


def test_a_release_brings_its_overlay_to_its_ring_and_the_default_of_a_declared_key_applies(sample, tmp_path):
    env, _ = env_of(sample, "il-chicago-0301", "checkout/till-gateway/base/deployment.yaml")
    assert env["CURRENCY"] == "USD" and env["RECEIPT_FOOTER"] == "Thank you: come again!"
    built = journey.assert_flux_finds_what_it_builds(sample, tmp_path / "checkout")
    [deployment] = [d for d in built["il-chicago-0301"]["till-gateway"] if d["kind"] == "Deployment"]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "registry.tidewater.example/checkout/till-gateway:2.1.0"
    assert {"name": "OFFLINE_LEDGER", "value": "true"} in container["env"]
    kinds = {d["kind"] for d in built["il-chicago-0301"]["namespaces"] if d["metadata"].get("namespace") == "checkout"}
    assert kinds == {"NetworkPolicy", "ResourceQuota", "LimitRange"}
    assert len(built) == 32


def test_widening_a_release_changes_only_the_clusters_it_gains(sample, cli, admin, wait_done):
    cli("set", "expression", "checkout", "/g/rings/canary or /g/rings/early", "--yes", "--wait")
    application = admin.get("/api/v1/applications/name:checkout%2Ftill-gateway")
    admin.patch(f"/api/v1/applications/{application['id']}",
                {"releases": [{"version": "2.1.0", "expression": "/g/rings/canary or /g/rings/early"}]})
    [job] = wait_done()
    early = admin.post("/api/v1/expressions/evaluate", {"expression": "/g/rings/early"})
    assert job["clustersChanged"] == early["count"] > 0


def test_an_application_that_depends_on_another_tells_flux_so(sample, cli):
    cli("set", "expression", "pricing", "/g/rings/canary", "--yes", "--wait")
    [listener] = journey.documents(sample, f"{folder('me-portland-0101')}/flux-system/listeners/shelf-labels.yaml")
    assert [d["name"] for d in listener["spec"]["dependsOn"]] == ["namespaces", "price-book"]


def test_the_folder_of_a_closed_store_goes_and_that_of_a_suspended_one_is_frozen(sample, cli, admin, wait_done):
    frozen = sample.tree(folder("nc-raleigh-0202"))
    admin.patch("/api/v1/clusters/name:nc-raleigh-0202", {"state": "suspended"})
    admin.patch("/api/v1/clusters/name:nc-charlotte-0203?confirm=1", {"state": "closing"})
    wait_done()
    closing = sample.files(folder("nc-charlotte-0203"))
    assert closing and all("/flux-system/" in path or "/namespaces/" in path for path in closing)
    admin.patch("/api/v1/clusters/name:nc-charlotte-0203", {"state": "closed"})
    cli("set", "expression", "pricing", "/g/stores/south", "--yes", "--wait")
    assert sample.files(folder("nc-charlotte-0203")) == []
    assert sample.tree(folder("nc-raleigh-0202")) == frozen
    assert sample.files(folder("ga-atlanta-0207") + "/pricing")
