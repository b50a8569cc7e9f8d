"""Read a child's messages into a `Run` without trusting them, because they come from a student's process."""

from __future__ import annotations

import json
from typing import Any

from autograder.model import CellRun, Check, Run, State
from autograder.plain import plain
from autograder.sandbox.driver import notes
from layerlab.checks.causes.errors import without_advice
from layerlab.graded import wire
from layerlab.graded.observation import MAX_LINES
from layerlab.judging.claim_model import ClaimRun, Observed

Event = tuple[dict[str, Any], bytes]
MAX_OUTPUTS = 8 * 2**20  # bytes per cell; the child sends at most an eighth of that, which may grow sixfold as JSON
MAX_DEPTH = 60  # levels of lists and dicts in an output, because code that writes them later recurses
MAX_ITEMS = 1_000  # outputs per cell: prints that alternate between two streams make one output each
MAX_NAME = 200  # characters in the name of a claim, a label or a check
MAX_CHECKS = 500
MAX_CLAIMS = 500  # opened by one submission
MAX_OBSERVED = 2_000  # observations in one claim, and values drawn in it
MAX_SEEN = 64 * 2**10  # bytes of an observation worth remembering: decoding a larger one is mostly copying


class Seen:
    """A cache of the reference's decoded observations by their bytes, which most submissions repeat exactly."""

    def __init__(self) -> None:
        self._values: dict[bytes, Any] = {}
        self.is_closed = False  # once closed, it stores nothing more: students' values are not kept

    def read(self, payload: bytes) -> Any:
        """Return a decoded observation, or raise WireError."""
        found = self._values.get(payload)
        if found is None:
            found = wire.decode(payload)
            if not self.is_closed and len(payload) <= MAX_SEEN:
                self._values[payload] = found
        return found


class EventReader:
    """A reader that adds messages to a `Run`, one at a time."""

    def __init__(self, run: Run, kinds: dict[str, tuple[str, str]], seen: Seen | None = None) -> None:
        self.run = run
        self._kinds = kinds  # cell id -> (kind, exercise), from the plan, not from the child
        self._read = wire.decode if seen is None else seen.read
        self._places = {cell_id: place for place, cell_id in enumerate(kinds)}
        self._claim: ClaimRun | None = None
        self._claim_began = 0.0
        self.cell: CellRun | None = None
        self._cell_began = self._cell_worked = self._cell_forked = 0.0
        self._last = -1  # position of the cell that began last, because cells must begin in the plan's order
        self.ended = False

    def add(self, header: dict[str, Any], payload: bytes, now: float) -> None:
        """Add a message that arrived at ``now`` (seconds), or drop it if it is invalid."""
        handler = getattr(self, f"_on_{header['kind']}", None)
        if handler is None:
            return
        try:
            handler(header, payload, now)
        except (wire.WireError, RecursionError) as error:  # RecursionError: a header nested too deeply to print
            if self._claim is not None:
                self._claim.malformed = f"{header['kind']}: {error}"[:500]

    def stop(self, state: State, now: float) -> CellRun | None:
        """Record that the process ended, and return the cell in which it ended, if any."""
        if self._claim is not None:
            self._claim.stop = state
            self._claim.seconds = now - self._claim_began
        if self.cell is not None:
            self.cell.stop = state
            self.cell.seconds = now - self._cell_began
        return self.cell

    def _on_cell(self, header: dict[str, Any], _: bytes, now: float) -> None:
        cell_id = str(header.get("id"))
        if self._places.get(cell_id, -1) > self._last:
            self._last = self._places[cell_id]
            kind, exercise = self._kinds[cell_id]
            self.cell, self._cell_began = CellRun(cell_id, exercise, kind), now
            self._cell_worked, self._cell_forked = _seconds(header.get("worked")), _seconds(header.get("forked"))
            self.run.cells.append(self.cell)

    def _on_cell_end(self, header: dict[str, Any], payload: bytes, now: float) -> None:
        if self.cell is None or header.get("id") != self.cell.id:
            return
        self.cell.seconds = now - self._cell_began
        self.cell.cpu_seconds = max(0.0, _seconds(header.get("worked")) - self._cell_worked)
        self.cell.forked_seconds = max(0.0, _seconds(header.get("forked")) - self._cell_forked)
        self.cell.error = _text(header.get("error"))
        self.cell.error_type = _text(header.get("error_type"))
        self.cell.lines = _lines(header.get("lines"))
        self.cell.outputs = _outputs(payload)
        self.cell = None

    def _on_claim(self, header: dict[str, Any], _: bytes, now: float) -> None:
        points = header.get("points")
        if len(self.run.claims) >= MAX_CLAIMS:
            return
        claim = ClaimRun(
            exercise=_name(header.get("exercise")),
            name=_name(header.get("claim")),
            points=points if isinstance(points, int) else 0,
        )
        kind, exercise = self._kinds.get(self.cell.id if self.cell else "", ("", ""))
        if kind and (kind, exercise) != ("hidden", claim.exercise):
            claim.malformed = "the claim was opened outside its test"
        if self.run.claim(claim.exercise, claim.name) is not None:
            claim.malformed = "the claim was opened twice"
        self._claim, self._claim_began = claim, now
        self.run.claims.append(claim)

    def _on_observe(self, header: dict[str, Any], payload: bytes, _: float) -> None:
        if self._claim is None:
            return
        if len(self._claim.observed) >= MAX_OBSERVED:
            self._claim.malformed = f"more than {MAX_OBSERVED} observations"
            return
        try:
            body = self._read(payload)
            values, options = tuple(body["values"]), dict(body["options"])
        except (wire.WireError, TypeError, KeyError, ValueError) as error:
            self._claim.malformed = f"{_name(header.get('label'))}: {error}"[:500]
            return
        self._claim.observed.append(Observed(_name(header.get("label")), _name(header.get("judge")), values, options))

    def _on_drawn(self, _: dict[str, Any], payload: bytes, __: float) -> None:
        if self._claim is not None and len(self._claim.drawn) < MAX_OBSERVED:
            self._claim.drawn.append(wire.decode(payload))

    def _on_raised(self, header: dict[str, Any], _: bytes, now: float) -> None:
        if self._claim is not None:
            kind, message = _name(header.get("error")), without_advice(plain(header.get("message"), 2000))
            self._claim.raised_type, self._claim.raised = kind, f"{kind}: {message}"[:600]
            self._claim.lines = _lines(header.get("lines"))
            self._close(self._claim, now)

    def _on_held(self, _: dict[str, Any], __: bytes, now: float) -> None:
        if self._claim is not None:
            self._close(self._claim, now)

    def _close(self, claim: ClaimRun, now: float) -> None:
        claim.finished = True
        claim.seconds = now - self._claim_began
        self._claim = None

    def _on_check(self, header: dict[str, Any], _: bytes, __: float) -> None:
        check = Check(
            exercise=_name(header.get("exercise")),
            what=_name(header.get("what")),
            passed=header.get("passed") is True,
            message=plain(header.get("message"), 2000),
        )
        if len(self.run.checks) < MAX_CHECKS:
            self.run.checks.append(check)

    def _on_forbidden(self, header: dict[str, Any], _: bytes, __: float) -> None:
        if len(self.run.broken_rules) < MAX_CLAIMS:
            self.run.broken_rules.setdefault(_name(header.get("exercise")), plain(header.get("rule"), 100))

    def _on_note(self, header: dict[str, Any], _: bytes, __: float) -> None:
        said = notes.sentence(header, self.cell) if len(self.run.notes) < notes.MAX_NOTES else None
        if said is not None and said not in self.run.notes:
            self.run.notes.append(said)

    def _on_end(self, _: dict[str, Any], __: bytes, ___: float) -> None:
        self.ended = True


def _seconds(value: Any) -> float:
    return value if isinstance(value, float) and 0 <= value < 1e6 else 0.0


def _name(value: Any) -> str:
    return plain(value, MAX_NAME)


def _text(value: Any) -> str | None:
    return None if value is None else plain(value, 600)


def _lines(value: Any) -> tuple[tuple[int, str], ...]:
    """Return pairs of a line number and a text; each pair is checked later, when it is looked up in the answer."""
    given = value[:MAX_LINES] if isinstance(value, list) else []
    pairs = [pair for pair in given if isinstance(pair, list) and len(pair) == 2]
    return tuple((number, _name(line)) for number, line in pairs if isinstance(number, int))


def _outputs(payload: bytes) -> list[dict[str, Any]]:
    if len(payload) > MAX_OUTPUTS:
        return []
    try:
        outputs = json.loads(payload)
    except (ValueError, RecursionError):
        return []
    if not isinstance(outputs, list):
        return []
    return [output for output in outputs[:MAX_ITEMS] if isinstance(output, dict) and not _is_deep(output)]


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [part for node in level for part in (node.values() if isinstance(node, dict) else node)]
        level = [part for part in level if isinstance(part, (dict, list))]
    return bool(level)
