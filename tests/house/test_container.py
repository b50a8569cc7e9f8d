"""Test that the container's files and the README agree on its options, its folders, and its user."""

import json
import re

from autograder.sandbox.driver.server_process import CONTAINER_OPTIONS
from tests.root import ROOT

CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_all_name_the_same_options():
    runs = re.findall(r"^docker run .*", README, re.MULTILINE)
    texts = [CONTAINER_OPTIONS, *runs, CONTAINERFILE, " ".join(DEVCONTAINER["runArgs"])]
    first, *others = [re.findall(r"--security-opt ([\w=]+)", text) for text in texts]
    assert (len(first), others) == (2, [first] * 3)


def test_all_name_the_same_folders_and_user():
    lines = re.sub(r"^#.*\n|\\\n", "", CONTAINERFILE, flags=re.MULTILINE).splitlines()
    said = dict(line.split(maxsplit=1) for line in lines)
    assert set(said) == {"ARG", "FROM", "RUN", "ENV", "USER", "WORKDIR", "CMD"}
    assert said["USER"] == DEVCONTAINER["remoteUser"] == "teacher"
    assert said["WORKDIR"] == DEVCONTAINER["workspaceFolder"] == "/course"
    assert (ROOT / ".devcontainer" / DEVCONTAINER["build"]["dockerfile"]).resolve() == ROOT / "Containerfile"
    volume, target = re.findall(r"(?:source|target)=([^,]+)", DEVCONTAINER["mounts"][0])
    assert f"-v {volume}:{target} " in README
    assert f"/course {target}" in said["RUN"]
