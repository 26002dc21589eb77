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
    assert cli("adopt", "edge", "west-1", "--reason", "Agreed with the store") == "adopted: the next job writes the folders of 1 cluster\n"
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
