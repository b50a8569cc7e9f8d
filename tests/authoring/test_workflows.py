"""GitHub's workflow files fit the schema and name only what exists here.

actionlint checks the inputs of actions: CI runs it, and so does `make lint` if it is installed.
"""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from authoring.setup import install as setup
from authoring.setup import make
from authoring.upkeep import nightly, torch_versions
from tests.root import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps():
    return [step for path in WORKFLOWS for job in load(path)["jobs"].values() for step in job["steps"]]


def check_schema(*paths):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_workflow_file_matches_the_schema():
    assert {path.name for path in WORKFLOWS} == {"book.yml", "ci.yml", "nightly.yml"}
    done = check_schema(*WORKFLOWS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_schema_rejects_a_misspelled_key(tmp_path):
    whole = (ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    for key in ("runs-on", "permissions", "uses"):
        (tmp_path / f"{key}.yml").write_text(whole.replace(f"{key}:", f"{key}s:"))
    found = check_schema(*tmp_path.glob("*.yml"))
    assert found.returncode != 0
    for key in ("runs-on", "permissions", "uses"):
        assert f"{key}.yml" in found.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_need_existing_jobs_and_have_timeouts(path):
    jobs = load(path)["jobs"]
    for name, job in jobs.items():
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= set(jobs) - {name}
        assert 0 < job["timeout-minutes"] <= 120


def test_every_action_names_its_version():
    actions = [step["uses"] for step in steps() if "uses" in step]
    assert actions
    assert [action for action in actions if not re.search(r"@v\d+$|^docker://\S+:\d+\.\d+\.\d+$", action)] == []


def test_commands_are_in_the_repository():
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [step["run"] for step in steps() if "run" in step]
    assert ".ci/run" in commands
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for command in commands:
        if command.startswith("make "):
            assert set(command.split()[1:]) <= goals


def test_workflows_use_the_python_of_the_pins():
    versions = [step["with"]["python-version"] for step in steps() if "setup-python" in step.get("uses", "")]
    assert set(versions) == {".".join(map(str, setup.PYTHON))}  # a string, because YAML reads the number 3.10 as 3.1


def test_oldest_and_newest_torch_are_tested():
    job = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["torch"]
    assert {torch_versions.requirement(ROOT, name) for name in job["strategy"]["matrix"]["torch"]} == {
        torch_versions.requirement(ROOT, "oldest"),
        "torch",
    }
    (tried,) = [step for step in job["steps"] if step.get("run") == "make test-torch"]
    assert tried["env"]["TORCH"] == "${{ matrix.torch }}"
    asked = subprocess.run(
        ["make", "--dry-run", "test-torch"],
        cwd=ROOT,
        env={**os.environ, "TORCH": "oldest"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '-m authoring.upkeep.torch_versions "oldest"' in asked.stdout


def test_install_cache_depends_on_the_pin_files():
    paths = {step["with"]["cache-dependency-path"] for step in steps() if "setup-python" in step.get("uses", "")}
    (pattern,) = paths
    assert {path.name for path in ROOT.glob(pattern)} == {setup.LOCK, setup.TORCH}


def test_uploaded_logs_come_from_the_log_folder():
    kept = [step["with"]["path"] for step in steps() if step.get("with", {}).get("name") == "logs"]
    assert kept == ["_build/logs/"]
    assert '"_build" / "logs"' in (ROOT / "authoring" / "setup" / "make.py").read_text()


def test_only_the_deploy_job_has_write_permission():
    for path in WORKFLOWS:
        workflow = load(path)
        assert set(workflow["permissions"].values()) == {"read"}
        for name, job in workflow["jobs"].items():
            wanted = {"pages": "write", "id-token": "write"} if name == "deploy" else None
            assert job.get("permissions") == wanted, f"{path.name}: {name}"
    deploy = load(ROOT / ".github" / "workflows" / "book.yml")["jobs"]["deploy"]
    assert deploy["environment"]["url"] == "${{ steps.deployment.outputs.page_url }}"
    assert [step["id"] for step in deploy["steps"] if "deploy-pages" in step["uses"]] == ["deployment"]


def test_published_site_is_the_built_book():
    build = load(ROOT / ".github" / "workflows" / "book.yml")["jobs"]["build"]["steps"]
    (published,) = [step["with"]["path"] for step in build if "upload-pages-artifact" in step.get("uses", "")]
    assert published == "_build/html"


# --- the nightly run --------------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def history(*days_ago):
    """Return a fake GitHub API with runs that many days ago.

    In each run, `soak` passed and `corpus` failed.
    """
    runs = {n: (NOW - timedelta(days=ago)).isoformat() for n, ago in enumerate(days_ago)}

    def answer(path):
        if path.startswith(f"actions/workflows/{nightly.WORKFLOW}/runs"):
            return {"workflow_runs": [{"id": n} for n in runs]}
        if path.startswith("actions/runs/"):
            when = runs[int(path.split("/")[2])]
            ends = {"soak": "success", "corpus": "failure", "report": "success"}
            return {"jobs": [{"name": name, "conclusion": end, "completed_at": when} for name, end in ends.items()]}
        return {"created_at": "2026-01-01T00:00:00Z"}

    return answer


def test_nightly_jobs_cover_every_part_of_test_long():
    jobs = nightly.plan(ROOT)
    assert {part for job in jobs for part in job["parts"].split()} == {stage.name for stage in make.LONG}
    soaked = {path for job in jobs if job["parts"] == "soak" for path in ROOT.glob(job["chapters"])}
    assert soaked == {path for pattern in make.SOAKED for path in ROOT.glob(pattern)}
    assert len({job["name"] for job in jobs}) == len(jobs) <= 256  # GitHub's limit for a matrix
    for job in jobs:
        make.long_parts(ROOT, job["parts"].split(), job["chapters"].split())


def test_nightly_reports_when_each_part_last_passed():
    passed = nightly.last_passed(history(1, 2))
    assert passed == {"soak": NOW - timedelta(days=1), "corpus": None}
    assert "| soak | 2026-03-09 12:00 |" in nightly.table(passed)
    assert nightly.overdue(passed, NOW, timedelta(days=2)) == ["corpus"]


def test_stopped_nightly_run_is_overdue(capsys):
    assert nightly.overdue(nightly.last_passed(history(3)), NOW, timedelta(days=2)) == ["soak", "corpus"]
    assert nightly.overdue(nightly.last_passed(history()), NOW, timedelta(days=2)) == ["the whole workflow"]
    assert nightly.main(["--within", "2"], history()) == 1
    assert "::error" in capsys.readouterr().out


def test_workflow_created_today_is_not_overdue():
    assert nightly.is_new(lambda _: {"created_at": "2026-03-10T00:00:00Z"}, NOW, timedelta(days=2))
    assert not nightly.is_new(lambda _: {"created_at": "2026-03-01T00:00:00Z"}, NOW, timedelta(days=2))


def test_ci_fails_when_the_nightly_run_is_old():
    job = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["nightly"]
    (command,) = [step for step in job["steps"] if "run" in step]
    assert command["run"].startswith("python3 -m authoring.upkeep.nightly --within 2")
    assert command["shell"] == "bash"  # otherwise a pipe hides the exit status of the command before it
