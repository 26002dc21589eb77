"""Commits are signed where the worker has a key, so that a store can refuse what it did not write."""

import subprocess

import shop


def make_key(folder, *args):
    path = folder / "signing-key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "automation", "-f", path, *args], check=True)
    return path


def test_git_verifies_the_signature_of_each_commit(seeded, start_worker, admin, tmp_path, wait_done):
    key = make_key(tmp_path)
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"automation@resedge {key.with_suffix('.pub').read_text()}")
    assert start_worker("--signing-key", key).alive()
    wait_done()
    shop.set_expression(admin, "shop", "all")
    wait_done()
    commits = seeded.commits_of_ours()
    assert len(commits) == 2
    for commit in commits:
        seeded.git("-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", commit["id"])
    seeded.fsck()


def test_a_key_that_cannot_sign_ends_the_start_with_its_reason(api, start_worker, tmp_path):
    key = make_key(tmp_path)
    key.write_text("nonsense")
    worker = start_worker("--signing-key", key)
    assert worker.child.wait(30) != 0
    assert "is no Ed25519 key of OpenSSH" in worker.log()
    worker.child = None
