"""Convert a `Result` to and from JSON, for ``results.jsonl``, the ledger, and a Dask worker's answer."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from autograder.model import Check, ExerciseResult, Result, State, Told, Verdict


def sharing(result: Result) -> Result:
    """Intern a result's strings, because the results of a large class stay in memory; return the result."""
    parts: list[Any] = [part for one in result.exercises for part in (one, *one.verdicts, *one.checks)]
    for part in parts:
        for name in part.__slots__:
            if type(value := getattr(part, name)) is str:
                setattr(part, name, sys.intern(value))
    return result


def json_line(result: Result) -> str:
    """Return a result as one line of JSON, without its outputs or the plan of the cells that ran."""
    found = asdict(replace(result, outputs={}, plan=None))
    del found["outputs"], found["plan"]
    return json.dumps(found, ensure_ascii=True, sort_keys=True)


def read_results(path: Path) -> list[Result]:
    """Return the results in ``results.jsonl``, without outputs; raise the same errors as `result_from`."""
    return [result_from(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def result_from(found: dict) -> Result:
    """Return the result in one parsed line of ``results.jsonl``, or raise ValueError if it is not a result."""
    try:
        exercises = [_exercise(exercise) for exercise in found["exercises"]]
        return sharing(Result(**_known(Result, found) | {"state": State(found["state"]), "exercises": exercises}))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a result: {error}") from error


def _exercise(found: dict) -> ExerciseResult:
    """Return the result of one exercise from its parsed JSON; if it is none, raise an error of Python's own."""
    parts = {
        "state": State(found["state"]),
        "verdicts": [_verdict(verdict) for verdict in found["verdicts"]],
        "checks": [Check(**check) for check in found["checks"]],
    }
    return ExerciseResult(**_known(ExerciseResult, found) | parts)


def _verdict(found: dict) -> Verdict:
    told = found.get("told")
    return Verdict(**found | {"state": State(found["state"]), "told": Told(told) if told else None})


def _known(kind: type, found: dict) -> dict:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in found.items() if name in names}
