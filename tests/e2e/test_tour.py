"""The tour of docs/cli.md, run as a new user would, and compared with what the page says."""

import os
import re
import subprocess

import pytest

import journey
from resedge_test import BUILD, ROOT, SAMPLES

PAGE = ROOT / "docs" / "cli.md"
VOLATILE = [(r"http://127\.0\.0\.1:\d+", "URL"), (r"127\.0\.0\.1:\d+", "URL"), (r"\b[0-9a-f]{12}\b", "COMMIT"),
            (r"\b(\d+ ms|\d+\.\d s)", "TIME"), (r"\bnow\b|\d+[smh] ago", "AGO"), (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"), (r"[ \t]+", " "),
            (r"revision \d+( of \d+)?", "revision N"), (r"(edge current) \d+ \d+ 0", r"\1 N N 0")]


def steps(text):
    """(command, expected output) of all console blocks."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append([line[2:], []])
            else:
                found[-1][1].append(line)
    return found


def steady(text):
    for pattern, stands_for in VOLATILE:
        text = re.sub(pattern, stands_for, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.fixture
def home(api, worker, cli, repository, tmp_path):
    """A folder with the repository, a token, and a checkout of the templates as they were."""
    assert worker.alive()
    repository.seed(SAMPLES / "apps", SAMPLES / "policies")
    journey.load(cli, tmp_path, repository, "sharded", SAMPLES / "fleet.yaml")
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "admin.token").touch(0o600)
    (folder / "admin.token").write_text(api.make_token("admin", "kim") + "\n")
    (folder / "gitops.git").symlink_to(repository.path)
    (folder / "gitops").mkdir()
    for part in ("apps", "policies"):
        (folder / "gitops" / part).symlink_to(SAMPLES / part)
    return folder


def test_the_tour_says_what_happens(home, api):
    env = {"PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": str(home), "URL": api.url, "TZ": "UTC",
           **{k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}}
    text = PAGE.read_text()
    real = []
    for command, _ in steps(text):
        result = subprocess.run(["bash", "-c", command], cwd=home, env=env, stdin=subprocess.DEVNULL, text=True, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        assert result.returncode in (0, 1), f"{command}\n{result.stdout}"
        real.append((command, result.stdout.replace(api.url, "http://127.0.0.1:8080").rstrip("\n")))
    if os.environ.get("RESEDGE_TOUR") == "write":  # brings the page up to date
        blocks, at = re.split(r"(```console\n.*?```)", text, flags=re.S), 0
        for i, block in enumerate(blocks):
            if block.startswith("```console"):
                count = sum(line.startswith("$ ") for line in block.splitlines())
                blocks[i] = "```console\n" + "".join(f"$ {c}\n{o}\n" if o else f"$ {c}\n" for c, o in real[at:at + count]) + "```"
                at += count
        PAGE.write_text("".join(blocks))
        return
    for (command, expected), (_, output) in zip(steps(text), real):
        assert steady(output) == steady("\n".join(expected)), command
