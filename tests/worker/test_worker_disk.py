"""What the disk does to a worker: full, read-only, rubbish beside the packs; and what the worker does to who reads meanwhile."""

import contextlib
import os
import resource
import stat
import subprocess

import shop
from resedge_test import servers
from resedge_test.git import Repository
from resedge_test.wait import until

COMMITS = 24  # enough for packs to be folded together


def failed_job(admin):
    [job] = until(lambda: admin.get("/api/v1/jobs?state=failed")["value"], "the job fails")
    return job


def assert_goes_on(admin, repository, wait_done):
    [job] = wait_done()
    assert job["state"] == "committed", job
    assert shop.value_at(repository, "east-1", "shop") == "east"
    assert not list((repository.path / "objects/pack").glob("tmp_*"))
    repository.fsck()


def grow(checkout):
    """Nothing that could be compressed, and more than there is room for."""
    (checkout / "apps/shop/base/noise.yaml").write_text(shop.CONFIG.format(value="rea.cluster.name-" + os.urandom(600_000).hex()))
    (checkout / "apps/shop/base/kustomization.yaml").write_text(shop.KUSTOMIZATION + "  - noise.yaml\n")


@contextlib.contextmanager
def small_file_system(folder, size):
    """A file system of that many bytes; None where this user may make none."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False).returncode == 0
    try:
        yield folder if made else None
    finally:
        if made:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path, leave):
    """Takes all room but some."""
    disk = os.statvfs(path.parent)
    path.write_bytes(b"x" * (disk.f_bavail * disk.f_frsize - leave))


def test_a_full_file_system_fails_the_job_until_there_is_room(admin, tmp_path, start_worker, wait_done):
    with small_file_system(tmp_path / "disk", 16 << 20) as disk:
        if disk is None:
            return  # the next one does it with a limit
        repository = Repository(disk / "gitops.git")
        shop.seed(repository)
        repository.push(grow)
        admin.post("/api/v1/apply", shop.inventory(repository.path))
        worker = start_worker()
        wait_done()
        head = repository.head()
        fill(disk / "ballast", 100_000)
        shop.set_expression(admin, "shop", "/g/east")
        job = failed_job(admin)
        assert job["error"]["object"].startswith(str(disk)), job["error"]
        assert repository.head() == head
        (disk / "ballast").unlink()
        assert_goes_on(admin, repository, wait_done)
        worker.stop()


def test_a_full_disk_fails_the_job_until_there_is_room(rendered, admin, worker, wait_done):
    rendered.push(grow)
    wait_done()
    head = rendered.head()
    _, hard = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (300_000, hard))
    shop.set_expression(admin, "shop", "/g/east")
    job = failed_job(admin)
    assert str(rendered.path / "objects/pack") in job["error"]["object"], job["error"]
    assert "free space" in job["error"]["hint"]
    assert rendered.head() == head
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert_goes_on(admin, rendered, wait_done)


def test_a_read_only_repository_fails_the_job_until_it_can_be_written(seeded, admin, api, tmp_path, wait_done):
    worker = servers.Worker(tmp_path, api)
    if os.geteuid() == 0:  # who may write everywhere
        worker.command = ["setpriv", "--bounding-set", "-dac_override", *worker.command]
    folder = seeded.path / "objects/pack"
    writable = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(0o555)
    worker.start()
    try:
        assert str(folder) in failed_job(admin)["error"]["object"]
        folder.chmod(writable)
        [job] = wait_done()
        assert job["state"] == "committed"
        seeded.fsck()
    finally:
        folder.chmod(writable)
        worker.check_ended_well()


def test_rubbish_among_the_packs_is_in_nobodys_way(seeded, admin, start_worker, wait_done):
    name = seeded.path / "objects/pack" / ("pack-" + "d" * 40)
    name.with_suffix(".pack").write_bytes(b"PACK no pack at all")
    name.with_suffix(".idx").write_bytes(b"\xfftOc no index either")
    start_worker()
    wait_done()
    shop.set_expression(admin, "shop", "/g/east")
    [job] = wait_done()
    assert job["state"] == "committed"
    name.with_suffix(".pack").unlink()
    name.with_suffix(".idx").unlink()
    assert shop.value_at(seeded, "east-1", "shop") == "east"
    seeded.fsck()


def test_packs_are_folded_together_while_people_clone(rendered, admin, wait_done, tmp_path):
    def clone(number):
        folder = tmp_path / f"clone-{number}"
        return folder, subprocess.Popen(["git", "clone", "-q", f"file://{rendered.path}", folder], stderr=subprocess.PIPE)

    clones = []
    for i in range(COMMITS):
        clones.append(clone(i))
        shop.set_expression(admin, "shop", "/g/east" if i % 2 == 0 else "/g/west")
        wait_done()
    for folder, child in clones:
        _, message = child.communicate(timeout=60)
        assert child.returncode == 0, message.decode()
        subprocess.run(["git", "-C", folder, "fsck", "--strict"], check=True, capture_output=True)
    packs = list((rendered.path / "objects/pack").glob("*.pack"))
    assert len(packs) < 50
    assert list((rendered.path / "objects/pack").glob("*.folded")), "nothing was folded"
    assert len(rendered.commits_of_ours()) == COMMITS + 1
    rendered.fsck()
