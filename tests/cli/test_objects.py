"""create, edit, delete, label, tag, rename, move, set, describe: one object at a time."""

import json
import os

import pytest
import yaml

import small
from small import says


def doc(admin, noun, name):
    return admin.get(f"/api/v1/{noun}/name:{name}")


def test_create_takes_fields_as_words_and_names_as_paths(fleet, cli):
    assert cli("create", "cluster", "east-3", "target=edge", "groups=/stores/east,/beta", "metadata.size=large", "tags=a,b") == \
        'cluster "east-3" created (revision 2)\n'
    made = doc(fleet, "clusters", "east-3")
    assert made["groups"] == ["/beta", "/stores/east"] and made["metadata"] == [{"key": "size", "value": "large"}] and made["tags"] == ["a", "b"]
    assert cli("create", "group", "/stores/north", "priority=3", "-o", "name") == "/stores/north\n"
    assert cli("create", "app", "fuel/lamp", "path=apps/lamp", "-o", "json", "--dry-run")
    says(cli.run("create", "cluster", "east-3", "target=edge"), 3, "east-3")
    says(cli.run("create", "cluster", "x", "tagret=edge"), 2, 'no field "tagret"', "Did you mean target?")
    says(cli.run("create", "cluster", "x", "metadata=1"), 2, "metadata.KEY=VALUE")
    assert cli("create", "policy", "-f", "-", stdin="name: loud\npath: policies/loud\n").startswith('policy "loud" created')


def test_set_label_and_tag_change_what_they_name_and_nothing_else(fleet, cli):
    before = doc(fleet, "clusters", "east-1")
    cli("set", "cluster", "east-1", "timeZone=America/Denver", "description=")
    cli("label", "cluster", "east-1", "owner=kim", "size-")
    cli("tag", "cluster", "east-1", "new", "corner-")
    after = doc(fleet, "clusters", "east-1")
    assert after["timeZone"] == "America/Denver" and after["description"] is None and after["tags"] == ["new"]
    assert after["metadata"] == [{"key": "owner", "value": "kim"}]
    assert after["groups"] == before["groups"] and after["store"] == before["store"]
    assert cli("tag", "cluster", "east-1", "new") == 'cluster "east-1" unchanged (revision 4)\n'
    says(cli.run("label", "cluster", "east-1", "owner"), 2, "not KEY=VALUE")


def test_rename_and_move_say_what_they_hit(fleet, cli):
    assert cli("rename", "group", "/stores/west", "far-west", "--yes") == 'group "/stores/far-west" renamed (revision 2)\n'
    assert cli("move", "group", "/stores/far-west", "/", "--yes") == 'group "/far-west" moved (revision 3)\n'
    result = cli.run("rename", "app", "till", "register", "--yes")
    assert result.returncode == 3 and "runs on 2 clusters" in result.stderr and "add --confirm 2" in result.stderr
    assert cli("rename", "app", "till", "register", "--yes", "--confirm", "2").startswith('application "shop/register" renamed')
    says(cli.run("move", "policy", "quiet", "x"), 2, "nowhere")


def test_delete_shows_what_is_hit_and_asks(fleet, cli):
    result = cli.run("delete", "cluster", "east-1")
    assert result.returncode == 3 and 'is active and runs 1 application' in result.stderr and "no terminal" in result.stderr
    result = cli.run("delete", "cluster", "east-1", "--yes")
    assert result.returncode == 3 and "add --confirm 1" in result.stderr
    assert cli("delete", "cluster", "east-1", "--dry-run", "--confirm", "1") == 'dry run: cluster "east-1" would be deleted\n'
    status, screen = small.on_terminal(cli, "delete", "cluster", "east-1", answer="y")
    assert status == 0 and 'cluster "east-1" deleted' in screen
    says(cli.run("delete", "cluster", "east-1", "--yes"), 1, "east-1")


def test_delete_with_cascade_names_what_goes_along(fleet, cli):
    refused = cli.run("delete", "namespace", "shop", "--yes")
    assert refused.returncode == 3 and "in use by application shop/till" in refused.stderr and "cascade" in refused.stderr
    tried = cli("delete", "namespace", "shop", "--cascade", "--confirm", "2", "--dry-run")
    assert tried.endswith('dry run: namespace "shop" would be deleted\n') and '  - application "shop/till"\n' in tried
    assert '  - application "shop/till"\n' in cli("delete", "namespace", "shop", "--cascade", "--confirm", "2", "--yes")
    assert "till" not in cli("get", "applications", "-o", "name")


@pytest.fixture
def editor(cli, tmp_path):
    """editor(script): an editor that is a shell script with the file in $1, and tells how often it was opened."""
    def make(script):
        path = tmp_path / "editor"
        path.write_text(f'#!/bin/bash\necho opened >> {tmp_path}/log\ncp "$1" {tmp_path}/seen.$(wc -l < {tmp_path}/log)\n{script}\n')
        path.chmod(0o755)
        cli.env["EDITOR"] = str(path)
        cli.env.pop("VISUAL", None)
        return tmp_path
    return make


def test_edit_stores_what_was_changed(fleet, cli, editor):
    seen = editor('sed -i "s/^store: .*/store: \\"0199\\"/" "$1"')
    assert cli("edit", "cluster", "east-1") == 'cluster "east-1" changed (revision 2)\n'
    assert doc(fleet, "clusters", "east-1")["store"] == "0199"
    written = yaml.safe_load((seen / "seen.1").read_text())
    assert written["name"] == "east-1" and "id" not in written and "version" not in written
    editor("true")
    assert cli.run("edit", "cluster", "east-1").stderr == "nothing was changed\n"
    assert fleet.request("GET", "/api/v1/clusters").revision == 2


def test_edit_opens_again_with_what_is_wrong(fleet, cli, editor):
    seen = editor('if [ $(wc -l < ${0%/*}/log) = 1 ]; then sed -i "s/^store:/stroe:/" "$1"; else sed -i "s/^stroe:.*/store: \\"7\\"/" "$1"; fi')
    assert cli("edit", "cluster", "east-1").startswith('cluster "east-1" changed')
    assert 'stroe' in (seen / "seen.2").read_text().splitlines()[0]
    assert doc(fleet, "clusters", "east-1")["store"] == "7"


def test_edit_shows_what_somebody_else_changed_and_overwrites_it_knowingly_only(fleet, cli, editor, tmp_path):
    other = f'RESEDGE_TOKEN={cli.env["RESEDGE_TOKEN"]} "{small.BUILD}/resedge" set cluster east-1 environment=Test >/dev/null'
    seen = editor(f'if [ $(wc -l < ${{0%/*}}/log) = 1 ]; then {other}; sed -i "s/^store: .*/store: \\"8\\"/" "$1"; fi')
    assert cli("edit", "cluster", "east-1").startswith('cluster "east-1" changed (revision 3)')
    again = (seen / "seen.2").read_text()
    assert "east-1 was changed by cli" in again and "# environment: Test" in again and 'store: "8"' in again
    assert doc(fleet, "clusters", "east-1")["store"] == "8"


def test_an_editor_that_fails_changes_nothing(fleet, cli, editor):
    editor("exit 3")
    says_so = cli.run("edit", "cluster", "east-1")
    assert says_so.returncode == 2 and "the editor" in says_so.stderr
    assert fleet.request("GET", "/api/v1/clusters").revision == 1


def test_apply_and_diff_take_folders_and_say_which_file_is_wrong(fleet, cli, tmp_path):
    folder = tmp_path / "fleet"
    (folder / "more").mkdir(parents=True)
    (folder / "a.yaml").write_text("clusters: [{name: east-7, groups: [/new], target: edge}]\n")
    (folder / "more" / "b.json").write_text(json.dumps({"groups": [{"name": "new"}], "clusters": [{"name": "east-1", "environment": "Test"}]}))
    (folder / "README.md").write_text("not an inventory")
    result = cli.run("diff", "-f", folder)
    assert result.returncode == 1 and "+ group /new" in result.stdout and "environment: - -> Test" in result.stdout
    assert cli("apply", "-f", folder) == "2 created, 1 updated, 0 unchanged (revision 2)\n"
    assert cli.run("diff", "-f", folder).returncode == 0
    (folder / "more" / "c.yaml").write_text("clusters: [{name: east-8, stroe: 1}]\n")
    says(cli.run("apply", "-f", folder), 2, "c.yaml: /clusters/0/stroe")
    os.mkdir(tmp_path / "empty")
    says(cli.run("apply", "-f", tmp_path / "empty"), 2, "no inventory in")


def test_an_export_is_an_inventory_that_changes_nothing(fleet, cli):
    exported = cli("export")
    assert cli("apply", "-f", "-", "--dry-run", stdin=exported).startswith("dry run: 0 created, 0 updated")
    assert list(yaml.safe_load(cli("export", "groups"))) == ["groups"]


def test_describe_values_and_changes(fleet, cli):
    text = cli("describe", "cluster", "east-1")
    assert "Two lines" in text and "applications: 1" in text and "till" in text
    assert cli("values", "east-1", "--no-headers").split() == ["size", "small", "cluster", "east-1"]
    cli("set", "cluster", "east-1", "environment=Test")
    last = cli("changes", "--since", "1", "-o", "csv", "--no-headers").strip().split(",")
    assert last[0] == "2" and last[2:] == ["cli", "put", "cluster", "east-1"]


def test_changes_go_on_amid_a_revision(fleet, cli, admin):
    groups = [{"name": f"g-{i:04}"} for i in range(1100)]
    admin.post("/api/v1/apply", {"groups": groups})
    names = [line.split(",")[-1] for line in cli("changes", "--since", "1", "-o", "csv", "--no-headers").split()]
    assert names == [f"/{group['name']}" for group in groups]
    assert len(cli("changes", "--since", "2.1097", "--no-headers").splitlines()) == 3
    says(cli.run("changes", "--since", "yesterday"), 2, '--since takes a revision, not "yesterday"')


def test_what_is_hit_is_counted_beyond_one_page(fleet, cli):
    """As the server counts it: else no --confirm would ever be right."""
    clusters = [{"name": f"more-{number}", "groups": ["/beta"], "target": "edge", "state": "active"} for number in range(150)]
    applications = [{"name": f"app-{number}", "namespace": "wide", "path": "apps/wide"} for number in range(1100)]
    fleet.post("/api/v1/apply", {"clusters": clusters, "namespaces": [{"name": "wide", "expression": "/g/beta"}], "applications": applications})
    total = fleet.get("/api/v1/applications/name:wide%2Fapp-1/clusters?$top=0")["@odata.count"]
    assert total >= 150
    assert f"clusters: {total}\n" in cli("describe", "app", "wide/app-1")
    assert f"and {total - 10} more" in cli.run("delete", "app", "wide/app-1").stderr
    assert cli("rename", "app", "wide/app-1", "app-x", "--yes", "--confirm", str(total)).startswith('application "wide/app-x" renamed')
    assert len(cli("what", "more-7", "-o", "name").splitlines()) >= 1100
    assert f"runs on {total} clusters" in cli.run("rename", "app", "wide/app-2", "app-y", "--yes").stderr
