"""A folder that people wrote under the name of a cluster is theirs, until somebody hands it over."""

import shop
from resedge_test.wait import until

TARGET = "/api/v1/targets/name:edge"


def write_by_hand(checkout, store="west-1"):
    folder = checkout / "clusters" / store / "shop" / "shop"
    folder.mkdir(parents=True)
    (folder / "service.yaml").write_text("kind: Service\n")
    (checkout / "clusters" / store / "README.md").write_text("By hand\n")


def held(admin):
    return admin.get(f"{TARGET}/holds")["value"]


def test_a_folder_that_automation_never_wrote_is_left_alone_until_it_is_adopted(admin, cli, repository, worker, wait_done):
    assert worker.alive()
    shop.seed(repository)
    repository.push(write_by_hand, "Begin by hand")
    theirs = repository.tree("clusters/west-1")
    inventory = shop.inventory(repository.path)
    inventory["namespaces"][1]["expression"] = "/g/west"
    admin.post("/api/v1/apply", inventory)
    [job] = wait_done()
    assert repository.tree("clusters/west-1") == theirs
    assert shop.value_at(repository, "west-2", "shop") == "west"
    [entry] = [entry for entry in job["held"] if entry["cause"] == "guard"]
    assert (entry["kind"], entry["clusters"]) == ("adopt", ["west-1"])
    assert "never written by Automation" in entry["error"]["detail"]
    [hold] = held(admin)
    assert (hold["key"], hold["state"]) == ("adopt/west-1", "held")
    assert {"shop/shop", "heartbeat/heartbeat", "namespaces/shop.yaml"} <= set(hold["parts"])
    assert shop.states(admin, "west-1")["shop"] == "held"
    # Later jobs leave it alone as well.
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": {"region": "far west"}})
    wait_done()
    assert repository.tree("clusters/west-1") == theirs
    admin.refused(409, "POST", f"{TARGET}/adopt", {"clusters": ["west-2"], "reason": "Ours"})
    assert cli("adopt", "edge", "west-1", "--yes", "--reason", "Agreed with the store") == "adopted: the next job writes the folders of 1 cluster\n"
    wait_done()
    assert shop.value_at(repository, "west-1", "shop") == "far west"
    assert "clusters/west-1/README.md" not in repository.files("clusters/west-1")
    assert held(admin) == []
    repository.fsck()


def test_a_hand_edit_in_a_folder_of_ours_is_put_right_without_asking(rendered, admin, wait_done):
    ours = rendered.tree("clusters/east-1")

    def edit(checkout):
        (checkout / "clusters/east-1/flux-system/listeners/kustomization.yaml").unlink()
        (checkout / "clusters/east-1/heartbeat/heartbeat/base/config.yaml").write_text("a: b\n")
    rendered.push(edit, "A slip")
    admin.patch("/api/v1/clusters/name:east-1", {"description": "Look again"})
    until(lambda: rendered.tree("clusters/east-1") == ours, "the edit is put right")
    wait_done()
    assert held(admin) == []


def test_adopting_needs_the_role_and_a_reason(rendered, api, admin):
    api.client("viewer").refused(403, "POST", f"{TARGET}/adopt", {"clusters": ["east-1"], "reason": "Mine"})
    admin.refused(422, "POST", f"{TARGET}/adopt", {"clusters": ["east-1"]})
    admin.refused(422, "POST", f"{TARGET}/adopt", {"clusters": [1], "reason": "Mine"})
    admin.refused(404, "POST", "/api/v1/targets/name:none/adopt", {"clusters": [], "reason": "Mine"})


def test_the_difference_is_shown_for_each_resource_before_anything_is_adopted(admin, cli, repository, worker, wait_done):
    def write(checkout):
        folder = checkout / "clusters/west-1/by-hand"
        folder.mkdir(parents=True)
        # The store's namespaces by hand, in one file and another place: what Kubernetes sees counts, not where it stands.
        (folder / "all.yaml").write_text(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: heartbeat\n---\n"
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: till\n  namespace: heartbeat\n")
        (folder / "notes.txt").write_text("Ask Kim\n")
    assert worker.alive()
    shop.seed(repository)
    repository.push(write, "Begin by hand")
    admin.post("/api/v1/apply", shop.inventory(repository.path))
    wait_done()
    head = repository.head()
    answer = admin.post(f"{TARGET}/adopt?dryRun=true", {"clusters": ["west-1"]})
    assert answer["commit"] == head
    [adoption] = answer["value"]
    resources = {(r["op"], r["kind"], r["namespace"], r["name"]): r for r in adoption["resources"]}
    namespace = resources["changed", "Namespace", None, "heartbeat"]
    assert namespace["path"] == "namespaces/heartbeat.yaml"
    assert "+    app.kubernetes.io/managed-by: res-edge\n" in namespace["diff"]
    assert resources["removed", "Service", "heartbeat", "till"]["diff"].count("\n-") >= 4
    assert resources["added", "ConfigMap", "heartbeat", "heartbeat"]["path"] == "heartbeat/heartbeat/base/config.yaml"
    assert resources["removed", None, None, None]["path"] == "by-hand/notes.txt"
    counts = [sum(r["op"] == op for r in adoption["resources"]) for op in ("added", "changed", "removed")]
    assert counts == [adoption["added"], adoption["changed"], adoption["removed"]] and adoption["failed"] == []
    shown = cli("adopt", "edge", "west-1", "--dry-run")
    assert "  ~ Namespace heartbeat (namespaces/heartbeat.yaml)\n" in shown
    assert "  - Service heartbeat/till (by-hand/all.yaml)\n" in shown
    # Nothing was adopted by looking.
    assert repository.head() == head
    assert [hold["state"] for hold in held(admin)] == ["held"]
    admin.refused(404, "POST", f"{TARGET}/adopt?dryRun=true", {"clusters": ["nowhere"]})


def test_differences_of_twenty_folders_are_shown_at_once_and_no_more(rendered, admin):
    names = [f"store-{i}" for i in range(21)]
    refused = admin.refused(404, "POST", f"{TARGET}/adopt?dryRun=true", {"clusters": names[:1]})
    assert "store-0" in refused["detail"]
    admin.post("/api/v1/apply", {"clusters": [{"name": name, "target": "edge"} for name in names]})
    assert len(admin.post(f"{TARGET}/adopt?dryRun=true", {"clusters": names[:20]})["value"]) == 20
    admin.refused(400, "POST", f"{TARGET}/adopt?dryRun=true", {"clusters": names})
    admin.refused(422, "POST", f"{TARGET}/adopt?dryRun=true", {"clusters": ["a,b"]})
