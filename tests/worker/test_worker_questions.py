"""What the repositories know is asked through the Data Service, and answered by the worker that wrote last."""

import json

import pytest

import shop
from resedge_test.client import Client
from resedge_test.prometheus import samples, series


@pytest.fixture
def west(rendered, admin, wait_done):
    shop.set_expression(admin, "shop", "/g/west")
    wait_done()
    return rendered


@pytest.fixture
def direct(worker):
    """The worker itself, asked without the Data Service."""
    [address] = [json.loads(line)["address"] for line in worker.log().splitlines() if "worker started" in line]
    client = Client(int(address.rsplit(":", 1)[1]))
    client.checked = False  # it is not the Data Service that answers
    return client


def test_log_tells_commits_of_ours_and_of_people(west, admin):
    value = admin.get("/api/v1/targets/name:edge/commits?limit=5")["value"]
    assert [entry["commit"] for entry in value] == [commit["id"] for commit in west.log()]
    assert value[0]["tree"] == west.tree() and value[0]["parents"] == [value[1]["commit"]]
    assert value[0]["job"] and value[0]["revision"] > value[1]["revision"]
    assert value[0]["changeId"] == admin.get(f"/api/v1/revisions/{value[0]['revision']}")["changeId"]
    assert (value[2]["author"], value[2]["job"]) == ("A Person", None)
    assert len(admin.get("/api/v1/targets/name:edge/commits?limit=1")["value"]) == 1
    for given in ("limit", "top"):
        problem = admin.refused(400, "GET", f"/api/v1/targets/name:edge/commits?{given}=0")
        assert problem["object"] == f'query parameter "{given}"' and problem["requestId"] and "field" not in problem, problem


def test_manifests_are_listed_and_shown(west, admin):
    answer = admin.get("/api/v1/clusters/name:west-1/manifests")
    assert (answer["commit"], answer["folder"]) == (west.head(), "clusters/west-1")
    assert [f"clusters/west-1/{file['path']}" for file in answer["value"]] == west.files("clusters/west-1")
    path = "shop/shop/base/config.yaml"
    shown = admin.request("GET", f"/api/v1/clusters/name:west-1/manifests?path={path}")
    assert shown.headers["Content-Type"].startswith("text/plain")
    assert shown.body.decode() == west.read(f"clusters/west-1/{path}")
    assert [file["size"] for file in answer["value"] if file["path"] == path] == [len(shown.body)]
    before = admin.get(f"/api/v1/clusters/name:west-1/manifests?commit={west.log()[1]['id']}")
    assert not [file for file in before["value"] if file["path"].startswith("shop/")]
    for bad in ("../../apps/shop/base/config.yaml", "nowhere.yaml", "shop"):
        assert admin.request("GET", f"/api/v1/clusters/name:west-1/manifests?path={bad}").status in (400, 404)


def test_diff_shows_patches(west, admin):
    answer = admin.get("/api/v1/clusters/name:west-1/diff")
    assert (answer["from"], answer["to"]) == (west.log()[1]["id"], west.head())
    ops = {change["path"]: change["op"] for change in answer["value"]}
    assert ops["shop/shop/base/config.yaml"] == "added"
    assert ops["flux-system/listeners/kustomization.yaml"] == "changed"
    [patch] = [c["patch"] for c in answer["value"] if c["path"] == "shop/shop/base/config.yaml"]
    assert "+  value: west" in patch
    assert admin.get("/api/v1/clusters/name:east-1/diff")["value"] == []
    first = west.log()[1]["id"]
    back = admin.get(f"/api/v1/clusters/name:west-1/diff?from={west.head()}&to={first[:12]}")
    assert {change["op"] for change in back["value"]} == {"removed", "changed"}
    admin.refused(404, "GET", "/api/v1/clusters/name:west-1/diff?to=" + "0" * 39 + "1")
    for question, parameter in (("diff?to=main", "to"), ("diff?from=main", "from"), ("manifests?commit=main", "commit"),
                                ("manifests?path=../x", "path")):
        problem = admin.refused(400, "GET", f"/api/v1/clusters/name:west-1/{question}")
        assert problem["object"] == f'query parameter "{parameter}"' and problem["requestId"], problem
        assert not {"field", "errors"} & set(problem), problem


def test_nobody_but_the_data_service_is_answered(west, admin, direct):
    target = admin.get("/api/v1/targets/name:edge")["id"]
    for token in (None, "wrong", "0" * 64):
        answer = direct.request("GET", f"/targets/{target}/commits", headers={"Authorization": f"Bearer {token}"} if token else {})
        assert answer.status == 401, answer
    assert direct.request("GET", "/healthz").status == 200
    assert direct.request("POST", "/healthz").status >= 400


def test_metrics_count_jobs(west, direct):
    counts = samples(direct.request("GET", "/metrics").body.decode())
    assert counts[series("resedge_worker_jobs_total", state="committed")] == 2
    assert counts[series("resedge_worker_jobs_total", state="failed")] == 0
    assert counts[series("resedge_worker_files_rendered_total")] > 0
    assert counts[series("resedge_worker_rendered_bytes_total")] > counts[series("resedge_worker_written_bytes_total")] > 0
    for phase in ("claim", "plan", "render", "hash", "write", "commit"):
        assert series("resedge_worker_phase_seconds_total", phase=phase) in counts


def test_no_secret_is_logged(west, worker, tmp_path):
    secret = (tmp_path / worker.name / "secret").read_text()
    token = (tmp_path / f"{worker.name}.token").read_text()
    assert len(secret) == 64
    assert secret not in worker.log() and token not in worker.log()
