"""A backup of the Data Service was restored, and the repository knows more than it does: nobody's work is undone unseen."""

import subprocess

import shop
from resedge_test.wait import until


def dump(postgres, name, to):
    subprocess.run(["pg_dump", "--format=custom", f"--file={to}", postgres.owner_url(name)], check=True)


def restore(postgres, name, source):
    subprocess.run(["pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner", f"--dbname={postgres.owner_url(name)}",
                    source], check=True)


def write(admin, count, value):
    for number in range(count):
        admin.patch("/api/v1/clusters/name:east-1", {"metadata": {"region": f"{value} {number}"}})


def write_up_to(admin, revision, value):
    """Single writes until the fleet is at this revision."""
    write(admin, revision - admin.request("GET", "/api/v1/targets").revision, value)
    assert admin.request("GET", "/api/v1/targets").revision == revision


def guard_of(job):
    return [entry for entry in job["held"] if entry["cause"] == "guard"]


def test_after_a_restored_backup_the_commit_waits_with_its_numbers_until_somebody_approves(
        rendered, admin, api, worker, start_worker, wait_done, postgres, database, tmp_path):
    shop.set_expression(admin, "shop", "all")
    write_up_to(admin, 100, "before")
    wait_done()
    saved = tmp_path / "backup"
    dump(postgres, database, saved)
    shop.set_expression(admin, "shop", "/g/east")
    write_up_to(admin, 150, "lost")
    wait_done()
    head = rendered.head()
    worker.stop()
    api.stop()
    restore(postgres, database, saved)
    api.start()
    admin.port = api.port
    write(admin, 60, "after")  # beyond the revision that the repository knows
    assert admin.request("GET", "/api/v1/targets").revision == 160
    again = start_worker()
    [job] = wait_done()
    [entry] = guard_of(job)
    assert (job["state"], entry["kind"]) == ("unchanged", "fork")
    assert entry["counted"] == 3  # one store's value, and the two that get the shop back
    assert rendered.head() == head
    assert shop.value_at(rendered, "east-1", "shop") == "lost 48"
    write(admin, 1, "more")
    [job] = wait_done()
    assert rendered.head() == head
    admin.post(f"/api/v1/jobs/{job['id']}/approve", {"reason": "We lost an hour"})
    [job] = wait_done()
    assert (job["state"], job["held"]) == ("committed", [])
    assert {store: shop.value_at(rendered, store, "shop") for store in shop.STORES} == {
        "east-1": "more 0", "east-2": "east", "west-1": "west", "west-2": "west"}
    # From here on history is one again.
    write(admin, 1, "on")
    wait_done()
    assert shop.value_at(rendered, "east-1", "shop") == "on 0"
    assert again.alive()
    rendered.fsck()
    until(lambda: admin.get("/api/v1/targets/name:edge/holds")["value"] == [], "nothing is held")
