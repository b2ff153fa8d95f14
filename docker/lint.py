"""Lints a Dockerfile and a Compose file, and prints the RUN steps of the first stage."""

import re
import sys

import yaml


def fail(what):
    sys.exit("docker/lint.py: " + what)


def instructions(path):
    """Yields (instruction, argument) with continued lines joined."""
    joined = ""
    for line in open(path):
        line = line.rstrip("\n")
        if not joined and (not line.strip() or line.lstrip().startswith("#")):
            continue
        joined += line.rstrip("\\").rstrip() + " " if line.endswith("\\") else line
        if not line.endswith("\\"):
            word, _, rest = joined.strip().partition(" ")
            yield word.upper(), rest.strip()
            joined = ""
    if joined:
        fail(path + ": the last line is continued")


KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


def dockerfile(path):
    stages, names = [], []
    for word, rest in instructions(path):
        if word not in KNOWN:
            fail(f"{path}: {word} is no instruction that this file should need")
        if word == "FROM":
            image = rest.split()[0]
            if image not in names and ":" not in image and "distroless" not in image or image.endswith(":latest"):
                fail(f"{path}: FROM {image} does not name a version")
            names.append(rest.split()[2] if " AS " in rest else str(len(names)))
            stages.append([])
        elif not stages:
            fail(f"{path}: {word} before FROM")
        if word == "COPY":
            source = re.match(r"--from=(\S+)", rest)
            if source and source[1] not in names[:-1]:
                fail(f"{path}: COPY --from={source[1]}: there is no such stage before")
        stages[-1].append((word, rest))
    if len(stages) < 2:
        fail(f"{path}: want a stage that builds and one that runs")
    last = dict(stages[-1])
    if last.get("USER", "root").split(":")[0] in ("root", "0"):
        fail(f"{path}: the image runs as root")
    for word in ("HEALTHCHECK", "ENTRYPOINT", "CMD"):
        if word not in last:
            fail(f"{path}: the image has no {word}")
        if "[" not in last[word]:
            fail(f"{path}: {word} needs a shell, which the image lacks: write it as a list")
    if "RUN" in last:
        fail(f"{path}: the running stage has no shell to RUN in")
    return [rest for word, rest in stages[0] if word == "RUN"]


def compose(path):
    text = open(path).read()
    services = yaml.safe_load(text)["services"]
    if set(services) != {"api", "worker"}:
        fail(f"{path}: services {sorted(services)}, the runbook starts api and worker")
    if services["api"]["container_name"] != "recsys-lite_api":
        fail(f"{path}: the runbook's docker exec names the container recsys-lite_api")
    for name in ("MODEL_TYPE", "API_PORT", "WORKER_INTERVAL", "LOG_LEVEL"):
        if not re.search(r"\$\{" + name + r":-", text):
            fail(f"{path}: {name} of the runbook's .env is not used")
    for name, s in services.items():
        targets = {v.split(":")[1] for v in s["volumes"]}
        if not {"/data", "/model_artifacts", "/logs", "/backups"} <= targets:
            fail(f"{path}: {name} lacks a volume: {sorted(targets)}")


steps = dockerfile(sys.argv[1])
compose(sys.argv[2])
print("\n".join(steps))
