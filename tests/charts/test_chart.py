"""The Helm chart: linted strictly, and everything it renders is a valid document that fits together."""

import os
import pathlib
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "resedge"
HELM = pathlib.Path(os.environ.get("RESEDGE_TOOLS", ROOT / "build" / "tools")) / "helm"


def helm(*args):
    return subprocess.run([HELM, *args], capture_output=True, text=True, check=False)


def render(*settings):
    args = [word for setting in settings for word in ("--set", setting)]
    result = helm("template", "fleet", str(CHART), "--namespace", "res-edge", *args)
    assert result.returncode == 0, result.stderr
    return [document for document in yaml.safe_load_all(result.stdout) if document]


def only(documents, kind, component=None):
    found = [d for d in documents if d["kind"] == kind
             and (component is None or d["metadata"]["labels"].get("app.kubernetes.io/component") == component)]
    assert len(found) == 1, f"{len(found)} {kind}s"
    return found[0]


def pod_of(workload):
    return workload["spec"]["template"]


def test_helm_lint_strict_finds_nothing():
    result = helm("lint", "--strict", str(CHART))
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("settings", [
    (),
    ("worker.persistence.enabled=false", "networkPolicy.enabled=false", "api.replicas=1"),
    ("serviceAccount.create=false", "imagePullSecrets[0].name=pull", "worker.replicas=3"),
])
def test_every_document_is_whole(settings):
    for document in render(*settings):
        assert document["apiVersion"] and document["kind"] and document["metadata"]["name"]


def test_services_select_the_pods_they_are_for():
    documents = render()
    for component, kind in (("api", "Deployment"), ("worker", "StatefulSet")):
        selector = only(documents, "Service", component)["spec"]["selector"]
        labels = pod_of(only(documents, kind, component))["metadata"]["labels"]
        assert selector.items() <= labels.items()
        assert only(documents, kind, component)["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_secrets_are_referred_to_by_name_and_mounted_never_written_out():
    documents = render("database.existingSecret=my-database", "worker.tokenSecret=my-token")
    assert not [d for d in documents if d["kind"] == "Secret"]
    volumes = {v["secret"]["secretName"] for d in documents if d["kind"] in ("Deployment", "StatefulSet", "Job")
               for v in pod_of(d)["spec"]["volumes"] if "secret" in v}
    assert volumes == {"my-database", "my-token"}
    for document in documents:
        if document["kind"] in ("Deployment", "StatefulSet", "Job"):
            for container in pod_of(document)["spec"]["containers"]:
                assert not [e for e in container.get("env", []) if "value" in e]


def test_pods_run_without_privileges():
    for document in render():
        if document["kind"] in ("Deployment", "StatefulSet", "Job"):
            spec = pod_of(document)["spec"]
            assert spec["securityContext"]["runAsNonRoot"] is True
            assert spec["automountServiceAccountToken"] is False
            for container in spec["containers"]:
                assert container["securityContext"]["readOnlyRootFilesystem"] is True
                assert container["securityContext"]["allowPrivilegeEscalation"] is False


def test_a_value_that_makes_no_sense_is_refused():
    result = helm("template", "fleet", str(CHART), "--set", "api.replicas=0")
    assert result.returncode != 0 and "replicas" in result.stderr


def test_the_programs_know_every_option_that_the_chart_gives_them():
    build = pathlib.Path(os.environ.get("RESEDGE_BUILD", ROOT / "build"))
    for document in render("api.tls.secretName=api-tls", "api.trustedProxies[0]=::1"):
        if document["kind"] not in ("Deployment", "StatefulSet", "Job"):
            continue
        args = pod_of(document)["spec"]["containers"][0]["args"]
        words = [args[0], *[a for a in args[1:] if not a.startswith("--")]]
        text = subprocess.run([build / words[0], *words[1:], "--help"], capture_output=True, text=True, check=True).stdout
        for option in (a.split("=")[0] for a in args[1:] if a.startswith("--")):
            assert option in text, f"{' '.join(words)} has no {option}"


def test_credentials_for_git_hosts_are_mounted_under_their_names_for_the_worker_alone():
    documents = render("worker.credentials[0].name=github", "worker.credentials[0].secretName=resedge-github",
                       "worker.credentials[1].name=gitea", "worker.credentials[1].secretName=resedge-gitea")
    pod = pod_of(only(documents, "StatefulSet", "worker"))["spec"]
    [container] = pod["containers"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume["secret"] for volume in pod["volumes"] if "secret" in volume}
    for name in ("github", "gitea"):
        secret = volumes[mounts[f"/run/secrets/git/{name}"]]
        assert (secret["secretName"], secret["defaultMode"]) == (f"resedge-{name}", 0o440)
    assert "--credentials-dir=/run/secrets/git" in container["args"]
    assert "resedge-github" not in str(only(documents, "Deployment", "api"))
    assert not any("credentials-dir" in argument for argument in pod_of(only(render(), "StatefulSet", "worker"))["spec"]["containers"][0]["args"])


def container_of(workload):
    [container] = pod_of(workload)["spec"]["containers"]
    return container


def secrets_of(workload):
    return {volume["name"]: volume["secret"] for volume in pod_of(workload)["spec"]["volumes"] if "secret" in volume}


def test_with_a_certificate_the_api_its_probes_and_the_worker_speak_https():
    documents = render("api.tls.secretName=api-tls")
    api, worker = only(documents, "Deployment", "api"), only(documents, "StatefulSet", "worker")
    container = container_of(api)
    assert {"--tls-cert=/run/secrets/tls/tls.crt", "--tls-key=/run/secrets/tls/tls.key"} <= set(container["args"])
    assert {container[f"{probe}Probe"]["httpGet"]["scheme"] for probe in ("startup", "readiness", "liveness")} == {"HTTPS"}
    assert secrets_of(api)["tls"]["secretName"] == "api-tls"
    assert "--api-url=https://fleet-resedge-api:80" in container_of(worker)["args"]
    assert "--ca-file=/run/secrets/api-ca/ca.crt" in container_of(worker)["args"]
    assert secrets_of(worker)["api-ca"]["items"] == [{"key": "ca.crt", "path": "ca.crt"}], "the worker never sees the key"
    trusting_the_system = render("api.tls.secretName=api-tls", "api.tls.caKey=")
    assert "api-ca" not in str(only(trusting_the_system, "StatefulSet", "worker"))


def test_without_a_certificate_nothing_speaks_https():
    assert "https" not in str(render()).lower()


def test_the_api_is_told_which_proxies_to_believe_and_by_default_none():
    assert "proxies" not in str(render())
    documents = render("api.trustedProxies[0]=10.244.0.0/16", "api.trustedProxies[1]=2001:db8::/48", "api.forwardedHeader=Forwarded")
    assert {"--trusted-proxies=10.244.0.0/16,2001:db8::/48", "--forwarded-header=Forwarded"} <= set(container_of(only(documents, "Deployment", "api"))["args"])
    for setting in ("api.trustedProxies[0]=ingress", "api.forwardedHeader=X-Real-IP"):
        assert helm("template", "fleet", str(CHART), "--set", setting).returncode != 0


def test_the_root_certificate_of_postgresql_reaches_whoever_connects_to_it():
    documents = render("database.tls.mode=verify-full", "database.tls.caSecret=pg-ca")
    for workload in (only(documents, "Deployment", "api"), only(documents, "Job", "migrate")):
        container = container_of(workload)
        assert {e["name"]: e["value"] for e in container["env"]} == {
            "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/run/secrets/database-ca/ca.crt"}
        assert "/run/secrets/database-ca" in {mount["mountPath"] for mount in container["volumeMounts"]}
        assert secrets_of(workload)["database-ca"]["secretName"] == "pg-ca"
    assert "pg-ca" not in str(only(documents, "StatefulSet", "worker"))


def test_verifying_postgresql_without_a_root_certificate_is_refused():
    result = helm("template", "fleet", str(CHART), "--set", "database.tls.mode=verify-full")
    assert result.returncode != 0 and "caSecret" in result.stderr


def test_old_changes_are_forgotten_by_the_owner_at_night_where_a_time_is_given():
    assert not [document for document in render() if document["kind"] == "CronJob"]
    job = only(render("retention.keep=90d", "database.ownerKey=of-the-owner"), "CronJob", "forget")["spec"]
    pod = pod_of(job["jobTemplate"])["spec"]
    assert (job["schedule"], job["concurrencyPolicy"]) == ("30 2 * * *", "Forbid")
    assert pod["containers"][0]["args"][:2] == ["resedge-api", "forget-changes"] and "--keep=90d" in pod["containers"][0]["args"]
    assert pod["volumes"][0]["secret"]["items"] == [{"key": "of-the-owner", "path": "url"}]
    assert helm("template", "fleet", str(CHART), "--set", "retention.keep=soon").returncode != 0


@pytest.mark.parametrize("name,fits", [("github", True), ("team-a.git", True), ("Team_A", False), ("-a", False), ("a.", False)])
def test_a_credential_of_git_hosts_has_a_name_that_targets_may_give(name, fits):
    given = ("--set", f"worker.credentials[0].name={name}", "--set", "worker.credentials[0].secretName=x")
    assert (helm("template", "fleet", str(CHART), *given).returncode == 0) == fits
