"""Test the GitHub workflow files: their shape, and what GitHub and actionlint, which CI runs, cannot check."""

import os
import re
import shlex
import subprocess

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from authoring.setup import install as setup
from authoring.setup import make
from tests.root import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").iterdir())
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-issue-forms": [path for path in FORMS if path.stem != "config"],
    "github-issue-config": [path for path in FORMS if path.stem == "config"],
    "dependabot": [GITHUB / "dependabot.yml"],
    "citation-file-format": [ROOT / "CITATION.cff"],
}


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def workflow(name):
    return load(GITHUB / "workflows" / f"{name}.yml")


def steps():
    return [step for path in WORKFLOWS for job in load(path)["jobs"].values() for step in job["steps"]]


def shell(script, folder, **variables):
    """Run a step's script as GitHub does, without the machine's settings for git."""
    env = {**os.environ, **variables, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_for_github_match_their_schema(schema):
    options = ["--builtin-schema", f"vendor.{schema}", "--default-filetype", "yaml"]
    done = CliRunner().invoke(check_jsonschema, [*options, *map(str, SCHEMAS[schema])])
    assert done.exit_code == 0, done.output


def test_every_action_is_pinned_by_commit():
    used = [action for path in WORKFLOWS for action in re.findall("uses: *(.*)", path.read_text(encoding="utf-8"))]
    assert len(used) == len([step for step in steps() if "uses" in step]) > 10
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []


def test_commands_are_in_the_repository():
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [step["run"] for step in steps() if "run" in step]
    assert ".ci/run" in commands
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text()
    assert {goal for run in commands if run.startswith("make ") for goal in run.split()[1:]} <= goals
    assert all((ROOT / path).is_file() for run in commands for path in re.findall(r"tests/\S+", run))


def test_workflows_use_the_pythons_of_the_pins():
    oldest, newest = (".".join(map(str, limit)) for limit in (setup.OLDEST, setup.NEWEST))
    assert workflow("ci")["jobs"]["test"]["strategy"]["matrix"] == {"python": [oldest, newest]}
    versions = [step["with"]["python-version"] for step in steps() if "setup-python" in step.get("uses", "")]
    assert set(versions) == {oldest, "${{ matrix.python }}"}  # strings, because YAML reads the number 3.10 as 3.1


PROMISED = re.search(r'"torch>=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]


@pytest.mark.parametrize(
    ("wanted", "asked"), [("oldest", f'"torch=={PROMISED}"'), ("newest", '"torch"'), ("2.7.1", '"torch==2.7.1"')]
)
def test_another_torch_is_asked_for_by_its_promised_bound(wanted, asked):
    lines = shell("make --dry-run test-torch", ROOT, TORCH=wanted).stdout.replace("\\\n", "").splitlines()
    (install,) = [line.split() for line in lines if " install " in line]
    assert install[-1] == asked


def test_nightly_run_has_every_long_part():
    parts = workflow("nightly")["jobs"]["long"]["strategy"]["matrix"]["parts"]
    assert {name for part in parts for name in part.split()} == {stage.name for stage in make.LONG}


MAY_WRITE = {
    "book.yml deploy": {"pages": "write", "id-token": "write"},
    "release.yml publish": {"contents": "write"},
    "student.yml push": {"contents": "write"},
}


def test_only_publishing_jobs_have_write_permission():
    for path in WORKFLOWS:
        whole = load(path)
        assert set(whole["permissions"].values()) == {"read"}
        for name, job in whole["jobs"].items():
            assert job.get("permissions") == MAY_WRITE.get(f"{path.name} {name}"), f"{path.name}: {name}"
    deploy = workflow("book")["jobs"]["deploy"]
    assert deploy["environment"]["url"] == "${{ steps.deployment.outputs.page_url }}"
    assert [step["id"] for step in deploy["steps"] if "deploy-pages" in step["uses"]] == ["deployment"]


@pytest.mark.parametrize(("name", "job"), [("book", "build"), ("student", "push")])
def test_publishing_starts_only_after_ci_passed(name, job):
    published = workflow(name)
    start = {"workflows": [workflow("ci")["name"]], "types": ["completed"], "branches": ["main"]}
    assert published[True] == {"workflow_run": start}  # YAML reads the key "on" as true
    first, run = published["jobs"][job], "github.event.workflow_run"
    assert first["if"] == f"{run}.conclusion == 'success' && {run}.event == 'push'"
    assert first["steps"][0]["with"]["ref"] == f"${{{{ {run}.head_sha }}}}"
    assert all(other["needs"] == job for other in published["jobs"].values() if other is not first)


@pytest.mark.parametrize(
    ("tag", "changes", "printed"),
    [
        ("v1.2.3", "## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n- New.\n\n## [1.2.2]\n\n- Old.\n", "- New."),
        ("v1.2.2", "## [Unreleased]\n\n## [1.2.3]\n\n- New.\n\n## [1.2.2]\n\n- Old.\n", ""),
        ("v1.2.3", "## [Unreleased]\n\n- Forgotten.\n\n## [1.2.3]\n\n- New.\n", ""),
        ("v1.2.3", "## [Unreleased]\n\n## [1.2.3]\n\n## [1.2.2]\n\n- Old.\n", ""),
    ],
)
def test_release_has_the_notes_of_its_version(tmp_path, tag, changes, printed):
    _, notes, *_ = workflow("release")["jobs"]["build"]["steps"]
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{changes}")
    done = shell(notes["run"], tmp_path, GITHUB_REF_NAME=tag)
    assert (done.returncode == 0) == bool(printed), done.stdout
    assert ("::error::" in done.stdout) == (not printed)
    assert not printed or (tmp_path / "_build" / "notes.md").read_text().strip() == printed


def test_student_branch_gets_each_copy_and_nothing_else(tmp_path):
    """Run the workflow's own scripts twice: before the branch exists, and after the copy has changed."""
    job = workflow("student")["jobs"]["push"]
    scripts = {step["name"]: step["run"] for step in job["steps"] if "name" in step}
    assert {"run": "make student-copy", **job["steps"][3]} == job["steps"][3]
    origin = tmp_path / "origin"
    identity = ("-c", "user.name=someone", "-c", "user.email=someone@localhost")

    def bash(script, folder):
        done = shell(script, folder, COMMIT="0123abc")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def git(*arguments, folder=origin):
        return bash(shlex.join(["git", *identity, *arguments]), folder)

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
