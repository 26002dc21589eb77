"""A change in the Data Service becomes one commit, and everybody is told the same about it."""

import signal

import shop
from resedge_test.wait import until


def test_the_first_job_writes_a_folder_for_each_store(rendered, admin):
    assert {path.split("/")[1] for path in rendered.files("clusters")} == set(shop.STORES)
    for store in shop.STORES:
        assert shop.value_at(rendered, store, "heartbeat") == "alive"
        assert shop.states(admin, store) == {"heartbeat": "current"}
    rendered.fsck()


def test_an_expression_makes_one_commit_whose_numbers_are_those_of_git(rendered, admin, wait_done):
    before = rendered.head()
    shop.set_expression(admin, "shop", "/g/west")
    [job] = wait_done()
    assert rendered.git("rev-list", "--count", f"{before}..main").strip() == "1"
    changes = [line.split("\t")[0] for line in rendered.git("diff", "--name-status", "--no-renames", before, "main").splitlines()]
    assert (job["filesAdded"], job["filesChanged"], job["filesRemoved"]) == tuple(changes.count(op) for op in "AMD")
    assert (job["state"], job["commit"], job["clustersChanged"]) == ("committed", rendered.head(), 2)
    assert job["filesRendered"] >= job["filesAdded"] > 0 and job["bytesRendered"] > 0 and job["bytesWritten"] > 0
    assert {"claim", "plan", "render", "hash", "write"} <= set(job["phases"])
    assert job["phases"].keys() >= {"fleet", "plan", "render", "write", "commit"}
    [newest] = rendered.log()[:1]
    assert newest["subject"] == f"Revision {job['revision']}: 2 clusters changed, shop added on 2"
    assert newest["trailers"]["Resedge-Job"] == str(job["id"])
    assert {store for store in shop.STORES if shop.value_at(rendered, store, "shop")} == {"west-1", "west-2"}
    assert shop.states(admin, "west-1") == {"heartbeat": "current", "shop": "current"}


def test_a_revision_of_more_changes_than_a_page_of_the_feed_is_rendered_whole(rendered, admin, wait_done):
    names = {f"many-{i}" for i in range(1100)}
    admin.post("/api/v1/apply", {"clusters": [{"name": name, "target": "edge"} for name in sorted(names)]})
    admin.patch("/api/v1/clusters/name:many-7", {"description": "The last"})
    wait_done()
    assert {path.split("/")[1] for path in rendered.files("clusters")} == set(shop.STORES) | names


def test_a_change_that_changes_no_file_is_done_without_a_commit(rendered, admin, wait_done):
    head = rendered.head()
    admin.patch("/api/v1/clusters/name:east-1", {"description": "Beside the station"})
    [job] = wait_done()
    assert job["state"] == "unchanged"
    assert rendered.head() == head


def test_a_repository_is_made_where_there_is_none(admin, worker, tmp_path, wait_done):
    path = tmp_path / "new.git"
    admin.post("/api/v1/apply", shop.inventory(f"file://{path}", branch="stores"))
    [job] = wait_done()
    assert worker.alive()
    assert job["state"] == "committed"
    # Without templates there are only the lists; the applications are held, and say why.
    assert {(h["cluster"], h["application"]) for h in job["held"]} == {(store, "heartbeat") for store in shop.STORES}
    from resedge_test.git import Repository
    made = Repository(path, branch="stores")
    assert made.git("rev-parse", "--is-bare-repository").strip() == "true"
    assert made.git("symbolic-ref", "HEAD").strip() == "refs/heads/stores"
    made.fsck()


def test_a_push_to_the_templates_is_noticed_and_rendered(rendered, admin, wait_done):
    revision = admin.request("GET", "/api/v1/clusters").revision
    rendered.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"), "Louder")
    until(lambda: shop.value_at(rendered, "east-1", "heartbeat") == "louder", "the push is rendered")
    [job] = wait_done()
    # Automation may have been faster than to ask for the head after the push.
    [pushed] = [commit["id"] for commit in rendered.log() if commit["subject"] == "Louder"]
    assert job["revision"] == revision + 1
    [change] = admin.get(f"/api/v1/changes?since={revision}")["changes"]
    assert (change["noun"], change["doc"]["commit"]) == ("template", pushed)
    assert len(rendered.commits_of_ours()) == 2
    status = admin.get("/api/v1/targets/name:edge/status")
    assert status["templates"]["commit"] == pushed
    # A push of something else is nobody's business.
    rendered.push(lambda checkout: (checkout / "README.md").write_text("Hello\n"), "Say hello")
    shop.set_expression(admin, "shop", "/c/east-1")
    wait_done()
    assert admin.get("/api/v1/targets/name:edge/status")["templates"]["commit"] == pushed


def test_a_placeholder_that_comes_to_exist_cures_a_template_in_the_catalogue_too(rendered, admin, wait_done):
    def catalogue():
        value = admin.get("/api/v1/targets/name:edge/templates")["value"]
        return {entry["path"]: entry["error"] for entry in value}
    assert catalogue() == {"apps/heartbeat": None, "apps/shop": None}
    rendered.push(lambda checkout: shop.write(checkout, "shop", "rea.cluster.zone"), "Use the zone")
    until(lambda: "rea.cluster.zone" in (catalogue()["apps/shop"] or ""), "the catalogue names the placeholder")
    for store in shop.STORES:
        admin.patch(f"/api/v1/clusters/name:{store}", {"metadata": {"zone": "z1"}})
    wait_done()
    assert catalogue() == {"apps/heartbeat": None, "apps/shop": None}


def test_templates_below_a_folder_of_another_branch(admin, repository, worker, wait_done):
    from resedge_test.git import Repository
    assert worker.alive()
    shop.seed(repository)
    other = Repository(repository.path, branch="templates")

    def change(checkout):
        shop.write(checkout / "deep" / "er", "heartbeat", "from elsewhere")
    other.push(change)
    admin.post("/api/v1/apply", shop.inventory(repository.path, templateBranch="templates", templatePath="deep/er"))
    wait_done()
    assert shop.value_at(repository, "east-1", "heartbeat") == "from elsewhere"


def test_a_missing_value_holds_one_application_on_one_store_and_is_told_as_such(rendered, admin, wait_done):
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": []})
    shop.set_expression(admin, "shop", "/g/west")
    [job] = wait_done()
    [held] = job["held"]
    assert (held["cluster"], held["namespace"], held["application"]) == ("west-1", "shop", "shop")
    assert "rea.cluster.region" in held["error"]["detail"]
    assert shop.states(admin, "west-1") == {"heartbeat": "current", "shop": "failed"}
    assert shop.states(admin, "west-2") == {"heartbeat": "current", "shop": "current"}
    assert shop.value_at(rendered, "west-2", "shop") == "west"
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": [{"key": "region", "value": "far west"}]})
    [job] = wait_done()
    assert job["held"] == []
    assert shop.value_at(rendered, "west-1", "shop") == "far west"
    assert shop.states(admin, "west-1")["shop"] == "current"


def test_the_folder_of_a_deleted_store_goes(rendered, admin, wait_done):
    admin.delete("/api/v1/clusters/name:east-2?confirm=1")
    wait_done()
    assert "east-2" not in {path.split("/")[1] for path in rendered.files("clusters")}


def test_once_does_what_there_is_and_ends(seeded, start_worker, wait_done):
    worker = start_worker("--once")
    until(lambda: not worker.alive(), "the worker ends by itself")
    assert worker.stop() == 0, worker.log()
    [job] = wait_done()
    assert (job["state"], job["commit"]) == ("committed", seeded.head())


def test_sigterm_ends_a_worker_that_waits_at_once(rendered, worker):
    assert worker.stop(signal.SIGTERM, deadline=5) == 0
    assert "worker stopped" in worker.log()
