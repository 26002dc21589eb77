"""Prometheus' text format, read as strictly as Prometheus itself does."""

import re

SERIES = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)+)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
ENDS = {"histogram": ("_bucket", "_sum", "_count")}


class Family:
    """What stands between one HELP and the next."""

    def __init__(self, name):
        self.name, self.type, self.samples = name, None, {}

    def add(self, line):
        name, labels, value = SERIES.fullmatch(line).groups()
        assert name in [self.name + end for end in ENDS.get(self.type, ("",))], f"{line}: not of {self.name}"
        pairs = LABEL.findall(labels or "")
        key = (name, frozenset(pairs))
        assert key not in self.samples and len(dict(pairs)) == len(pairs), f"{line}: twice"
        self.samples[key] = float(value)

    def check_histograms(self):
        """Buckets grow up to the last, which has all."""
        buckets = {}
        for (name, labels), value in self.samples.items():
            if name == f"{self.name}_bucket":
                bound = float(dict(labels)["le"])
                buckets.setdefault(frozenset(label for label in labels if label[0] != "le"), {})[bound] = value
        for labels, counts in buckets.items():
            in_order = [counts[bound] for bound in sorted(counts)]
            assert in_order == sorted(in_order) and max(counts) == float("inf"), (self.name, labels, counts)
            assert in_order[-1] == self.samples[f"{self.name}_count", labels] and (f"{self.name}_sum", labels) in self.samples
        assert len(self.samples) == sum(len(counts) + 2 for counts in buckets.values()), f"{self.name}: sums without buckets"


def families(text):
    """{name: Family}; fails where Prometheus would refuse the text, or drop something of it."""
    found, family = {}, None
    assert text.endswith("\n")
    for line in text.splitlines():
        words = line.split(maxsplit=3)
        if words[:2] == ["#", "HELP"]:
            assert words[2] not in found and words[3], f"{line}: twice"
            family = found[words[2]] = Family(words[2])
        elif words[:2] == ["#", "TYPE"]:
            assert words[2] == family.name and family.type is None and not family.samples, line
            family.type = words[3]
        else:
            family.add(line)
    for family in found.values():
        assert family.type in ("counter", "gauge", "histogram"), family.name
        if family.type == "histogram":
            family.check_histograms()
    return found


def samples(text):
    """{(name, {(label, value)}): value} of all families."""
    return {key: value for family in families(text).values() for key, value in family.samples.items()}


def series(name, **labels):
    """A key of samples()."""
    return name, frozenset(labels.items())
