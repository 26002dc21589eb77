"""Repositories on Git hosts, over HTTPS and SSH: fetched before, pushed after, with a clone on the worker's disk."""

import hmac
import json
import os
import shutil

import pytest

import shop
from resedge_test.remotes import PASSWORD, write_credential
from resedge_test.wait import until


@pytest.fixture(params=["http_host", "ssh_host"])
def host(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def remote(host, admin, tmp_path):
    """The small fleet on a host, with nothing rendered yet."""
    repository = host.repository()
    shop.seed(repository)
    host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(host.url(), credential="host", pushIntervalSeconds=0))
    return repository


@pytest.fixture
def start(start_worker, tmp_path):
    def start(*args, **kwargs):
        return start_worker("--credentials-dir", tmp_path / "credentials", "--remote-poll", "300ms", *args, **kwargs)
    return start


def test_a_job_is_pushed_and_its_numbers_are_those_of_git(remote, admin, start, wait_done):
    before = remote.head()
    worker = start()
    [job] = wait_done()
    assert (job["state"], job["commit"], job["clustersChanged"]) == ("pushed", remote.head(), 4)
    assert remote.git("rev-list", "--count", f"{before}..main").strip() == "1"
    assert job["phases"].keys() >= {"fetch", "push"}
    for store in shop.STORES:
        assert shop.value_at(remote, store, "heartbeat") == "alive"
        assert shop.states(admin, store) == {"heartbeat": "current"}
    shop.set_expression(admin, "shop", "/g/west")
    [job] = wait_done()
    assert (job["state"], job["commit"]) == ("pushed", remote.head())
    assert shop.value_at(remote, "west-1", "shop") == "west"
    remote.fsck()
    assert PASSWORD not in worker.log()
    lines = [json.loads(line) for line in worker.log().splitlines()]
    assert [line["job"] for line in lines if line["message"] == "pushed"] == [line["job"] for line in lines if line["message"] == "job done"]


def test_a_push_of_a_person_is_noticed_and_rendered(remote, start, wait_done):
    start()
    wait_done()
    remote.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"), "Louder")
    until(lambda: shop.value_at(remote, "east-1", "heartbeat") == "louder", "the push is rendered")
    wait_done()
    assert len(remote.commits_of_ours()) == 2
    remote.fsck()


def test_a_host_that_has_an_empty_repository_gets_a_branch(host, admin, start, tmp_path, wait_done):
    empty = host.repository()
    host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(host.url(), credential="host", pushIntervalSeconds=0))
    start()
    [job] = wait_done()
    assert (job["state"], job["commit"]) == ("pushed", empty.head())
    empty.fsck()


def parked(admin):
    return until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "the job is parked")[0]


REFUSALS = {
    "no-folder": (None, {}, "no such credential"),
    "password": ("host", {"password": "wrong"}, "answered 401"),
    "unknown-authority": ("host", {"ca.crt": None}, "certificate is not trusted"),
    "another-host": ("host", {"host": "git.example.com"}, "another host"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_credential_that_does_not_do_is_said_so_and_not_tried_again(http_host, admin, start, tmp_path, case):
    name, parts, message = REFUSALS[case]
    shop.seed(http_host.repository())
    http_host.credential(tmp_path / "credentials", name or "other", **parts)
    admin.post("/api/v1/apply", shop.inventory(http_host.url(), credential="host"))
    worker = start()
    job = parked(admin)
    assert job["attempts"] == 1 and message in job["error"]["detail"], job["error"]
    assert job["error"]["hint"]
    assert PASSWORD not in worker.log()


def test_a_file_that_everybody_may_read_is_no_credential(http_host, admin, start, tmp_path):
    shop.seed(http_host.repository())
    (http_host.credential(tmp_path / "credentials") / "host" / "password").chmod(0o644)
    admin.post("/api/v1/apply", shop.inventory(http_host.url(), credential="host"))
    start()
    assert "everybody may read" in parked(admin)["error"]["detail"]


@pytest.mark.parametrize("part, message", [("known_hosts", "not the one in known_hosts"), ("identity", "does not take the credential's key")])
def test_ssh_trusts_only_known_hosts_and_needs_the_right_key(ssh_host, admin, start, tmp_path, part, message):
    shop.seed(ssh_host.repository())
    stranger = (ssh_host.folder / "stranger.pub").read_text().split()
    wrong = {"known_hosts": f"[127.0.0.1]:{ssh_host.port} {stranger[0]} {stranger[1]}\n", "identity": (ssh_host.folder / "stranger").read_text()}
    ssh_host.credential(tmp_path / "credentials", **{part: wrong[part]})
    admin.post("/api/v1/apply", shop.inventory(ssh_host.url(), credential="host"))
    start()
    job = parked(admin)
    assert job["attempts"] == 1 and message in job["error"]["detail"], job["error"]


def test_redirects_are_followed_on_the_same_host_only(http_host, admin, start, tmp_path, wait_done):
    shop.seed(http_host.repository())
    http_host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(http_host.url("moved.git"), credential="host", pushIntervalSeconds=0))
    start()
    [job] = wait_done()
    assert job["state"] == "pushed"
    admin.patch("/api/v1/targets/name:edge", {"url": http_host.url("elsewhere.git")})
    assert "another host" in parked(admin)["error"]["detail"]
    assert not any("localhost" in line for line in http_host.requests())
    admin.patch("/api/v1/targets/name:edge", {"url": http_host.url("page.git")})
    until(lambda: "no Git repository" in parked(admin)["error"]["detail"], "a page is no repository")


def into_folder(checkout):
    (checkout / "till").mkdir()
    shutil.move(checkout / "apps", checkout / "till" / "apps")


def test_templates_may_be_in_another_repository_branch_and_folder(http_host, admin, start, tmp_path, repository, wait_done):
    source = http_host.repository("templates.git", "stable")
    shop.seed(source)
    source.push(into_folder)
    http_host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(repository.path, templateUrl=http_host.url("templates.git"), templateBranch="stable",
                                               templatePath="till", templateCredential="host"))
    start()
    [job] = wait_done()
    assert job["state"] == "committed"
    assert shop.value_at(repository, "east-1", "heartbeat") == "alive"
    assert repository.files("apps") == []
    before = job["revision"]
    source.push(lambda checkout: shop.write(checkout / "till", "heartbeat", "louder"), "Louder")
    until(lambda: shop.value_at(repository, "east-1", "heartbeat") == "louder", "the push is rendered")
    [job] = wait_done()
    assert job["revision"] == before + 1
    repository.fsck()


def test_the_commit_after_a_push_has_the_author_of_the_push(remote, admin, start, wait_done):
    start()
    wait_done()
    remote.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"), "Louder")
    until(lambda: shop.value_at(remote, "east-1", "heartbeat") == "louder", "the push is rendered")
    [job] = wait_done()
    assert job["author"] == "A Person <person@example.com>"
    assert remote.git("log", "-1", "--format=%an <%ae>").strip() == job["author"]


def sign(secret, body):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body.encode(), "sha256").hexdigest(), "Content-Type": "application/json"}


def test_a_webhook_has_the_remote_looked_at_at_once(remote, admin, api, start_worker, tmp_path, wait_done):
    secret, body = "a-secret-of-the-git-host", '{"ref":"refs/heads/main"}'
    admin.request("PUT", "/api/v1/targets/name:edge/webhook", {"secret": secret})
    worker = start_worker("--credentials-dir", tmp_path / "credentials", "--remote-poll", "1h")
    wait_done()
    until(lambda: worker.log().count("templates reported") == 1, "the first look")
    remote.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"), "Louder")
    answer = api.client().request("POST", "/api/v1/webhooks/name:edge", body, headers=sign(secret, body))
    assert answer.status == 202, answer
    until(lambda: shop.value_at(remote, "east-1", "heartbeat") == "louder", "the push is rendered")


def test_pushes_wait_for_the_interval_and_go_out_together(http_host, admin, start, tmp_path, wait_done):
    repository = http_host.repository()
    shop.seed(repository)
    http_host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(http_host.url(), credential="host", pushIntervalSeconds=3))
    start()
    wait_done()
    commits = len(repository.commits_of_ours())
    for expression in ("/g/east", "/g/west", "all"):
        shop.set_expression(admin, "shop", expression)
    wait_done()
    assert len(repository.commits_of_ours()) == commits + 1
    assert shop.value_at(repository, "west-1", "shop") == "west"


def test_questions_are_answered_from_the_clone(remote, admin, start, wait_done):
    start()
    [job] = wait_done()
    commits = admin.get("/api/v1/targets/name:edge/commits")["value"]
    assert commits[0]["commit"] == job["commit"]


def test_ssh_is_told_no_secret_and_asks_nobody(admin, start_worker, tmp_path):
    """What a program that stands in for ssh sees: its arguments and environment."""
    shim, seen = tmp_path / "bin", tmp_path / "seen"
    shim.mkdir()
    (shim / "ssh").write_text(f"#!/bin/sh\n(printf '%s\\n' \"$@\"; env) > {seen}.new; mv {seen}.new {seen}; exit 255\n")
    (shim / "ssh").chmod(0o755)
    write_credential(tmp_path / "credentials", "host", {"identity": "the-private-key", "known_hosts": "host key"})
    admin.post("/api/v1/apply", shop.inventory("ssh://git@git.example.com:2222/it's/stores.git", credential="host"))
    worker = start_worker("--credentials-dir", tmp_path / "credentials", env={"PATH": f"{shim}:{os.environ['PATH']}", "RESEDGE_OF_OURS": "not-for-children"})
    text = until(lambda: seen.exists() and seen.read_text(), "ssh is run")
    lines = text.splitlines()
    for option in ("BatchMode=yes", "StrictHostKeyChecking=yes", f'UserKnownHostsFile="{tmp_path}/credentials/host/known_hosts"', "IdentitiesOnly=yes"):
        assert lines[lines.index(option) - 1] == "-o"
    assert lines[lines.index("-i") + 1] == f"{tmp_path}/credentials/host/identity"
    command = lines.index("--")
    assert lines[command + 1:command + 3] == ["git.example.com", "git-upload-pack '/it'\\''s/stores.git'"]
    assert "the-private-key" not in text and "RESEDGE" not in text and "not-for-children" not in text
    assert worker.alive()


def test_what_is_urgent_does_not_wait_for_the_interval(http_host, admin, start, tmp_path, wait_done):
    repository = http_host.repository()
    shop.seed(repository)
    http_host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(http_host.url(), credential="host", pushIntervalSeconds=3600))
    start()
    wait_done()
    shop.set_expression(admin, "shop", "/g/east")
    assert admin.get("/api/v1/targets/name:edge/status")["lag"] > 0
    admin.post("/api/v1/targets/name:edge/push")
    wait_done()
    assert shop.value_at(repository, "east-1", "shop") == "east"


URGENT_WRITES = {
    "api": lambda admin, cli: admin.patch("/api/v1/namespaces/name:shop?urgent=true", {"expression": "/g/west"}),
    "command": lambda admin, cli: cli("set", "expression", "shop", "/g/west", "--yes", "--urgent"),
    "apply": lambda admin, cli: admin.post("/api/v1/apply?urgent=true", {"namespaces": [{"name": "shop", "expression": "/g/west"}]}),
    "once": lambda admin, cli: admin.post("/api/v1/apply?urgent=true&set=shops", {"namespaces": [{"name": "shop", "expression": "/g/west"}]},
                                          headers={"Idempotency-Key": "west"}),
}


@pytest.mark.parametrize("way", URGENT_WRITES)
def test_an_urgent_write_takes_what_waits_for_the_interval_along(http_host, admin, cli, start, tmp_path, wait_done, way):
    repository = http_host.repository()
    shop.seed(repository)
    http_host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(http_host.url(), credential="host", pushIntervalSeconds=3600))
    start()
    wait_done()
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": [{"key": "region", "value": "far-west"}]})
    shop.set_expression(admin, "shop", "/g/east")
    assert admin.get("/api/v1/targets/name:edge/status")["lag"] > 0
    URGENT_WRITES[way](admin, cli)
    wait_done()
    assert shop.value_at(repository, "west-1", "shop") == "far-west"
    assert shop.value_at(repository, "east-1", "shop") is None
    # That was for once.
    shop.set_expression(admin, "shop", "all")
    assert admin.get("/api/v1/targets/name:edge/status")["lag"] > 0


def test_an_urgent_write_during_a_job_is_not_made_to_wait_by_its_push(http_host, admin, start, tmp_path, wait_done):
    repository, pushing, go_on = http_host.repository(), tmp_path / "pushing", tmp_path / "go-on"
    shop.seed(repository)
    http_host.credential(tmp_path / "credentials")
    os.mkfifo(go_on)
    http_host.before_push(f"touch {pushing}; cat {go_on}")
    admin.post("/api/v1/apply", shop.inventory(http_host.url(), credential="host", pushIntervalSeconds=3600))
    start()
    until(pushing.exists, "the job pushes")
    admin.patch("/api/v1/namespaces/name:shop?urgent=true", {"expression": "/g/east"})
    go_on.write_text("")
    wait_done()
    assert shop.value_at(repository, "east-1", "shop") == "east"


def test_a_hand_edit_under_clusters_on_a_remote_is_put_right(remote, admin, start, wait_done):
    start()
    wait_done()
    before = remote.tree("clusters")
    path = next(path for path in remote.files("clusters/east-1") if path.endswith("config.yaml"))
    remote.push(lambda checkout: (checkout / path).write_text("by hand\n"), "By hand")
    until(lambda: remote.tree("clusters") == before, "it is put right")
    wait_done()
    remote.fsck()


def test_the_clone_of_a_target_that_is_removed_is_deleted(http_host, admin, start, tmp_path, wait_done):
    http_host.credential(tmp_path / "credentials")
    for name in ("kept", "gone"):
        shop.seed(http_host.repository(f"{name}.git"))
        target = {"name": name, "url": http_host.url(f"{name}.git"), "branch": "main", "credential": "host", "pushIntervalSeconds": 0}
        admin.post("/api/v1/apply", {"targets": [target], "clusters": [{"name": f"{name}-1", "target": name}]})
    worker = start(name="keeper")
    wait_done()
    clones = tmp_path / "keeper" / "clones"
    until(lambda: len(list(clones.iterdir())) == 2, "both are cloned")
    admin.delete("/api/v1/clusters/name:gone-1?confirm=1")
    wait_done()
    admin.delete("/api/v1/targets/name:gone?confirm=1")
    until(lambda: len(list(clones.iterdir())) == 1, "the clone is deleted")
    admin.patch("/api/v1/clusters/name:kept-1", {"description": "Still there"})
    wait_done()
    # One that was left over is deleted by the next worker that starts there.
    assert worker.stop() == 0
    (clones / "0123456789abcdef.git" / "objects").mkdir(parents=True)
    start(name="keeper")
    until(lambda: len(list(clones.iterdir())) == 1, "the leftover is deleted")
