"""The real fleet of the public labs: thirteen clusters, six namespaces, templates that none of us wrote."""

import json

import pytest
import yaml

import journey
from resedge_test import FIXTURE

BETA = {"central-la-nola-2301", "east-ga-atl-2301", "west-ca-sd-2301"}

pytestmark = pytest.mark.skipif(not FIXTURE.exists(), reason="the labs' data is not beside this checkout")


@pytest.fixture
def labs(cli, worker, repository, tmp_path):
    assert worker.alive()
    repository.seed(FIXTURE / "apps")
    journey.load(cli, tmp_path, repository, "flat", FIXTURE / "inventory.json")
    return repository


def test_setting_an_expression_reaches_exactly_its_clusters_and_none_takes_it_all_away(labs, cli):
    before_tree, before = labs.tree(), set(labs.files())
    assert journey.clusters_with(labs, "dogs-cats") == set()

    cli("set", "expression", "dogs-cats", "/g/beta", "--yes", "--wait")
    gained = set(labs.files()) - before
    assert set(labs.files()) >= before
    assert {path.split("/")[1] for path in gained} == BETA
    for folder in ("dogs-cats/dogs-cats", "namespaces/dogs-cats.yaml", "flux-system/listeners/dogs-cats.yaml"):
        assert journey.clusters_with(labs, folder) == BETA, folder

    cli("set", "expression", "dogs-cats", "none", "--yes", "--wait")
    assert labs.tree() == before_tree
    labs.fsck()


def test_values_are_put_into_the_templates(labs, cli):
    cli("set", "expression", "dogs-cats", "/g/beta", "--yes", "--wait")
    folder = "clusters/central-la-nola-2301/dogs-cats/dogs-cats/base"

    [ingress] = journey.documents(labs, f"{folder}/ingress.yaml")
    assert ingress["spec"]["rules"][0]["host"] == "dogs-cats.central-la-nola-2301.res-edge.com"
    [deployment] = journey.documents(labs, f"{folder}/deployment.yaml")
    env = {e["name"]: e["value"] for e in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env == {"REGION": "central", "ZONE": "la", "TITLE": "Dogz RULE!", "KEY1": "Dogs", "KEY2": "Cats", "REDIS": ""}
    assert "rea." not in labs.read(f"{folder}/redis.yaml")
    [namespace] = journey.documents(labs, "clusters/central-la-nola-2301/namespaces/dogs-cats.yaml")
    assert (namespace["kind"], namespace["metadata"]["name"]) == ("Namespace", "dogs-cats")


def test_how_flux_starts_is_rendered_for_each_cluster(labs):
    for cluster in ("res-edge", *BETA):
        [kustomization] = journey.documents(labs, f"clusters/{cluster}/flux-system/flux-kustomization.yaml")
        assert kustomization["spec"]["path"] == f"./clusters/{cluster}/flux-system/listeners"
    # Flux's own components are one object, however many clusters have them.
    ids = {labs.tree(f"clusters/{cluster}/flux-system/components.yaml") for cluster in BETA}
    assert ids == {labs.tree("apps/flux-system/components.yaml")}


def test_everything_that_flux_is_told_to_build_builds(labs, cli, tmp_path):
    cli("set", "expression", "dogs-cats", "/g/beta", "--yes", "--wait")
    cli("set", "expression", "tabs-spaces", "/g/stores/central", "--yes", "--wait")
    cli("set", "expression", "imdb", "all", "--yes", "--wait")
    journey.assert_every_document_parses(labs)
    built = journey.assert_flux_finds_what_it_builds(labs, tmp_path / "checkout")

    assert len(built) == 13
    for cluster, kustomizations in built.items():
        expected = {"gitops", "namespaces", "cert-manager", "heartbeat", "ingress-nginx", "imdb"}
        expected |= {"dogs-cats"} if cluster in BETA else set()
        expected |= {"tabs-spaces"} if cluster.startswith("central-") else set()
        assert set(kustomizations) == expected, cluster
        # What names the others lists exactly them, and each Namespace is made once.
        assert {d["metadata"]["name"] for d in kustomizations["gitops"]} == expected - {"gitops"}
        namespaces = [d["metadata"]["name"] for documents in kustomizations.values() for d in documents
                      if d["kind"] == "Namespace"]
        assert sorted(namespaces) == sorted(expected - {"gitops", "namespaces"}), cluster


def test_a_listener_tells_flux_to_wait_prune_and_spare_what_holds_data(labs):
    [listener] = journey.documents(labs, "clusters/res-edge/flux-system/listeners/heartbeat.yaml")
    spec = listener["spec"]
    assert listener["apiVersion"] == "kustomize.toolkit.fluxcd.io/v1"
    assert (spec["prune"], spec["wait"]) == (True, True)
    assert spec["sourceRef"] == {"kind": "GitRepository", "name": "gitops"}
    assert {"interval", "retryInterval", "timeout"} <= set(spec)
    assert {"name": "namespaces"} in spec["dependsOn"]
    for kind in ("Namespace", "PersistentVolumeClaim"):
        [patch] = [p["patch"] for p in spec["patches"] if p["target"]["kind"] == kind]
        assert "kustomize.toolkit.fluxcd.io/prune: disabled" in patch


def test_commits_name_author_revision_change_and_job(labs, cli, admin):
    cli("set", "expression", "imdb", "/g/pilot", "--yes", "--wait")
    commit = labs.log()[0]
    revision = int(commit["trailers"]["Resedge-Revision"])
    assert admin.get(f"/api/v1/revisions/{revision}")["changeId"] == commit["trailers"]["Resedge-Change"]
    job = admin.get(f"/api/v1/jobs/{commit['trailers']['Resedge-Job']}")
    assert job["commit"] == commit["id"]
    assert job["clustersChanged"] == 3
    assert commit["author"] == "cli"


def test_the_questions_are_answered(labs, cli):
    cli("set", "expression", "dogs-cats", "/g/beta", "--yes", "--wait")
    rows = json.loads(cli("what", "central-la-nola-2301", "-o", "json"))["value"]
    assert {row["application"] for row in rows} == {"cert-manager", "heartbeat", "ingress-nginx", "dogs-cats"}
    [row] = [row for row in rows if row["application"] == "dogs-cats"]
    assert row["expression"] == "/g/beta" and row["groups"] == ["/beta"] and row["state"] == "current"
    assert set(cli("select", "/g/beta").split()) == BETA
    assert yaml.safe_load(cli("get", "cluster", "central-la-nola-2301", "-o", "yaml"))["name"] == "central-la-nola-2301"


def test_applying_the_same_inventory_again_changes_nothing(labs, cli):
    head = labs.head()
    assert "0 created, 0 updated" in cli("apply", "-f", FIXTURE / "inventory.json", "--wait")
    assert labs.head() == head
