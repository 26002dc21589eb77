"""resedge plan --from: what a checkout's templates make of the fleet, beside the folders of clusters that it has."""

import json
import subprocess

import pytest

from resedge_test import SAMPLES
from small import says


@pytest.fixture
def checkout(api, cli, worker, repository, tmp_path):
    """A clone after the first commit of the sample fleet."""
    assert worker.alive()
    repository.seed(SAMPLES / "apps", SAMPLES / "policies")
    target = {"targets": [{"name": "edge", "url": str(repository.path), "branch": repository.branch}]}
    cli("apply", "-f", "-", stdin=json.dumps(target))
    cli("apply", "-f", SAMPLES / "fleet.yaml", "--wait")
    path = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", "-b", repository.branch, repository.path, path], check=True)
    return path


def plan(cli, checkout):
    result = cli.run("plan", "--from", checkout, "-o", "json")
    answer = json.loads(result.stdout)
    assert result.returncode == (1 if answer["differences"] or answer["errors"] else 0), result
    return answer


def folder_of(checkout, cluster):
    [folder] = checkout.glob(f"clusters/**/{cluster}")
    return folder


def test_nothing_differs_after_the_commit(cli, checkout):
    answer = plan(cli, checkout)
    assert (answer["clusters"], answer["differences"], answer["errors"]) == (32, [], [])


def test_files_that_no_template_makes_any_more_are_told_as_removed(cli, checkout):
    (checkout / "apps/heartbeat/base/service.yaml").unlink()
    kustomization = checkout / "apps/heartbeat/base/kustomization.yaml"
    kustomization.write_text("".join(line for line in kustomization.open() if "service.yaml" not in line))
    answer = plan(cli, checkout)
    removed = [d for d in answer["differences"] if "the file is removed" in d["patch"]]
    assert [(d["path"], d["clusters"]) for d in removed] == [("platform/heartbeat/base/service.yaml", 32)]
    assert answer["clustersChanged"] == 32


def test_the_folder_of_a_closed_cluster_is_told_as_removed(cli, checkout):
    files = sum(path.is_file() for path in folder_of(checkout, "me-portland-0101").rglob("*"))
    cli("set", "cluster", "me-portland-0101", "state=closed", "--confirm", "1")
    answer = plan(cli, checkout)
    assert (answer["clustersChanged"], answer["filesChanged"]) == (1, files)
    assert {d["example"] for d in answer["differences"]} == {"me-portland-0101"}


def test_the_folder_of_a_deleted_cluster_is_told_as_removed(cli, checkout):
    cli("pause", "edge", "--reason", "so that its worker does not take it away first")
    files = sum(path.is_file() for path in folder_of(checkout, "me-portland-0101").rglob("*"))
    cli("delete", "cluster", "me-portland-0101", "--confirm", "1", "--yes")
    answer = plan(cli, checkout)
    assert (answer["clustersChanged"], answer["filesChanged"]) == (1, files)
    assert {(d["example"], d["patch"]) for d in answer["differences"]} == {("me-portland-0101", "-(the file is removed)\n")}


def test_of_several_targets_only_that_of_the_checkout_is_planned(cli, checkout):
    other = {"targets": [{"name": "other", "url": "/srv/git/other.git", "paused": True}],
             "clusters": [{"name": "elsewhere-1", "target": "other", "groups": ["/rings/canary"]}]}
    cli("apply", "-f", "-", stdin=json.dumps(other))
    answer = plan(cli, checkout)
    assert (answer["clusters"], answer["differences"]) == (32, [])
    result = cli.run("plan", "--from", checkout, "--target", "other", "-o", "json")
    assert "elsewhere-1" in {d["example"] for d in json.loads(result.stdout)["differences"]}
    says(cli.run("plan", "--from", checkout, "--target", "otter"), 1, "--target")


def test_what_is_paused_or_can_not_be_rendered_stays(cli, checkout):
    cli("pause", "platform/heartbeat", "--reason", "later")
    deployment = checkout / "apps/heartbeat/base/deployment.yaml"
    deployment.write_text(deployment.read_text() + "# another line\n")
    (checkout / "apps/log-forwarder/base/broken.yaml").write_text("a: rea.cluster.nothing\n")
    answer = plan(cli, checkout)
    assert answer["differences"] == []
    assert [error["clusters"] for error in answer["errors"]] and answer["clustersChanged"] == 0


def test_a_checkout_without_clusters_has_to_be_compared_with_another(asking):
    says(asking.run("plan", "--from", SAMPLES), 2, "nothing to compare with", "--against")
