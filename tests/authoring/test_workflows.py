"""Test that the GitHub workflow files match the schema and name only what exists in the repository.

actionlint checks the inputs of actions. CI always runs actionlint, and `make lint` runs it if it is installed.
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
from authoring.upkeep import nightly, release_notes, torch_versions
from autograder.practicing import WHOLE_BOOK
from tests.root import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ISSUE_FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").iterdir())


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def workflow(name):
    return load(GITHUB / "workflows" / f"{name}.yml")


def steps():
    return [step for path in WORKFLOWS for job in load(path)["jobs"].values() for step in job["steps"]]


def check_schema(*paths, schema="github-workflows"):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    command += ["--default-filetype", "yaml", *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_workflow_file_matches_the_schema():
    assert {path.name for path in WORKFLOWS} == {"book.yml", "ci.yml", "nightly.yml", "release.yml", "student.yml"}
    done = check_schema(*WORKFLOWS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_need_existing_jobs_and_have_timeouts(path):
    jobs = load(path)["jobs"]
    for name, job in jobs.items():
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= set(jobs) - {name}
        assert 0 < job["timeout-minutes"] <= 120


def test_every_action_is_pinned_by_commit():
    used = [action for path in WORKFLOWS for action in re.findall("uses: *(.*)", path.read_text(encoding="utf-8"))]
    assert len(used) == len([step for step in steps() if "uses" in step]) > 10
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []
    commits = {tuple(re.split("[@ ]", action)[::3]) for action in used}
    assert len(commits) == len({name for name, _ in commits}), "one action in two versions"


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        *((f"github-issue-{'config' if path.stem == 'config' else 'forms'}", path) for path in ISSUE_FORMS),
        ("dependabot", GITHUB / "dependabot.yml"),
        ("citation-file-format", ROOT / "CITATION.cff"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_files_for_github_match_their_schemas(tmp_path, schema, path):
    done = check_schema(path, schema=schema)
    assert done.returncode == 0, done.stdout + done.stderr
    needed = re.compile(r"^(body|blank_issues_enabled|version|title):", re.MULTILINE)
    wrong = tmp_path / path.name
    wrong.write_text(needed.sub(r"x\1:", path.read_text(encoding="utf-8")))
    assert check_schema(wrong, schema=schema).returncode != 0


def test_commands_are_in_the_repository():
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [step["run"] for step in steps() if "run" in step]
    assert ".ci/run" in commands
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert lines == ["make test"]
    for command in commands:
        if command.startswith("make "):
            assert set(command.split()[1:]) <= goals


def test_workflows_use_the_python_of_the_pins():
    versions = [step["with"]["python-version"] for step in steps() if "setup-python" in step.get("uses", "")]
    assert set(versions) == {".".join(map(str, setup.PYTHON))}  # a string, because YAML reads the number 3.10 as 3.1


def test_oldest_and_newest_torch_are_tested():
    job = workflow("ci")["jobs"]["torch"]
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


def test_published_site_is_the_built_book():
    build = workflow("book")["jobs"]["build"]["steps"]
    (published,) = [step["with"]["path"] for step in build if "upload-pages-artifact" in step.get("uses", "")]
    assert published == "_build/html"
    (copied,) = [step["run"].split() for step in build if step.get("run", "").startswith("cp ")]
    assert copied == ["cp", f"_build/{WHOLE_BOOK}.pdf", f"_build/{WHOLE_BOOK}.zip", "_build/html/"]


@pytest.mark.parametrize(("name", "job"), [("book", "build"), ("student", "push")])
def test_publishing_starts_only_after_ci_passed(name, job):
    published = workflow(name)
    start = {"workflows": [workflow("ci")["name"]], "types": ["completed"], "branches": ["main"]}
    assert published[True] == {"workflow_run": start}  # YAML reads the key "on" as true
    first, run = published["jobs"][job], "github.event.workflow_run"
    assert first["if"] == f"{run}.conclusion == 'success' && {run}.event == 'push'"
    assert first["steps"][0]["with"]["ref"] == f"${{{{ {run}.head_sha }}}}"
    assert all(other["needs"] == job for other in published["jobs"].values() if other is not first)


# --- a release --------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    """Return a project whose version 1.2.3 is ready to be released."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n- New.\n\n## [1.2.2]\n\n- Old.\n"
    )
    return tmp_path


def test_tag_of_the_version_prints_its_notes(project, capsys):
    assert release_notes.main(["v1.2.3"], project) == 0
    assert capsys.readouterr().out == "- New.\n"


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", "v1.2", "v1.2.3rc1", "v1.2.2"])
def test_tag_of_another_version_is_refused(project, capsys, tag):
    assert release_notes.main([tag], project) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"the tag is {tag}, but pyproject.toml has version 1.2.3: tag v1.2.3" in said.err


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[Unreleased]\n", "[Unreleased]\n\n- Forgotten.\n", "has entries under [Unreleased]: move them under [1.2.3]"),
        ("- New.", "", "says nothing under [1.2.3]"),
        ("[1.2.3]", "[1.2.1]", "says nothing under [1.2.3]"),
    ],
)
def test_release_without_notes_is_refused(project, capsys, before, after, said):
    changes = project / "CHANGELOG.md"
    changes.write_text(changes.read_text().replace(before, after))
    assert release_notes.main(["v1.2.3"], project) == 1
    assert said in capsys.readouterr().err


def test_release_checks_the_tag_before_anything_else():
    released = workflow("release")
    assert released[True] == {"push": {"tags": ["v*"]}}
    _, check, *_ = released["jobs"]["build"]["steps"]
    assert 'authoring.upkeep.release_notes "$GITHUB_REF_NAME"' in check["run"]
    assert check["shell"] == "bash"  # otherwise a pipe hides the exit status of the command before it


def test_release_attaches_wheel_pdf_and_zip():
    jobs = workflow("release")["jobs"]
    kept = jobs["build"]["steps"][-1]["with"]["path"].split()
    assert kept == ["_build/notes.md", "_build/wheel/*.whl", f"_build/{WHOLE_BOOK}.pdf", f"_build/{WHOLE_BOOK}.zip"]
    publish = jobs["publish"]["steps"][-1]["run"]
    assert all(path.replace("_build", "release") in publish.split() for path in kept)


# --- the student copy -------------------------------------------------------------------------------------------------


def test_student_branch_gets_each_copy_and_nothing_else(tmp_path):
    """Run the workflow's own scripts twice: before the branch exists, and after the copy has changed."""
    job = workflow("student")["jobs"]["push"]
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


# --- the nightly run --------------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def history(*days_ago):
    """Return a fake GitHub API that lists a run for each of these numbers of days ago.

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


def test_nightly_runs_namespaces_as_root():
    jobs = workflow("nightly")["jobs"]
    (command,) = [step["run"] for step in jobs["machines"]["steps"] if "pytest" in step.get("run", "")]
    assert command.startswith("sudo env CI=true ")  # elsewhere, this test may skip
    (path,) = re.findall(r"tests/\S+", command)
    assert (ROOT / path).is_file()
    assert "machines" in jobs["report"]["needs"]


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
    job = workflow("ci")["jobs"]["nightly"]
    (command,) = [step for step in job["steps"] if "run" in step]
    assert command["run"].startswith("python3 -m authoring.upkeep.nightly --within 2")
    assert command["shell"] == "bash"  # otherwise a pipe hides the exit status of the command before it
