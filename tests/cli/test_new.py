"""resedge new app: templates in a checkout, and the application that they belong to."""

import json
import subprocess

import pytest

from resedge_test import SAMPLES
from small import says

FILES = {"deployment.yaml", "kustomization.yaml", "service.yaml"}


def written(checkout, name):
    return {path.name for path in (checkout / "apps" / name).rglob("*") if path.is_file()}


def test_a_new_app_is_on_its_clusters_once_its_templates_are_pushed(api, cli, worker, repository, tmp_path):
    assert worker.alive()
    repository.seed(SAMPLES / "apps", SAMPLES / "policies")
    target = {"targets": [{"name": "edge", "url": str(repository.path), "branch": repository.branch, "folderPattern": "flat"}]}
    cli("apply", "-f", "-", stdin=json.dumps(target))
    cli("apply", "-f", SAMPLES / "fleet.yaml", "--wait")
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", "-b", repository.branch, repository.path, checkout], check=True)
    out = cli("new", "app", "kiosk", "--namespace", "checkout", "--image", "registry.example.com/kiosk:3.1", "--from", checkout)
    assert out.count("wrote ") == 3 and 'application "checkout/kiosk" created' in out
    result = cli.run("plan", "--from", checkout)
    assert result.returncode == 1 and "\n4 of 32 clusters changed" in result.stdout and result.stdout.endswith(", 0 errors\n")
    for command in (("add", "-A"), ("commit", "-qm", "kiosk"), ("pull", "-q", "--rebase"), ("push", "-q")):
        subprocess.run(["git", "-C", checkout, "-c", "user.name=Kim", "-c", "user.email=kim@tidewater.example", *command], check=True)
    cli("set", "app", "kiosk", "description=Menus by the door", "--wait")
    path = "clusters/me-portland-0101/checkout/kiosk/base/deployment.yaml"
    deployment = repository.read(path)
    assert "name: kiosk" in deployment and "image: registry.example.com/kiosk:3.1" in deployment and 'value: "0101"' in deployment
    assert "rea." not in deployment


@pytest.mark.parametrize("args, status, parts", [
    (("app", "till", "-n", "shop"), 3, ("till",)),
    (("app", "kiosk", "-n", "nowhere"), 2, ("nowhere",)),
    (("app", "Kiosk!", "-n", "shop"), 2, ("an application's name",)),
    (("app", "kiosk"), 2, ("no namespace is given", "--namespace")),
    (("lorry", "kiosk"), 2, ('"lorry" is nothing that new makes',)),
])
def test_what_the_server_would_not_take_leaves_no_files_behind(asking, tmp_path, args, status, parts):
    says(asking.run("new", *args, "--from", tmp_path), status, *parts)
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_writes_nothing_anywhere(asking, tmp_path):
    assert "would be created" in asking("new", "app", "kiosk", "-n", "shop", "--from", tmp_path, "--dry-run")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "apps" / "till" / "base").mkdir(parents=True)
    assert "overlays/9.0.0/kustomization.yaml would be written" in asking("overlay", "create", "till", "9.0.0", "--from", tmp_path, "--dry-run")
    assert not (tmp_path / "apps" / "till" / "overlays").exists()


def test_templates_that_are_there_already_are_not_overwritten(fleet, cli, tmp_path):
    base = tmp_path / "apps" / "kiosk" / "base"
    base.mkdir(parents=True)
    (base / "deployment.yaml").write_text("mine\n")
    says(cli.run("new", "app", "kiosk", "-n", "shop", "--from", tmp_path), 3, "deployment.yaml")
    assert (base / "deployment.yaml").read_text() == "mine\n" and "kiosk" not in cli("get", "apps", "-o", "name")


def test_as_json_nothing_but_the_document_is_printed(fleet, cli, tmp_path):
    assert json.loads(cli("new", "app", "kiosk", "-n", "shop", "--from", tmp_path, "-o", "json"))["path"] == "apps/kiosk"
    assert written(tmp_path, "kiosk") == FILES
