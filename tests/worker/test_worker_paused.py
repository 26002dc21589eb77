"""What is paused stays as it is, says so, and follows again when it is resumed."""

import shop

APPLICATION = "/api/v1/applications/name:shop"


def on(repository):
    return {store: shop.value_at(repository, store, "shop") for store in shop.STORES}


def pause(admin, what=APPLICATION, reason="Holiday freeze"):
    return admin.post(f"{what}/pause", {"reason": reason})


def test_the_files_of_a_paused_application_stay_where_they_are_and_come_nowhere_else(rendered, admin, wait_done):
    shop.set_expression(admin, "shop", "/g/west")
    wait_done()
    paused = pause(admin)
    assert (paused["paused"], paused["pausedReason"]) == (True, "Holiday freeze")
    rendered.push(lambda checkout: shop.write(checkout, "shop", "changed"))
    shop.set_expression(admin, "shop", "/g/east")
    wait_done()
    assert on(rendered) == {"east-1": None, "east-2": None, "west-1": "west", "west-2": "west"}
    assert shop.states(admin, "east-1")["shop"] == "paused"
    assert shop.states(admin, "west-1")["shop"] == "paused"
    for store in ("west-1", "west-2"):
        assert "  - shop.yaml" in rendered.read(f"clusters/{store}/flux-system/listeners/kustomization.yaml")
        assert "  - shop.yaml" in rendered.read(f"clusters/{store}/namespaces/kustomization.yaml")
    # Others go on.
    admin.patch("/api/v1/applications/name:heartbeat", {"description": "Beats"})
    rendered.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"))
    shop.set_expression(admin, "shop", "/g/east")
    admin.patch("/api/v1/clusters/name:west-1", {"description": "By the sea"})
    wait_done()
    resumed = admin.post(f"{APPLICATION}/resume", {"reason": "Over"})
    assert (resumed["paused"], resumed["pausedReason"]) == (False, None)
    wait_done()
    assert on(rendered) == {"east-1": "changed", "east-2": "changed", "west-1": None, "west-2": None}
    assert shop.states(admin, "west-1") == {"heartbeat": "current"}
    assert "  - shop.yaml" not in rendered.read("clusters/west-1/namespaces/kustomization.yaml")
    rendered.fsck()


def test_a_namespace_without_applications_that_are_paused_there_goes(rendered, admin, wait_done):
    shop.set_expression(admin, "shop", "/g/west")
    wait_done()
    pause(admin)
    admin.patch("/api/v1/namespaces/name:shop", {"expression": "all"})
    wait_done()
    assert "clusters/east-1/namespaces/shop.yaml" in rendered.files("clusters/east-1")
    admin.patch("/api/v1/namespaces/name:shop", {"expression": "none"})
    wait_done()
    assert "clusters/east-1/namespaces/shop.yaml" not in rendered.files("clusters/east-1")
    assert "clusters/west-1/namespaces/shop.yaml" in rendered.files("clusters/west-1")


def test_a_new_cluster_does_not_get_a_paused_application(rendered, admin, wait_done):
    shop.set_expression(admin, "shop", "all")
    wait_done()
    pause(admin)
    admin.post("/api/v1/clusters", {"name": "west-3", "groups": ["/west"], "metadata": {"region": "west"}})
    wait_done()
    assert shop.value_at(rendered, "west-3", "heartbeat") == "alive"
    assert shop.value_at(rendered, "west-3", "shop") is None
    assert shop.states(admin, "west-3")["shop"] == "paused"


def test_a_paused_target_gets_no_commit_until_it_is_resumed(rendered, admin, wait_done):
    head = rendered.head()
    target = "/api/v1/targets/name:edge"
    assert pause(admin, target)["pausedReason"] == "Holiday freeze"
    assert pause(admin, target)["paused"] is True  # it is so already
    shop.set_expression(admin, "shop", "all")
    status = admin.get(f"{target}/status")
    assert (status["paused"], status["lag"]) == (True, 2)
    assert rendered.head() == head
    admin.post(f"{target}/resume", {"reason": "Over"})
    wait_done()
    assert shop.value_at(rendered, "east-1", "shop") == "east"


def test_pausing_asks_for_a_reason_and_for_the_role(rendered, api, admin):
    viewer, platform = api.client("viewer"), api.client("platform")
    assert "reason" in str(platform.request("POST", f"{APPLICATION}/pause", {}).json)
    viewer.refused(403, "POST", f"{APPLICATION}/pause", {"reason": "Mine"})
    api.client("app-team", None, "--owners", "ann").refused(403, "POST", "/api/v1/targets/name:edge/pause", {"reason": "Mine"})
    platform.refused(404, "POST", "/api/v1/applications/name:none/pause", {"reason": "Mine"})
    platform.post("/api/v1/targets/name:edge/pause", {"reason": "Mine"})
    [change] = [c for c in admin.get("/api/v1/changes?since=0")["changes"] if c["noun"] == "target"][-1:]
    assert admin.get(f"/api/v1/revisions/{change['revision']}")["reason"] == "Mine"
