"""Plan the jobs of the nightly GitHub workflow, and report when each last passed: `python -m authoring.upkeep.nightly`.

It uses only the standard library, and `gh` with a token, because it runs before anything is installed. The report is a
Markdown table for the job summary.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from authoring.setup.make import LONG, SOAKED

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = "nightly.yml"
RUNS = 14  # number of runs to read
OTHERS = ("plan", "report")  # jobs of the workflow that are not parts
ON_PAGES = ("browser", "leaks")  # parts that test a built book

Ask = Callable[[str], Any]


def plan(root: Path) -> list[dict[str, str]]:
    """Return the workflow's jobs: one for each part of `make test-long`, except that the soak has one per chapter."""
    alone = [stage.name for stage in LONG if stage.name not in ("book", "soak")]
    jobs = [{"name": part, "parts": f"book {part}" if part in ON_PAGES else part, "chapters": ""} for part in alone]
    first, *others = SOAKED
    chapters = sorted(str(path.relative_to(root)) for path in root.glob(first))
    return jobs + [{"name": f"soak {about}", "parts": "soak", "chapters": about} for about in (*chapters, *others)]


def ask(path: str) -> Any:
    """Return the GitHub API's answer at a path relative to the repository."""
    command = ["gh", "api", f"repos/{os.environ['GITHUB_REPOSITORY']}/{path}"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def last_passed(answer: Ask) -> dict[str, datetime | None]:
    """Return when each job last passed; None if it passed in none of the last `RUNS` runs."""
    passed: dict[str, datetime | None] = {}
    for run in answer(f"actions/workflows/{WORKFLOW}/runs?per_page={RUNS}")["workflow_runs"]:
        for job in answer(f"actions/runs/{run['id']}/jobs?per_page=100")["jobs"]:
            if job["name"] in OTHERS:
                continue
            passed.setdefault(job["name"], None)
            if passed[job["name"]] is None and job["conclusion"] == "success":
                passed[job["name"]] = _time(job["completed_at"])
    return passed


def overdue(passed: dict[str, datetime | None], now: datetime, within: timedelta) -> list[str]:
    """Return the jobs whose last success is older than ``within``, or "the whole workflow" if nothing ever ran."""
    if not passed:
        return ["the whole workflow"]
    return [name for name, when in passed.items() if when is None or now - when > within]


def table(passed: dict[str, datetime | None]) -> str:
    """Return a Markdown table with a row for each job."""
    rows = [f"| {name} | {when:%Y-%m-%d %H:%M} |" if when else f"| {name} | not in {RUNS} runs |"
            for name, when in sorted(passed.items())]  # fmt: skip
    return "\n".join(["| part | last passed (UTC) |", "|---|---|", *rows])


def is_new(answer: Ask, now: datetime, within: timedelta) -> bool:
    """Return whether the workflow is younger than ``within``, so that its jobs cannot be overdue."""
    return now - _time(answer(f"actions/workflows/{WORKFLOW}")["created_at"]) <= within


def main(arguments: Sequence[str], answer: Ask = ask) -> int:
    """Print the table (or, with ``--plan``, the jobs); return 1 if a job is overdue, else 0."""
    parser = argparse.ArgumentParser(prog="python -m authoring.upkeep.nightly", description=__doc__)
    parser.add_argument("--within", type=float, metavar="DAYS", help="fail if a part has not passed for this many days")
    parser.add_argument("--plan", action="store_true", help="print the jobs as JSON instead")
    options = parser.parse_args(arguments)
    if options.plan:
        print(json.dumps(plan(ROOT)))
        return 0
    within = options.within
    passed, now = last_passed(answer), datetime.now(UTC)
    print(table(passed))
    if within is None or is_new(answer, now, timedelta(days=within)):
        return 0
    late = overdue(passed, now, timedelta(days=within))
    for name in late:
        print(f"::error title=Nightly::{name} has not passed within {within:g} days")
    return int(bool(late))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
