#!/usr/bin/env python3
"""The benchmark of Automation: `make bench-automation`, CLUSTERS=6000 for a quick one.

Everything is measured on this machine in this run, each figure beside its bar; what a bar refers to runs beside it.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/lib"))

import charts  # noqa: E402
import remote  # noqa: E402
from in_process import Bench, check, first_render, git, median, pack_size  # noqa: E402


class Report:
    def __init__(self):
        self.lines, self.short = [], False

    def row(self, name, value, unit, op, bar, reference, repetitions):
        """A figure that has a bar."""
        ok = value <= bar if op == "<=" else value >= bar
        self.short |= not ok
        self.lines.append(f"BENCH {name} {value:.3g} {unit} {op} {bar:g} {reference} {repetitions} {'ok' if ok else 'short'}")
        print(f"  {name}: {value:.3g} {unit} (bar {op} {bar:g}, reference {reference})", flush=True)

    def note(self, text):
        print(f"  {text}", flush=True)


def first_render_rows(bench, report, clusters, repetitions):
    print(f"first render of {clusters} clusters, beside git fast-import", flush=True)
    runs = []
    for _ in range(repetitions - 1):
        runs.append(bench.build(clusters))
    figures, ours = bench.build(clusters, keep=True)
    runs.append(figures)
    stream = bench.stream(clusters)
    report.note(f"{int(figures['first_files'][0])} files, {stream.stat().st_size / figures['first_files'][0]:.0f} bytes each with their paths")
    # The reference takes a minute at full size: one run of it is steady enough.
    imports = [bench.fast_import(stream) for _ in range(1 if clusters > 20000 else repetitions)]
    stream.unlink()
    reference = imports[-1][2]
    check(ours, reference, bench.work)
    seconds, theirs = median([run["first_total"][0] for run in runs]), median([seconds for seconds, _, _ in imports])
    report.row("automation-first-render-speedup", theirs / seconds, "x", ">=", 20, f"fast-import={theirs:.2f}s,ours={seconds:.2f}s", repetitions)
    report.note(f"processor time: fast-import {median([cpu for _, cpu, _ in imports]):.1f} s, ours {median([run['first_processor'][0] for run in runs]):.2f} s "
                f"on all threads; load of the machine {os.getloadavg()[0]:.1f} (figures of a machine that is busy say little about the clock)")
    first_pack = pack_of(ours)
    report.row("automation-first-render-pack", first_pack / pack_size(reference), "x", "<=", 0.8,
               f"fast-import={pack_size(reference) / 1e6:.1f}MB,ours={first_pack / 1e6:.1f}MB", 1)
    report.row("automation-first-render-memory", median([run["first_peak_mb"][0] for run in runs]), "MB", "<=", 700, "none", repetitions)
    changes_in_process(report, runs)
    shutil.rmtree(ours)
    shutil.rmtree(reference)
    return runs


def pack_of(repository):
    """The bytes that the first render added: the biggest pack."""
    assert git(repository, "cat-file", "-t", first_render(repository)) == "commit"
    return pack_size(repository, biggest=True)


def changes_in_process(report, runs):
    ones = [1000 * value for run in runs for value in run["one_cluster"]]
    gains = [1000 * run["gain_total"][0] for run in runs]
    report.note(f"in process: one cluster {median(ones):.1f} ms, {int(runs[-1]['gain_clusters'][0])} clusters gained {median(gains):.0f} ms, "
                f"all again without a change {1000 * median([run['again_total'][0] for run in runs]):.0f} ms")


def scaling_rows(bench, report, clusters, repetitions):
    print("cost of a full render as clusters grow", flush=True)
    points = []
    for size in (clusters // 60, clusters // 6, clusters, clusters * 2):
        runs = [bench.build(size, "--first-only") for _ in range(repetitions)]
        # Of the processor, on all threads: cost is what grows, and other work on the machine is no part of it.
        seconds = median([run["first_processor"][0] for run in runs])
        points.append((size, seconds))
        report.note(f"{size} clusters: {seconds:.3f} s of the processor, {1e6 * seconds / size:.1f} us a cluster, "
                    f"{median([run['first_total'][0] for run in runs]):.3f} s of the clock")
    per_cluster = {size: seconds / size for size, seconds in points}
    report.row("automation-scaling", per_cluster[clusters * 2] / per_cluster[clusters // 6], "x", "<=", 1.25,
               f"us-a-cluster-at-{clusters // 6}={1e6 * per_cluster[clusters // 6]:.1f}", repetitions)
    return points


def flat_row(bench, report, clusters):
    figures = bench.build(clusters, "--pattern", "flat")
    report.note(f"flat: first render {figures['first_total'][0]:.2f} s, one cluster {1000 * median(figures['one_cluster']):.1f} ms (in process)")


def service_rows(bench, report, clusters, repetitions):
    from service import Service

    print(f"the real programs, {clusters} clusters", flush=True)
    with Service(bench, bench.work, clusters).running() as service:
        job = service.first_job()
        report.note(f"first job: {job['durationMs']} ms, {job['filesAdded']} files; phases {job['phases']}; worker's peak {service.peak_mb():.0f} MB")
        report.row("automation-worker-memory", service.peak_mb(), "MB", "<=", 700, "none", 1)
        job = service.gain()
        report.note(f"gain: {job['durationMs']} ms, phases {job['phases']}")
        report.row("automation-gain-claim-to-commit", job["durationMs"] - job["phases"].get("report", 0), "ms", "<=", 300,
                   f"clusters={job['clustersChanged']}", 1)
        report.row("automation-one-change", median(service.one_change(repetitions * 7)), "ms", "<=", 60, "PATCH-answered-to-branch-moved", repetitions * 7)
        report.row("automation-restart", median(service.restart(repetitions)), "s", "<=", 3, "start-to-branch-moved", repetitions)
        many = service.many_changes()
        report.row("automation-1000-changes", many["after"], "s", "<=", 2, f"commits={many['commits']},sent-in={many['sending']:.1f}s", 1)
        report.note(f"none of {many['changes']} changes was lost")


def draw(folder, runs, points):
    folder.mkdir(parents=True, exist_ok=True)
    if points:
        charts.scaling(points, folder / "automation-scaling.svg")
    if runs:
        run = {name: values[0] for name, values in runs[-1].items()}
        trees = run["first_build"] - run["first_build_render"] - run["first_build_write"]
        charts.phases([("first render", [("plan", run["first_templates"] + run["first_plan"]), ("render and hash", run["first_build_render"]),
                                         ("write", run["first_build_write"]), ("upper trees", max(trees, 0)),
                                         ("index, sync, branch", run["first_commit"])])], folder / "automation-phases.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=ROOT / "build", type=pathlib.Path)
    parser.add_argument("--clusters", default=60000, type=int)
    parser.add_argument("--repetitions", default=3, type=int)
    parser.add_argument("--charts", type=pathlib.Path, help="folder to draw into")
    parser.add_argument("--only", choices=("first", "scaling", "flat", "service", "remote", "callgrind"))
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="resedge-bench-", dir="/var/tmp"))
    bench, report, runs, points = Bench(options.build.resolve(), work), Report(), None, None

    def wanted(part):
        return options.only in (None, part)

    try:
        if wanted("first"):
            runs = first_render_rows(bench, report, options.clusters, options.repetitions)
        if wanted("scaling"):
            points = scaling_rows(bench, report, options.clusters, options.repetitions)
        if wanted("flat"):
            flat_row(bench, report, options.clusters)
        if wanted("callgrind"):
            report.note(f"callgrind: {bench.instructions_per_file():.0f} instructions a file")
        if wanted("service"):
            service_rows(bench, report, options.clusters, options.repetitions)
        if wanted("remote"):
            remote.rows(bench, report, options.clusters, options.repetitions)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        print("\n".join(report.lines), flush=True)
    if options.charts:
        draw(options.charts, runs, points)
    return 1 if report.short else 0


if __name__ == "__main__":
    sys.exit(main())
