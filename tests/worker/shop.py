"""A small fleet with templates of its own: four stores in two regions, a heartbeat everywhere, a shop nowhere yet."""

import yaml

KUSTOMIZATION = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - config.yaml
"""

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: rea.application.name
  namespace: rea.namespace.name
data:
  store: rea.cluster.name
  value: {value}
"""

STORES = ("east-1", "east-2", "west-1", "west-2")


def inventory(url, target="edge", branch="main", **extra):
    return {
        "targets": [{"name": target, "url": str(url), "branch": branch, "folderPattern": "flat", **extra}],
        "groups": [{"name": "east"}, {"name": "west"}],
        "clusters": [{"name": name, "target": target, "groups": ["/" + name.split("-")[0]],
                      "metadata": [{"key": "region", "value": name.split("-")[0]}]} for name in STORES],
        "namespaces": [{"name": "heartbeat", "expression": "all"}, {"name": "shop", "expression": "none"}],
        "applications": [{"name": name, "namespace": name, "path": f"apps/{name}"} for name in ("heartbeat", "shop")],
    }


def write(checkout, application, value):
    base = checkout / "apps" / application / "base"
    base.mkdir(parents=True, exist_ok=True)
    (base / "kustomization.yaml").write_text(KUSTOMIZATION)
    (base / "config.yaml").write_text(CONFIG.format(value=value))


def seed(repository, heartbeat="alive", shop="rea.cluster.region"):
    def change(checkout):
        write(checkout, "heartbeat", heartbeat)
        write(checkout, "shop", shop)
    return repository.push(change)


def value_at(repository, store, application):
    """What the rendered file says, None where there is none."""
    path = f"clusters/{store}/{application}/{application}/base/config.yaml"
    if path not in repository.files("clusters"):
        return None
    return yaml.safe_load(repository.read(path))["data"]["value"]


def set_expression(admin, namespace, expression):
    admin.patch(f"/api/v1/namespaces/name:{namespace}", {"expression": expression})


def states(admin, store):
    """What the Data Service knows of a store's applications."""
    rows = admin.get(f"/api/v1/clusters/name:{store}/applications")["value"]
    return {row["application"]: row["state"] for row in rows}
