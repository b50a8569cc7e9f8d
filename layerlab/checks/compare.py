"""Implement ``lab.compare``, the visible check: compare a result with the expected one, and explain the difference.

One message says what was expected, what the code returned, where the two first differ, and by how much. If the
evidence is complete, the message also gives the likely cause (`causes/likely.py`). In a notebook, a failed check stops
the cell and shows only that message. Under a grader, the failure is recorded and the cell continues. If the code is
still a stub, the message says only that it is not implemented yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerlab.checks.causes.likely import context_for, find_cause
from layerlab.checks.causes.tools import as_tensor
from layerlab.checks.student import UNFINISHED, Snapshot, is_function, outcome, snapshot
from layerlab.graded import observation
from layerlab.graded.tolerances import Tolerance
from layerlab.judging import notebook_words
from layerlab.judging.values import difference
from layerlab.judging.words import describe, put, thing

_IN_PLACE = (
    "Work on a new tensor: x = x + 1 instead of x += 1, relu(x) instead of relu_(x), x.clone() before x[...] = y."
)


class CheckFailed(AssertionError):
    """A visible check failed. IPython shows only the message, without a traceback through this package."""

    def _render_traceback_(self) -> list[str]:
        # IPython looks for this method before it formats an exception (IPython/core/interactiveshell.py).
        return [str(self)]


def compare(  # noqa: PLR0913, because notebooks call it with these names
    yours: Any,
    expected: Any,
    what: str = "output",
    *,
    rtol: float | None = None,
    atol: float | None = None,
    inputs: Any = None,
    picture: bool = False,
) -> bool:
    """Compare the result of a student's code with the expected value, and print what differs and why.

    The expected value is the specification: if it has a ``grad_fn``, your value must require grad; if it is an
    ``nn.Parameter``, your value must be an ``nn.Parameter``, too. Pass ``expected.detach()`` if only the values count.
    Tuples, lists, and ``torch.Size`` are equivalent. If a number is expected, Python numbers, NumPy numbers, and
    0-dimensional tensors are also equivalent.

    Args:
        yours: a value or, better, a function without arguments that returns the value, because `compare` can then
            report a stub or an exception in a sentence. A value is a tensor, array, number, string, or None, or a
            tuple, list or dict of these.
        expected: the expected value, or a function without arguments that returns it; this function is called before
            the student's code.
        what: the name of the compared value, with which the message begins.
        rtol: relative tolerance; the default depends on the dtype, see `TOLERANCES` in
            ``layerlab/graded/tolerances.py``.
        atol: absolute tolerance; the default also depends on the dtype.
        inputs: the inputs of the student's code (a tensor, or a tuple, list or dict of tensors); with these inputs,
            `compare` notices in-place changes and can name more causes.
        picture: whether to also draw the expected values, your values, and the difference.

    Returns:
        True if the values agree; False if they do not and a grader is running, or if the student's code is a stub.

    Raises:
        CheckFailed: in a notebook, if the values do not agree.
    """
    target = expected() if is_function(expected) else expected
    before = snapshot(inputs)
    got = outcome(yours)
    message = got.problem or _message(target, got.value, Tolerance(rtol, atol), before, what)
    if picture and not got.problem:
        _draw(target, got.value, what)
    passed = not message
    line = f"{what}: {message}" if message else f"{what}: as expected, {describe(target)}"
    observation.record_check(what, passed, line)
    if not passed and got.problem != UNFINISHED and not observation.is_graded():
        raise CheckFailed(line)
    print(line)
    return passed


def examples(checks: Callable[[], object]) -> None:
    """Call a function of visible checks at once, as its decorator, and bind its name to None.

    What the function assigns stays inside it, so that a check cell overwrites no name of the notebook. Exceptions pass
    unchanged: a failed `compare` shows only its message.
    """
    checks()


def _message(expected: Any, yours: Any, tolerance: Tolerance, before: Snapshot, what: str) -> str:
    """Return a message that says what is wrong with ``yours`` and what likely caused it; "" if nothing is wrong."""
    try:
        changed = before.changed()
        found = difference(expected, yours, tolerance)
    except Exception as error:  # inspecting a value may raise an error; report that
        return f"{thing(yours)} cannot be compared ({type(error).__name__})"
    if found is None and not changed:
        return ""
    if found is None:
        return f"as expected, {describe(expected)}, but your code changed what it was given ({changed}). {_IN_PLACE}"
    facts = _place(expected, found.path) + put(notebook_words.WORDS, found)
    try:
        context = context_for(found.expected, found.got, what, before.copies, changed, tolerance)
        cause = find_cause(found.expected, found.got, context)
    except Exception:  # if the search for causes fails on an unusual value, report the facts without a cause
        return facts
    return f"{facts}. Likely cause: {put(notebook_words.WORDS, cause)}" if cause else facts


def _place(value: Any, path: tuple[Any, ...]) -> str:
    """Return a location in a nested value, such as "weight: " or "item 1: "; "" at the top level."""
    if not path:
        return ""
    first = str(path[0]) if isinstance(value, dict) else f"item {path[0]}"
    return first + "".join(f"[{step!r}]" for step in path[1:]) + ": "


def _draw(expected: Any, yours: Any, what: str) -> None:
    """Draw the target, your values, and the difference, or print why that fails; never change the check's result."""
    if as_tensor(expected) is None or as_tensor(yours) is None:
        return
    try:
        from layerlab.figures import target_yours_difference  # Matplotlib is loaded only if a figure is requested

        target_yours_difference(as_tensor(expected), as_tensor(yours), what)
    except Exception as error:
        print(f"{what}: no figure ({type(error).__name__}: {error})")
