"""From an inventory and a folder of templates to commits, with the programs that a user has."""

import os
import pathlib
import subprocess

import yaml

from resedge_test import TOOLS


def target(repository, pattern, name="edge"):
    return {"targets": [{"name": name, "url": str(repository.path), "branch": repository.branch, "folderPattern": pattern,
                         "fluxSource": "gitops", "guard": {"clustersChanged": 100}}]}  # as the sample's own target: a push may reach all


def load(cli, tmp_path, repository, pattern, inventory):
    """A target for the repository, then the inventory; waits for the commit."""
    path = tmp_path / "target.yaml"
    path.write_text(yaml.safe_dump(target(repository, pattern)))
    cli("apply", "-f", path)
    cli("apply", "-f", inventory, "--wait")


def documents(repository, path):
    return [document for document in yaml.safe_load_all(repository.read(path)) if document]


def clusters_with(repository, folder):
    """Names of the clusters (flat pattern) that have files below a folder of theirs."""
    found = set()
    for path in repository.files("clusters"):
        parts = path.split("/")
        if parts[2:2 + len(folder.split("/"))] == folder.split("/"):
            found.add(parts[1])
    return found


def assert_every_document_parses(repository):
    for path in repository.files("clusters"):
        if path.endswith((".yaml", ".yml")):
            for document in yaml.safe_load_all(repository.read(path)):
                assert document is None or isinstance(document, dict), path


def kustomize(folder):
    result = subprocess.run([TOOLS / "kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False,
                            env={**os.environ, "HOME": "/nonexistent"})
    assert result.returncode == 0, f"{folder}: {result.stderr}"
    return [document for document in yaml.safe_load_all(result.stdout) if document]


def assert_flux_finds_what_it_builds(repository, scratch):
    """Every folder that a Flux Kustomization in the repository names builds. Returns {cluster folder: {name: documents}}."""
    scratch.mkdir()
    repository.checkout(scratch)
    built, by_tree = {}, {}
    for listener in sorted(scratch.glob("clusters/**/flux-system/**/*.yaml")):
        for document in yaml.safe_load_all(listener.read_text()):
            if not document or not document.get("apiVersion", "").startswith("kustomize.toolkit.fluxcd.io/"):
                continue
            assert document["metadata"]["namespace"] == "flux-system"
            folder = (scratch / document["spec"]["path"]).resolve()
            cluster = str(listener).split("/flux-system/", maxsplit=1)[0]
            assert folder.is_relative_to(pathlib.Path(cluster).resolve()), f"{listener} names {folder}"
            # The same files build to the same documents. (An overlay reaches out of its folder, to the base beside it.)
            root = folder.parents[1] if folder.parent.name == "overlays" else folder
            tree = (repository.tree(str(root.relative_to(scratch))), folder.relative_to(root))
            if tree not in by_tree:
                by_tree[tree] = kustomize(folder)
            built.setdefault(pathlib.Path(cluster).name, {})[document["metadata"]["name"]] = by_tree[tree]
    return built
