"""Templates and values as nobody would wish them: what can be rendered says what was meant, what can't be is refused by name."""

import os
import subprocess

import shop
import yaml

NASTY = ["a: b", "- a", "# no comment", "x #y", "{a: b}", "[a]", "*alias", "&anchor", "!!int 3", "%TAG", "@at", "`tick`", "|", ">", "?", "'", '"',
         "a'b\"c", "back\\slash", "yes", "No", "null", "~", "0123", "1e3", "0x1F", "2026-01-01", "12:30:45", "---", "...", " lead", "trail ",
         "tab\there", "Grüße 店 \U0001f6d2", "rea.cluster.name", "${var}", "$$x", "{{ x }}", "a: &b [*c, {d: '#e'}]"]

BASE = "apps/heartbeat/base"


def base(checkout):
    return checkout / BASE


def kustomization(*resources):
    return shop.KUSTOMIZATION.split("resources:")[0] + "resources:\n" + "".join(f"  - {name}\n" for name in resources)


def rendered_file(repository, name, store="east-1"):
    path = f"clusters/{store}/heartbeat/heartbeat/base/{name}"
    return subprocess.run(["git", "-C", str(repository.path), "show", f"main:{path}"], check=True, capture_output=True).stdout


def test_values_stay_data_wherever_they_stand(seeded, admin, start_worker, wait_done):
    accepted = []
    for number, value in enumerate(NASTY):
        answer = admin.request("PATCH", "/api/v1/clusters/name:east-1", {"metadata": {f"v{number}": value}})
        if answer.status == 200:
            accepted.append((number, value))
    assert len(accepted) >= len(NASTY) - 2  # some are refused as what no value may hold
    for store in shop.STORES[1:]:
        admin.patch(f"/api/v1/clusters/name:{store}", {"metadata": {f"v{number}": "plain" for number, _ in accepted}})
    lines = [f"  plain{n}: rea.cluster.v{n}\n  single{n}: 'rea.cluster.v{n}'\n  double{n}: \"rea.cluster.v{n}\" # rea.cluster.v{n}\n"
             f"  flow{n}: [rea.cluster.v{n}, {{a: rea.cluster.v{n}}}]\n  block{n}: |\n    <rea.cluster.v{n}>\n  fold{n}: >-\n    <rea.cluster.v{n}>\n"
             for n, _ in accepted]
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n" + "".join(lines) + "---\nkind: Second\nname: rea.cluster.name\n"

    def change(checkout):
        (base(checkout) / "config.yaml").write_bytes(text.encode())
        (base(checkout) / "crlf.yaml").write_bytes(text.encode().replace(b"\n", b"\r\n"))
        (base(checkout) / "kustomization.yaml").write_text(kustomization("config.yaml", "crlf.yaml"))
    seeded.push(change)
    assert start_worker().alive()
    [job] = wait_done()
    assert job["held"] == []
    for name in ("config.yaml", "crlf.yaml"):
        first, second = yaml.safe_load_all(rendered_file(seeded, name).decode())
        assert second == {"kind": "Second", "name": "east-1"}
        for n, value in accepted:
            data = first["data"]
            assert str(data[f"single{n}"]) == value and str(data[f"double{n}"]) == value, (name, value)
            assert isinstance(data[f"plain{n}"], str) and data[f"plain{n}"] == value, (name, value)
            assert data[f"flow{n}"] == [value, {"a": value}], (name, value)
            assert data[f"block{n}"].strip("\r\n") == f"<{value}>" and data[f"fold{n}"] == f"<{value}>", (name, value)


def test_large_files_thousands_of_placeholders_and_binary_files(seeded, start_worker, wait_done):
    many = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\ndata:\n" + "".join(
        f"  key-rea.cluster.name-{n}: rea.cluster.region\n" for n in range(5000))
    large = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  text: \"" + "x" * (1 << 20) + " rea.cluster.name\"\n"
    binary = bytes(range(256)) * 100 + b"rea.cluster.nothing"

    def change(checkout):
        (base(checkout) / "many.yaml").write_text(many)
        (base(checkout) / "large.yaml").write_text(large)
        (base(checkout) / "logo.png").write_bytes(binary)
        (base(checkout) / "kustomization.yaml").write_text(kustomization("many.yaml", "large.yaml"))
        (base(checkout) / "config.yaml").unlink()
    seeded.push(change)
    assert start_worker().alive()
    [job] = wait_done()
    assert job["held"] == []
    data = yaml.load(rendered_file(seeded, "many.yaml", "west-2"), Loader=yaml.CSafeLoader)["data"]
    assert len(data) == 5000 and data["key-west-2-4999"] == "west"
    assert rendered_file(seeded, "large.yaml").endswith(b'x east-1"\n')
    assert rendered_file(seeded, "logo.png") == binary


def test_links_and_submodules_among_templates_are_refused_by_name(rendered, admin, wait_done):
    head = rendered.git("rev-parse", "main").strip()

    def change(checkout):
        os.symlink("/etc/passwd", base(checkout) / "secrets.yaml")
        subprocess.run(["git", "-C", str(checkout), "update-index", "--add", "--cacheinfo", f"160000,{head},apps/shop/base/module"], check=True)
        (checkout / "apps/shop/base/module").mkdir()
    rendered.push(change)
    shop.set_expression(admin, "shop", "/c/east-1")
    [job] = wait_done()
    reasons = {entry["application"]: entry["error"]["detail"] for entry in job["held"]}
    assert "secrets.yaml" in reasons["heartbeat"] and "link" in reasons["heartbeat"]
    assert "module" in reasons["shop"]
    assert shop.value_at(rendered, "east-1", "heartbeat") == "alive"
