"""Measures the worker's own code, in process, beside `git fast-import` given the same files."""

import pathlib
import resource
import shutil
import statistics
import subprocess
import time


class Bench:
    def __init__(self, build, work):
        self.program = pathlib.Path(build) / "tests/bench/automation/automation"
        self.work = work

    def run(self, *args, **kwargs):
        return subprocess.run([self.program, *map(str, args)], check=True, **kwargs)

    def build(self, clusters, *args, keep=False):
        """The figures of one run: name -> list of values. With keep the repository stays, and is given as well."""
        repository = self.work / f"build-{clusters}.git"
        shutil.rmtree(repository, ignore_errors=True)
        output = self.run("build", repository, "--clusters", clusters, *args, stdout=subprocess.PIPE, text=True).stdout
        figures = {}
        for line in output.splitlines():
            name, value = line.split()
            figures.setdefault(name, []).append(float(value))
        if keep:
            return figures, repository
        shutil.rmtree(repository)
        return figures

    def stream(self, clusters, pattern="sharded"):
        """The same files, rendered one by one, in the form that fast-import reads."""
        path = self.work / "stream"
        with open(path, "wb") as out:
            self.run("stream", "--clusters", clusters, "--pattern", pattern, stdout=out)
        return path

    def fast_import(self, stream):
        """Seconds, seconds of the processor, and the repository."""
        repository = self.work / "fast-import.git"
        shutil.rmtree(repository, ignore_errors=True)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", repository], check=True)
        with open(stream, "rb") as source:
            start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], stdin=source, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, repository

    def instructions(self, *args):
        """Counted by callgrind, and the output."""
        result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self.program, *map(str, args)],
                                check=True, capture_output=True, text=True)
        refs = [line for line in result.stderr.splitlines() if "refs:" in line][-1]
        return int(refs.split()[-1].replace(",", "")), result.stdout

    def instructions_per_file(self):
        """Over what 400 clusters more take: what is done once is no part of it, nor is the making of the fleet."""
        counts = []
        for clusters in (200, 600):
            repository = self.work / "callgrind.git"
            shutil.rmtree(repository, ignore_errors=True)
            fleet, _ = self.instructions("fleet", "--clusters", clusters)
            both, output = self.instructions("build", repository, "--clusters", clusters, "--threads", 1, "--first-only")
            files = [float(line.split()[1]) for line in output.splitlines() if line.startswith("first_files ")][0]
            counts.append((both - fleet, files))
        (few, few_files), (more, more_files) = counts
        return (more - few) / (more_files - few_files)


def git(repository, *args):
    return subprocess.run(["git", "-C", repository, *args], check=True, capture_output=True, text=True).stdout.strip()


def first_render(repository):
    """The commit after that of the templates."""
    return git(repository, "rev-list", "--reverse", "main").split()[1]


def pack_size(repository, biggest=False):
    sizes = [path.stat().st_size for path in (pathlib.Path(repository) / "objects/pack").glob("*.pack")]
    return max(sizes) if biggest else sum(sizes)


def check(ours, reference, work):
    """An ordinary repository, with the very trees that fast-import made of the naive render; and so is its clone."""
    commit = first_render(ours)
    wanted = git(reference, "rev-parse", "main:clusters")
    assert git(ours, "rev-parse", f"{commit}:clusters") == wanted, "the first render differs from the naive one"
    git(ours, "fsck", "--strict", "--no-dangling")
    clone = work / "clone.git"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", "--bare", f"file://{ours}", clone], check=True)
    assert git(clone, "rev-parse", f"{commit}:clusters") == wanted
    git(clone, "fsck", "--strict", "--no-dangling")
    shutil.rmtree(clone)


def median(values):
    return statistics.median(values)
