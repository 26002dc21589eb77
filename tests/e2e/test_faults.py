"""What is leaned on goes away, or somebody makes a mistake: nothing acknowledged is lost, and everything else goes out."""

import threading

import pytest

import journey
from resedge_test import SAMPLES
from resedge_test.wait import until


@pytest.fixture
def sample(cli, worker, repository, tmp_path):
    assert worker.alive()
    repository.seed(SAMPLES / "apps", SAMPLES / "policies")
    journey.load(cli, tmp_path, repository, "flat", SAMPLES / "fleet.yaml")
    return repository


@pytest.fixture
def own_postgres():
    """A server that a test may stop: the shared one is other tests' too."""
    from resedge_test.postgres import Postgres
    server = Postgres()
    yield server
    server.remove()


def test_postgresql_restarts_under_load_and_nothing_acknowledged_is_lost(own_postgres, tmp_path, repository):
    from resedge_test import servers
    database = own_postgres.create_database()
    servers.migrate(own_postgres, database)
    api = servers.Api(tmp_path, own_postgres.url(database)).start()
    admin = api.client("admin")
    worker = servers.Worker(tmp_path, api)
    worker.start()
    try:
        repository.seed(SAMPLES / "apps", SAMPLES / "policies")
        admin.post("/api/v1/apply", journey.target(repository, "flat"))
        admin.post("/api/v1/apply", (SAMPLES / "fleet.yaml").read_text(), headers={"Content-Type": "application/yaml"})
        acknowledged, stop = [], threading.Event()

        def write():
            number = 0
            while not stop.is_set():
                number += 1
                answer = admin.request("PATCH", "/api/v1/clusters/name:me-portland-0101", {"description": f"number {number}"})
                if answer.status == 200:
                    acknowledged.append((answer.revision, f"number {number}"))
                else:
                    assert answer.status == 503, answer
        writer = threading.Thread(target=write)
        writer.start()
        until(lambda: len(acknowledged) > 20, "some writes before the restart")
        own_postgres.restart("immediate")
        after = len(acknowledged)
        until(lambda: len(acknowledged) > after + 20, "writes go on after the restart")
        stop.set()
        writer.join()

        changes = admin.get("/api/v1/changes?since=0")
        logged = {c["revision"]: c["doc"] for c in changes["changes"] if c["op"] == "put"}
        while changes["more"]:
            changes = admin.get(f"/api/v1/changes?since={changes['revision']}")
            logged.update({c["revision"]: c["doc"] for c in changes["changes"] if c["op"] == "put"})
        assert sorted(logged) == list(range(1, max(logged) + 1)), "revisions have a gap"
        for revision, description in acknowledged:
            assert logged[revision]["description"] == description

        admin.patch("/api/v1/namespaces/name:pricing", {"expression": "/g/rings/canary"})
        until(lambda: journey.clusters_with(repository, "pricing/price-book"), "Automation goes on by itself")
        repository.fsck()
    finally:
        worker.check_ended_well()
        api.check_ended_well()


def test_a_value_missing_on_one_cluster_holds_back_that_application_there_and_nothing_else(sample, cli, admin):
    admin.patch("/api/v1/clusters/name:me-portland-0101", {"timeZone": None})
    result = cli.run("set", "expression", "forecourt", "/g/equipment/fuel", "--yes", "--wait")
    assert result.returncode == 0, result.stderr
    until(lambda: not admin.get("/api/v1/jobs?state=running")["value"], "no job runs")

    def edit(checkout):
        path = checkout / "apps/heartbeat/base/deployment.yaml"
        path.write_text(path.read_text().replace("heartbeat:1.4.2", "heartbeat:1.5.0"))
    sample.push(edit, "heartbeat 1.5.0")
    until(lambda: "heartbeat:1.5.0" in sample.read("clusters/ma-boston-0102/platform/heartbeat/base/deployment.yaml"),
          "the other stores get the new version")
    # Its last good files stay.
    assert "heartbeat:1.4.2" in sample.read("clusters/me-portland-0101/platform/heartbeat/base/deployment.yaml")
    job = until(lambda: next((j for j in admin.get("/api/v1/jobs")["value"] if j["held"]), None), "the job names what is held")
    [held] = job["held"]
    assert (held["cluster"], held["application"]) == ("me-portland-0101", "heartbeat")
    text = f"{held['error']['detail']} {held['error'].get('object', '')}"
    for part in ("apps/heartbeat/base/deployment.yaml", "rea.cluster.timeZone", "me-portland-0101"):
        assert part in text, text

    admin.patch("/api/v1/clusters/name:me-portland-0101", {"timeZone": "America/New_York"})
    until(lambda: "heartbeat:1.5.0" in sample.read("clusters/me-portland-0101/platform/heartbeat/base/deployment.yaml"),
          "with the value, the application goes out there too")


@pytest.mark.parametrize("break_it, says", [
    (lambda apps: (apps / "price-book/base/service.yaml").write_text("kind: Service\n  metadata: [\n"),
     ("apps/price-book/base/service.yaml:2",)),
    (lambda apps: (apps / "price-book/base/kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - nowhere.yaml\n"),
     ("nowhere.yaml", "kustomization.yaml")),
    (lambda apps: (apps / "price-book/base/service.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: rea.cluster.regionn\n"),
     ("apps/price-book/base/service.yaml:4", "rea.cluster.regionn")),
])
def test_a_broken_template_holds_back_its_application_only_and_says_where(sample, cli, admin, break_it, says):
    sample.push(lambda checkout: break_it(checkout / "apps"), "A mistake")
    result = cli.run("set", "expression", "pricing", "/g/rings/canary", "--yes", "--wait")
    assert result.returncode == 0, result.stderr
    assert len(journey.clusters_with(sample, "pricing/shelf-labels")) == 4
    assert journey.clusters_with(sample, "pricing/price-book") == set()
    held = [h for job in admin.get("/api/v1/jobs")["value"] for h in job["held"] if h["application"] == "price-book"]
    assert {h["cluster"] for h in held} == journey.clusters_with(sample, "pricing/shelf-labels")
    for part in says:
        assert part in held[0]["error"]["detail"], held[0]
    sample.fsck()


def test_a_hand_edit_below_clusters_is_put_right_and_a_folder_of_nobody_is_left_alone(sample, cli):
    tree = sample.tree("clusters/ma-boston-0102")

    def edit(checkout):
        (checkout / "clusters/ma-boston-0102/platform/heartbeat/base/service.yaml").write_text("kind: Mistake\n")
        (checkout / "clusters/by-hand").mkdir()
        (checkout / "clusters/by-hand/mine.yaml").write_text("kind: Mine\n")
    sample.push(edit, "By hand")
    cli("set", "expression", "pricing", "/g/rings/canary", "--yes", "--wait")
    assert sample.tree("clusters/ma-boston-0102") == tree
    assert sample.read("clusters/by-hand/mine.yaml") == "kind: Mine\n"
