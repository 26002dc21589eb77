"""release, where, pause: which version is where, and how that changes."""

from small import says


def releases(admin):
    return {r["version"]: r["expression"] for r in admin.get("/api/v1/applications/name:shop%2Ftill")["releases"]}


def test_a_release_shows_first_which_clusters_change_and_how(fleet, cli):
    out = cli("release", "till", "2.1.0", "--clusters", "/g/stores/east", "--dry-run")
    assert out == ("1 cluster: 2.0.0 -> 2.1.0\n  ~ east-1\n1 cluster: base -> 2.1.0\n  ~ east-2\n"
                   'dry run: application "shop/till" would be released\n')
    assert releases(fleet) == {"2.0.0": "/g/beta"}
    result = cli.run("release", "till", "2.1.0", "--clusters", "/g/stores/east")
    assert result.returncode == 3 and "no terminal" in result.stderr
    cli("release", "shop/till", "2.1.0", "--clusters", "/g/beta", "--yes")
    cli("release", "promote", "till", "2.1.0", "--clusters", "/g/stores/east", "--yes")
    assert cli("release", "list", "till", "--no-headers").split() == ["2.1.0", "2", "/g/beta", "or", "/g/stores/east", "2.0.0", "0", "/g/beta", "base", "0", "-"]
    cli("release", "rollback", "till", "--yes")
    assert releases(fleet) == {"2.0.0": "/g/beta"}


def test_where_counts_by_version_and_group(asking):
    assert asking("where", "till", "--clusters", "--no-headers").split() == ["east-1", "2.0.0", "east-2", "base"]
    assert asking("where", "till", "-o", "name") == "east-1\neast-2\n"
    lines = [line.split() for line in asking("where", "till", "--under", "/stores").splitlines()[2:]]
    assert lines == [["version", "2.0.0", "1"], ["version", "base", "1"], ["group", "/stores/east", "2"]]
    assert "is on 0 clusters" in asking("where", "pump")


def test_a_release_that_makes_no_sense_is_refused(asking):
    says(asking.run("release", "till", "2.1.0"), 2, "--clusters is missing")
    says(asking.run("release", "promote", "till", "9.0.0", "--all"), 1, "9.0.0")
    says(asking.run("release", "promote", "till", "2.0.0"), 2, "--clusters EXPRESSION, or --all")
    says(asking.run("release", "till", "2.1.0", "--clusters", "/g/nowhere", "--yes"), 2, "nowhere")
    assert asking.run("release", "till").returncode == 2


def test_pause_and_resume_want_a_reason_and_say_what_they_did(fleet, cli):
    says(cli.run("pause", "edge"), 2, "--reason")
    assert cli("pause", "edge", "--reason", "inventory night").startswith('target "edge" paused')
    assert fleet.get("/api/v1/targets/name:edge")["pausedReason"] == "inventory night"
    assert cli("resume", "edge").startswith('target "edge" resumed')
    assert cli("pause", "till", "--reason", "x").startswith('application "shop/till" paused')
    says(cli.run("pause", "nobody", "--reason", "x"), 1, 'no target and no application named "nobody"')
