"""Run commands in a room: a mount namespace where a test can have small disks and read-only folders.

Inside the room, this module runs as a script, ``unshare -rm python tests/sandbox/room.py STEPS``, where STEPS is a JSON
list of commands. A command that begins with "grade" is run by the grader; every other command must succeed.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def is_allowed() -> bool:
    """Return whether this host allows ordinary users to mount in their own namespaces."""
    return sys.platform == "linux" and subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0


def play(*steps: list[str], as_root: bool = False) -> list[tuple[int, str]]:
    """Run steps one after another in a room, as the host's root if asked; return status and output of each grading."""
    done = subprocess.run(
        ["unshare", "-m" if as_root else "-rm", sys.executable, __file__, json.dumps(steps)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [(status, " ".join(said.split())) for status, said in json.loads(done.stdout.splitlines()[-1])]


def main(steps: list[list[str]]) -> None:
    sys.path.insert(0, str(ROOT))
    from click.testing import CliRunner

    from autograder.cli import main as grader

    found = []
    for step in steps:
        if step[0] == "grade":
            done = CliRunner().invoke(grader, step, env={"COLUMNS": "500"})
            found.append((done.exit_code, done.output + (repr(done.exception) if done.exception else "")))
        else:
            subprocess.run(step, check=True, stdout=subprocess.DEVNULL)
    print(json.dumps(found))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
