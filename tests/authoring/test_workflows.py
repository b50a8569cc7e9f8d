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
    assert {path.name for path in WORKFLOWS} == {"book.yml", "ci.yml", "nightly.yml", "student.yml"}
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


WRITES = {"deploy": {"pages": "write", "id-token": "write"}, "push": {"contents": "write"}}


def test_only_deploy_and_push_have_write_permission():
    for path in WORKFLOWS:
        workflow = load(path)
        assert set(workflow["permissions"].values()) == {"read"}
        for name, job in workflow["jobs"].items():
            assert job.get("permissions") == WRITES.get(name), f"{path.name}: {name}"
    deploy = load(ROOT / ".github" / "workflows" / "book.yml")["jobs"]["deploy"]
    assert deploy["environment"]["url"] == "${{ steps.deployment.outputs.page_url }}"
    assert [step["id"] for step in deploy["steps"] if "deploy-pages" in step["uses"]] == ["deployment"]


def test_published_site_is_the_built_book():
    build = load(ROOT / ".github" / "workflows" / "book.yml")["jobs"]["build"]["steps"]
    (published,) = [step["with"]["path"] for step in build if "upload-pages-artifact" in step.get("uses", "")]
    assert published == "_build/html"


# --- the student copy -------------------------------------------------------------------------------------------------


def test_student_branch_gets_each_copy_and_nothing_else(tmp_path):
    """Run the workflow's own scripts twice: before the branch exists, and after the copy changed."""
    job = load(ROOT / ".github" / "workflows" / "student.yml")["jobs"]["push"]
    scripts = {step["name"]: step["run"] for step in job["steps"] if "name" in step}
    assert {"run": "make student-copy", **job["steps"][3]} == job["steps"][3]
    origin, env = tmp_path / "origin", {**os.environ, "COMMIT": "0123abc", "GIT_CONFIG_GLOBAL": os.devnull}
    identity = ("-c", "user.name=someone", "-c", "user.email=someone@localhost")

    def bash(script, folder):
        subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=env, check=True, capture_output=True)

    def git(*arguments, folder=origin):
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout

    origin.mkdir()
    git("init", "--quiet", "--initial-branch", "main")
    (origin / "solution.py").write_text("the answer")
    git("add", "--all")
    git("commit", "--quiet", "--message", "all of it")
    for count, content in enumerate(("first", "second", "second"), start=1):
        clone = tmp_path / str(count)
        git("clone", "--quiet", "--branch", "main", origin.as_uri(), str(clone), folder=tmp_path)
        bash(scripts["earlier"], clone)
        assert [path.name for path in (clone / "_build" / "student").iterdir()] == [".git"] + ["notebook"] * (count > 1)
        (clone / "_build" / "student" / "notebook").write_text(content)
        bash(scripts["push"], clone / "_build" / "student")
        assert git("ls-tree", "-r", "--name-only", "student").split() == ["notebook"]
        assert git("show", "student:notebook") == content
        assert len(git("log", "--format=%s", "student").splitlines()) == min(count, 2)
    assert "the answer" not in git("log", "--patch", "student")


def test_student_copy_waits_for_ci():
    workflow = load(ROOT / ".github" / "workflows" / "student.yml")
    ran = workflow[True]["workflow_run"]  # YAML reads the key `on` as true
    assert ran["workflows"] == [load(ROOT / ".github" / "workflows" / "ci.yml")["name"]]
    assert ran["branches"] == ["main"]
    assert "conclusion == 'success'" in workflow["jobs"]["push"]["if"]


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
