"""Checks the manifests without a cluster: against the schemas of Kubernetes and KEDA, and against our own rules.

Run by `cargo xtask test` with kubernetes-validate installed. Where kubectl is there, the example overlay is rendered and the
outcome checked as well. It first breaks the manifests on purpose, to see that every kind of mistake is found.
"""

import copy
import json
import pathlib
import shutil
import subprocess
import sys

import jsonschema
import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).parent
# The oldest one with sidecars, and the newest one that the schemas know.
VERSIONS = ["1.29", kubernetes_validate.latest_version()]
KEDA = json.loads((HERE / "schemas/keda.json").read_text())
# The one container that may do everything, in the one namespace that lets it.
ENGINE = ("shipstack-builds", "engine")


def documents():
    """Every object of the folder, and every file that kustomize has to know."""
    files = [path for path in HERE.rglob("*.yaml") if path.name != "kustomization.yaml"]
    for kustomization in HERE.rglob("kustomization.yaml"):
        listed = yaml.safe_load(kustomization.read_text())["resources"]
        beside = {path.name for path in files if path.parent == kustomization.parent}
        missing = beside.symmetric_difference(name for name in listed if name.endswith(".yaml"))
        assert not missing, f"{kustomization}: not both listed and there: {missing}"
    return [document for path in files for document in yaml.safe_load_all(path.read_text())]


def rendered():
    """The example overlay as kubectl makes it; nothing where there is no kubectl."""
    if not shutil.which("kubectl"):
        print("kubectl is not there: the overlay is not rendered")
        return []
    command = ["kubectl", "kustomize", str(HERE / "overlays/example")]
    return list(yaml.safe_load_all(subprocess.run(command, check=True, capture_output=True).stdout))


def check(document):
    kind = document["kind"]
    if kind not in KEDA:
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)
    else:
        jsonschema.validate(document, KEDA[kind])
    if kind == "ScaledJob":
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}, "spec": document["spec"]["jobTargetRef"]}
        check_pod("shipstack-builds", job["spec"]["template"]["spec"])
        for version in VERSIONS:
            kubernetes_validate.validate(job, version, strict=True)
    if kind in ("Deployment", "StatefulSet"):
        check_pod(document["metadata"]["namespace"], document["spec"]["template"]["spec"])


def check_pod(namespace, pod):
    assert pod["automountServiceAccountToken"] is False, "a token of the cluster in a pod"
    shared = pod["securityContext"]
    assert shared["seccompProfile"]["type"] == "RuntimeDefault", "system calls are not filtered"
    for container in pod.get("initContainers", []) + pod["containers"]:
        name, own = container["name"], container["securityContext"]
        assert "memory" in container["resources"]["limits"], f"{name}: no limit on memory"
        assert not container["image"].endswith(":latest"), f"{name}: an image without a version"
        if (namespace, name) == ENGINE:
            continue
        assert {**shared, **own}.get("runAsNonRoot") is True, f"{name}: may run as root"
        assert own["allowPrivilegeEscalation"] is False, f"{name}: may gain privileges"
        assert own["readOnlyRootFilesystem"] is True, f"{name}: a writable root"
        assert own["capabilities"] == {"drop": ["ALL"]}, f"{name}: capabilities"
        assert "privileged" not in own, f"{name}: privileged"


def check_together(all_documents):
    def of(kind):
        return [document for document in all_documents if document["kind"] == kind]

    for namespace in of("Namespace"):
        name = namespace["metadata"]["name"]
        closed = [
            policy
            for policy in of("NetworkPolicy")
            if policy["metadata"]["namespace"] == name
            and policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        ]
        assert closed, f"{name}: what no policy allows is not refused"
        level = namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        assert (level == "privileged") == (name == ENGINE[0]), f"{name}: {level} pods"
    workers = [job["spec"]["jobTargetRef"]["template"]["spec"]["containers"] for job in of("ScaledJob")]
    assert workers and all(containers[0]["args"] == ["--once"] for containers in workers), "a worker that never ends"


def breaks(all_documents):
    """The same manifests with one mistake each."""
    container = lambda pod: pod["containers"][0]["securityContext"]
    deployment = lambda one: one["spec"]["template"]["spec"]
    job = lambda one: one["spec"]["jobTargetRef"]["template"]["spec"]
    mistakes = [
        ("Deployment", lambda one: one["spec"].update(replica=2)),
        ("Deployment", lambda one: deployment(one).update(automountServiceAccountToken=True)),
        ("Deployment", lambda one: container(deployment(one)).update(readOnlyRootFilesystem=False)),
        ("ScaledJob", lambda one: one["spec"].update(maxReplicas=3)),
        ("ScaledJob", lambda one: job(one).update(restartPolicies="Never")),
        ("ScaledJob", lambda one: container(job(one)).update(privileged=True)),
        ("ScaledJob", lambda one: job(one)["containers"][0].update(args=[])),
        ("TriggerAuthentication", lambda one: one["spec"]["secretTargetRef"][0].pop("key")),
        ("NetworkPolicy", lambda one: one["spec"].update(podSelectors={})),
        ("Namespace", lambda one: one["metadata"]["labels"].update({"pod-security.kubernetes.io/enforce": "baseline"})),
    ]
    for kind, mistake in mistakes:
        broken = copy.deepcopy(all_documents)
        # The last of a kind: a namespace for builds, a policy among others.
        mistake([one for one in broken if one["kind"] == kind][-1])
        yield kind, broken


def check_all(all_documents):
    for document in all_documents:
        check(document)
    check_together(all_documents)


def main():
    source = documents()
    count = 0
    for kind, broken in breaks(source):
        try:
            check_all(broken)
        except (AssertionError, KeyError, jsonschema.ValidationError, kubernetes_validate.ValidationError):
            count += 1
            continue
        sys.exit(f"a mistake in a {kind} is not found")
    check_all(source)
    outcome = rendered()
    if outcome:
        check_all(outcome)
    print(f"{len(source)} objects, {len(outcome)} rendered, on Kubernetes {' and '.join(VERSIONS)}; {count} mistakes found")


main()
