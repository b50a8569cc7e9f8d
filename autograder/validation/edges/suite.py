"""Run an exercise's edge suite in one process: draw cases, call every right answer with each, and compare results."""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from torch import nn

import layerlab as lab
from autograder.model import TEST_KINDS, Told
from autograder.submissions.needed_cells import needed
from autograder.submissions.student_code import as_python
from autograder.texts.parser import syntax_tree
from autograder.texts.regions import solved
from autograder.validation.edges import domains
from autograder.validation.edges.edge_data import Answers, EdgeError, Found
from layerlab.graded import wire
from layerlab.graded.tolerances import TOLERANCES
from layerlab.judging import feedback_words, notebook_words
from layerlab.judging.values import close
from layerlab.judging.words import put

EXAMPLES = 100
SHRINK_SECONDS = 5.0  # to find the smallest case of one disagreement
SHOWN = 300  # characters of a case, and of a value in it
REFERENCE = "the reference"
SUPPLIED = {"lab": lab, "torch": torch, "nn": nn, "F": F, "np": np, "plt": plt, "math": math}  # as under the grader


class _Disagreement(Exception):
    """A case in which ``answer`` disagrees with the reference, or in which the reference itself raises an error."""

    def __init__(self, answer: str, why: str) -> None:
        super().__init__(why)
        self.answer, self.why = answer, why


@dataclass
class _Entry:
    """The settings that an executed `### edges` entry declares."""

    arguments: dict[str, st.SearchStrategy]
    examples: int
    options: dict[str, Any]  # of the judge
    raises: tuple[type[BaseException], ...]
    without: Mapping[str, str]


def search(answers: Answers) -> Found:
    """Return how many cases were drawn and where answers disagree; give the smallest case of each disagreement."""
    begin, found = time.monotonic(), Found(answers.exercise)
    names = _executed(answers)
    runs = {REFERENCE: _run(names, answers.reference, answers)}
    entry = _entry(runs[REFERENCE], answers)
    offered = dict(answers.others)
    if unknown := entry.without.keys() - offered.keys():
        raise EdgeError(f"`without` names {sorted(unknown)[0]!r}; there are: {', '.join(offered)}")
    runs |= {label: _run(names, source, answers) for label, source in offered.items() if label not in entry.without}
    found.answers = len(runs) - 1
    while runs:
        compared = _Comparison(entry, runs)
        disagreement = compared.first_disagreement()
        found.drawn = max(found.drawn, compared.drawn)
        if disagreement is None:
            break
        found.disagreements.append(f"{disagreement.answer}: {disagreement.why}; the smallest case: {compared.case}")
        if disagreement.answer == REFERENCE:
            break
        del runs[disagreement.answer]
    found.seconds = time.monotonic() - begin
    return found


def _executed(answers: Answers) -> dict[str, Any]:
    """Run the chapter's own cells that the exercise needs, and return the names that they bind."""
    names: dict[str, Any] = {"__name__": "__main__"} | SUPPLIED
    for cell in needed(answers.cells, of={answers.exercise}):
        if cell.kind not in TEST_KINDS and cell.exercise != answers.exercise:
            exec(compile(as_python(solved(cell.source)) or "", "<chapter>", "exec"), names)
    return names


def _run(names: Mapping[str, Any], source: str, answers: Answers) -> dict[str, Any]:
    """Run one answer and then the `### edges` entry, and return the names they bind, including the entry's `run`."""
    own = dict(names)
    exec(compile(source, "<answer>", "exec"), own)
    bound = own | domains.NAMES  # a new namespace, so that the answer's own functions still see the original names
    try:
        exec(compile(syntax_tree(answers.entry), "<edges>", "exec"), bound)
    except Exception as error:
        raise EdgeError(f"the entry raises {type(error).__name__}: {error}") from None
    return bound


def _entry(bound: Mapping[str, Any], answers: Answers) -> _Entry:
    run = bound.get("run")
    if not callable(run):
        raise EdgeError("the entry defines no function `run`")
    wanted = run.__code__.co_varnames[: run.__code__.co_argcount]
    arguments: dict[str, st.SearchStrategy] = {}
    for name in wanted:
        domain = bound.get(name)
        if not isinstance(domain, st.SearchStrategy):
            raise EdgeError(f"`run` takes {name!r}, and no domain of that name is declared")
        arguments[name] = domain
    options = {"rtol": bound["tolerance"]} if "tolerance" in bound else {}
    examples = answers.examples or bound.get("examples", EXAMPLES)
    return _Entry(arguments, examples, options, tuple(bound.get("raises", ())), bound.get("without", {}))


class _Comparison:
    """A search for a case in which an answer differs from the reference; ``case`` is the smallest case found."""

    def __init__(self, entry: _Entry, runs: Mapping[str, Mapping[str, Any]]) -> None:
        self.entry, self.runs = entry, runs
        self.drawn, self.case = 0, ""
        self._found: _Disagreement | None = None
        self._stop_at = float("inf")

    def first_disagreement(self) -> _Disagreement | None:
        """Return the first disagreement, or None if the answers agree in all cases."""
        drawing = settings(
            max_examples=self.entry.examples, derandomize=True, database=None, deadline=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), print_blob=False,
        )  # fmt: skip
        try:
            drawing(given(st.fixed_dictionaries(self.entry.arguments))(self._try))()
        except Exception:  # Hypothesis reports the failure, or that the case no longer fails because time is up
            if self._found is None:
                raise
        return self._found

    def _try(self, case: dict[str, Any]) -> None:
        if self._found is None:
            self.drawn += 1
        elif time.monotonic() > self._stop_at:
            return
        try:
            self._compare(case)
        except _Disagreement as found:
            if self._found is None:
                self._stop_at = time.monotonic() + SHRINK_SECONDS
            self._found, self.case = found, _shown(case)
            raise

    def _compare(self, case: dict[str, Any]) -> None:
        expected = self._outcome(REFERENCE, case)
        for label in self.runs:
            if label == REFERENCE:
                continue
            got = self._outcome(label, case)
            if difference := _difference(expected, got, self.entry.options):
                raise _Disagreement(label, difference)

    def _outcome(self, label: str, case: dict[str, Any]) -> Any:
        """Call an answer, and return its result and its arguments after the call, decoded as the grader sees them."""
        own = copy.deepcopy(case)
        random.seed(0)
        np.random.seed(0)
        torch.default_generator.manual_seed(0)  # torch.manual_seed also tries every GPU, a third of a search's time
        try:
            result = self.runs[label]["run"](**own)
        except self.entry.raises:
            return {"raises": True}
        except Exception as error:
            called = error.__traceback__.tb_next if error.__traceback__ else None
            line = called.tb_lineno if called else 0
            why = f"raises {type(error).__name__}: {str(error)[:SHOWN]} (line {line} of the entry)"
            raise _Disagreement(label, why) from None
        return wire.decode(wire.encode(_plain({"returned": result, "afterward": own})))


def _plain(value: Any) -> Any:
    """Return ``value`` in a form that the grader can encode: modules as their state, other objects as their type."""
    if isinstance(value, nn.Module):
        return _plain(domains.state(value))
    if isinstance(value, torch.Tensor):
        return torch.empty(0) if nn.parameter.is_lazy(value) else value.detach().clone()
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, dict):
        return {key if isinstance(key, str | int) else str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | float | complex | str | torch.dtype | np.ndarray | np.generic):
        return value
    return f"a {type(value).__name__}"


def _difference(expected: Any, got: Any, options: dict[str, Any]) -> str:
    """Return where and how two outcomes differ, or ""; tolerances scale with a tensor's largest finite value."""
    for path, one, other in wire.pairs(expected, got):
        scale = {"atol": _absolute(one)} if isinstance(one, wire.Array) else {}
        if not wire.have_same_parts(one, other) and (miss := close((one,), (other,), scale | options)):
            is_value = feedback_words.told(miss) is Told.VALUES
            detail = f" ({put(notebook_words.WORDS, miss)})" if is_value else ""
            return f"{''.join(f'[{step!r}]' for step in path)} {put(feedback_words.WORDS, miss)}{detail}"
    return ""


def _absolute(expected: wire.Array) -> float:
    least = TOLERANCES.get(expected.dtype.split()[0], TOLERANCES["float32"])[1]
    if expected.data.dtype.kind not in "fc":
        return least
    finite = np.abs(expected.data[np.isfinite(expected.data)])
    return least * max(1.0, float(finite.max(initial=0.0)))


def _shown(case: Mapping[str, Any]) -> str:
    """Return a case as one line of text, with enough detail to recreate it in Python."""
    return ", ".join(f"{name} = {_as_text(value)}" for name, value in case.items())


def _as_text(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        stored = "" if value.is_contiguous() else f", strides {value.stride()}"
        what = f"{value.tolist()} ({str(value.dtype).removeprefix('torch.')}, shape {tuple(value.shape)}{stored})"
    else:
        what = " ".join(repr(value).split())
    return what if len(what) <= SHOWN else f"{what[:SHOWN]}…"
