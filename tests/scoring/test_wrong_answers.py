"""Test the notebook's judges on 210 wrong answers by people who had only the student notebooks, in all chapters.

Each line of ``strangers.jsonl`` has an exercise, what is wrong, and the answer's source. Each differs from the
reference where the statement decides what is right. `pytest -s` prints the shares.
"""

import json
import multiprocessing
import signal
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from layerlab.scoring import exercise_file, run_claims
from layerlab.scoring.kernel_state import SUPPLIED
from layerlab.scoring.result import LostClaim, Scored, Stage, result

ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "strangers.jsonl").read_text("utf-8").splitlines()]
CALLED_RIGHT, EXPLAINED = 0.03, 0.60  # the largest share of answers, and the least of lost claims
SECONDS = 120  # for one answer


def scored(answer: dict[str, Any]) -> Scored:
    """Return the result of an answer in a notebook whose kernel is this process; call it in a process of its own."""
    signal.signal(signal.SIGALRM, _timed_out)
    signal.alarm(SECONDS)
    shell = InteractiveShell.instance()
    shell.push(SUPPLIED)
    shell.run_cell(answer["source"])
    exercise = exercise_file.read(answer["exercise"])
    return result(exercise, run_claims.run(exercise))


def _timed_out(number: int, frame: object) -> None:
    raise TimeoutError(f"an answer did not end within {SECONDS} s")


def is_explained(lost: LostClaim) -> bool:
    """Return whether a lost claim names the mistake, or has a likely cause."""
    return len(lost.reasons) > 1 or any("Likely cause" in reason for reason in lost.reasons)


@pytest.mark.long
def test_notebook_catches_wrong_answers_of_strangers_and_says_why():
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        results = pool.map(scored, ANSWERS, chunksize=1)
    right = [answer for answer, one in zip(ANSWERS, results, strict=True) if one.stage is Stage.SOLVED]
    lost = [claim for one in results for claim in one.lost]
    named = sum(map(is_explained, lost))
    print(f"\n{len(right)} of {len(ANSWERS)} called right; {named} of {len(lost)} lost claims are explained")
    print(*(f"called right: {answer['exercise']}: {answer['what']}" for answer in right), sep="\n")
    assert {one.stage for one in results} <= {Stage.SOLVED, Stage.LOST, Stage.FORBIDDEN}
    assert len(right) <= CALLED_RIGHT * len(ANSWERS)
    assert named >= EXPLAINED * len(lost)
