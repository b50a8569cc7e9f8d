"""List the grader's defenses, a way to turn off each defense, and the cases that no other defense stops.

The grader itself has no switch for its defenses. A test replaces a function on the trusted side, sets other limits, or
starts the fork server from a separate file, which first replaces a function on the student's side.
"""

import ast
import contextlib
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.classroom import handed_in
from autograder.grading import grader
from autograder.model import Batch, Limits, Plan, State
from autograder.recording import autograded, feedback, gradebook, record, whole_files
from autograder.sandbox.driver import events, link, run, server_process
from autograder.sandbox.inside import messages
from autograder.submissions import answer_parts, rebuild, rules, student_code
from autograder.texts.parser import Statement
from layerlab.graded import tasks, wire
from layerlab.judging import judges
from layerlab.judging import values as compare
from layerlab.judging.claim_model import ClaimRun, Observed, Ruling
from layerlab.rules import spellings
from tests.corpus.case import Case
from tests.corpus.cases import ALL
from tests.corpus.play import LIMITS, Course

Patch = Callable[[pytest.MonkeyPatch], None]
_HONEST = Case("an honest submission", "control", lambda notebook, scene: notebook)


class Void(Exception):
    """A patch meant to turn off a defense broke the grader instead."""


@dataclass(frozen=True)
class Defence:
    """A defense of the grader against submissions, and how to turn it off."""

    name: str
    alone: tuple[str, ...]  # "class: case" for each case that only this defense stops
    patch: Patch | None = None
    inside: str = ""  # code to run in the fork server before it starts, with `server`, `isolation`, `kernel`
    warm: str = ""  # code to run in the fork server after it has imported everything, with `steps`, `watch`
    variant: str = "surfaces"
    limits: Limits = LIMITS
    sandbox: bool = True

    def cases(self) -> list[Case]:
        """Return the cases that only this defense stops."""
        known = {f"{case.group}: {case.name}": case for case in ALL}
        return [known[name] for name in self.alone]

    @property
    def is_quick(self) -> bool:
        """Return whether all cases that only this defense stops are quick."""
        return not any(case.is_slow for case in self.cases())

    @contextlib.contextmanager
    def off(self, folder: Path) -> Iterator[Course]:
        """Yield a course that is graded without this defense; raise `Void` if that costs honest points."""
        with pytest.MonkeyPatch.context() as patch:
            if self.inside or self.warm:
                file = folder / "server.py"
                warm = self.warm.replace("\n", "\n    ") or "pass"
                file.write_text(_SERVER.format(real=str(server_process._FILE), inside=self.inside, warm=warm))
                patch.setattr(server_process, "_FILE", file)
            with Course(self.variant, self.limits, sandbox=self.sandbox) as course:
                if self.patch is not None:
                    self.patch(patch)
                lost = course.play(_HONEST).faults()
                if lost:
                    raise Void(f"without {self.name!r} an honest submission is not graded: {'; '.join(lost)}")
                yield course


_SERVER = """
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("server", {real!r})
server = importlib.util.module_from_spec(spec)
spec.loader.exec_module(server)
server.load_package()
server.load_package = lambda: None
from inside.walls import isolation, kernel
{inside}
true_warm_up = server.warm_up
def warm_up():
    modules = true_warm_up()
    from inside import steps
    from layerlab.rules import watch
    {warm}
    return modules
server.warm_up = warm_up
server.main(int(sys.argv[1]), json.loads(sys.argv[2]))
"""


# -- trusted side ------------------------------------------------------------------------------------------------


def _judge_of_the_submission(patch: pytest.MonkeyPatch) -> None:
    true_judge = judges.judge_claim

    def trusting(expected: ClaimRun, got: ClaimRun | None, drawn: Batch) -> Ruling:
        pairs = zip(expected.observed, got.observed if got else (), strict=False)
        return true_judge(
            replace(expected, observed=[replace(e, judge=g.judge, options=g.options) for e, g in pairs]), got, drawn
        )

    patch.setattr(judges, "judge_claim", trusting)


def _any_observation(patch: pytest.MonkeyPatch) -> None:
    def lenient(expected: ClaimRun, got: ClaimRun | None, drawn: Batch) -> Ruling:
        held = got is not None and all(
            not sent or any(judges.holds(wanted, one, drawn, expected.exercise)[0] for one in sent)
            for wanted in expected.observed
            for sent in [[o for o in got.observed if o.label == wanted.label]]
        )
        state, earned = (State.PASSED, expected.points) if held else (State.WRONG, 0)
        return Ruling(expected.name, earned, state)

    patch.setattr(judges, "judge_claim", lenient)


def _any_claim(patch: pytest.MonkeyPatch) -> None:
    true_judge = judges.judge_claim

    def best(expected: ClaimRun, got: ClaimRun | None, drawn: Batch) -> Ruling:
        tries: list[ClaimRun | None] = [
            replace(claim, malformed=None) for claim in opened.get((expected.exercise, expected.name), [])
        ]
        rulings = [true_judge(expected, claim, drawn) for claim in tries or [got]]
        return max(rulings, key=lambda ruling: ruling.points)

    opened: dict[tuple[str, str], list[ClaimRun]] = {}
    true_claim = events.EventReader._on_claim

    def remember(self: events.EventReader, header: dict[str, Any], payload: bytes, now: float) -> None:
        true_claim(self, header, payload, now)
        if self._claim is not None:
            opened.setdefault((self._claim.exercise, self._claim.name), []).append(self._claim)

    patch.setattr(events.EventReader, "_on_claim", remember)
    patch.setattr(judges, "judge_claim", best)


def _tests_of_the_submission(patch: pytest.MonkeyPatch) -> None:
    true_rebuild = grader.rebuild

    def trusting(chapter: Any, submission: Path) -> Plan:
        plan = true_rebuild(chapter, submission)
        cells = rebuild.read(submission)["cells"]
        # Released test cells contain no claims, so fill in their claims; trust a test cell that the student changed.
        given = {
            c["metadata"].get("nbgrader", {}).get("grade_id"): c["source"] for c in cells if "claim" in c["source"]
        }
        changed = [
            replace(c, source=given.get(f"test_{c.exercise}", c.source)) if c.kind == "hidden" else c
            for c in plan.cells
        ]
        return replace(plan, cells=tuple(changed))

    patch.setattr(grader, "rebuild", trusting)


def _unpickle(patch: pytest.MonkeyPatch) -> None:
    true_load = wire._loaded

    def load(format: str, shape: list[int], blob: bytes) -> np.ndarray:
        return np.array(pickle.loads(blob)) if format == "|O" else true_load(format, shape, blob)

    patch.setattr(wire, "_loaded", load)


def _labels_for_everybody(patch: pytest.MonkeyPatch) -> None:
    def part(secret: int, exercise: str, request: Mapping[str, str]) -> bytes:
        name = request["task"]
        return wire.encode(getattr(tasks.make(name, tasks.secret_seed(secret, exercise, name)), request["part"]))

    patch.setattr(tasks, "part", part)


def _careless_reading(patch: pytest.MonkeyPatch) -> None:
    def add(self: events.EventReader, header: dict[str, Any], payload: bytes, now: float) -> None:
        handler = getattr(self, f"_on_{header['kind']}", None)
        if handler is not None:
            handler(header, payload, now)

    def decode(data: bytes) -> Any:
        tree, *blobs = wire._split(data)
        return wire._Decoding(blobs).value(__import__("json").loads(tree), 0)

    def on_observe(self: events.EventReader, header: dict[str, Any], payload: bytes, now: float) -> None:
        body = wire.decode(payload)
        shown = tuple(body["values"]), dict(body["options"])
        if self._claim is not None:
            self._claim.observed.append(Observed(str(header["label"]), str(header["judge"]), *shown))

    patch.setattr(events.EventReader, "add", add)
    patch.setattr(events.EventReader, "_on_observe", on_observe)
    patch.setattr(events, "_outputs", lambda payload: __import__("json").loads(payload))
    patch.setattr(messages, "_header", lambda data: __import__("json").loads(data))
    patch.setattr(wire, "decode", decode)
    _failing_aloud(patch)


def _failing_aloud(patch: pytest.MonkeyPatch) -> None:
    """Let an error in the grader end the batch, as if nothing caught the error."""
    true_ungraded = grader.ungraded

    def aloud(*arguments: Any, **options: Any) -> Any:
        mistake = sys.exc_info()[1]
        if mistake is not None and State.INFRASTRUCTURE in arguments:
            raise mistake
        return true_ungraded(*arguments, **options)

    patch.setattr(grader, "ungraded", aloud)


def _types_unchecked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compare, "form_difference", lambda *a: None)
    _failing_aloud(patch)


def _uncounted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(link, "MAX_MESSAGES", 10**9)
    patch.setattr(link, "MAX_QUESTIONS", 10**9)
    patch.setattr(link, "MAX_DATASETS", 10**9)


def _parse_anything(patch: pytest.MonkeyPatch) -> None:
    as_python = TransformerManager().transform_cell
    patch.setattr(student_code, "as_python", as_python)
    patch.setattr(student_code, "tree", lambda source: ast.parse(as_python(source)))
    _failing_aloud(patch)


def _old_formats_unknown(patch: pytest.MonkeyPatch) -> None:
    true_notebook = rebuild._notebook

    def notebook(content: Mapping[str, Any]) -> Any:
        return true_notebook({"cells": content.get("cells", 0)})

    patch.setattr(rebuild, "_notebook", notebook)


def _links_followed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handed_in, "_inside", handed_in.Submission)
    patch.setattr(rebuild, "read_regular", lambda path, most: Path(path).read_bytes()[:most])


def _strict_text(patch: pytest.MonkeyPatch) -> None:
    for module in (record, feedback):
        patch.setattr(module, "replace_text", lambda path, text: whole_files.replace_bytes(path, text.encode("utf-8")))


def _whole_cell(cells: list[tuple[Statement, ...]], answer: int, *_: object) -> list[answer_parts.Part]:
    return [(answer, statement) for statement in cells[answer]]


def _attribute(owner: object, name: str, value: object) -> Patch:
    return lambda patch: patch.setattr(owner, name, value)


def _all(group: str, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(f"{group}: {case.name}" for case in ALL if case.group == group and case.name not in but)


def _alone(group: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{group}: {name}" for name in names)


DEFENCES: list[Defence] = [
    Defence(
        "values are judged elsewhere",
        _all("patches torch", but=("the softmax compared with is the answer",))
        + _all("patches numpy")
        + _all("patches builtins")
        + _alone("patches layerlab", "claims swallow errors", "draws are zeros", "the data set is another")
        + _all("values that lie")
        + _all("reads the answer in memory", but=("the names of the notebook", "the main module"))
        + _alone("shadows a module", "layerlab in the working folder", "numpy.testing in sys.modules")
        + _alone("replays", "what was computed for the same input"),
        variant="in_process",
    ),
    Defence(
        "the reference's judge",
        _alone("patches layerlab", "names an easier judge", "names a generous tolerance", "names a lower share"),
        _judge_of_the_submission,
    ),
    Defence(
        "each observation once, in order",
        _alone("patches layerlab", "observe sends nothing")
        + _alone("answers through the channel", "a claim held with nothing observed", "one observation for each guess"),
        _any_observation,
    ),
    Defence(
        "each claim once",
        _alone("answers through the channel", "one claim for each guess", "one claim for each guess, when asked"),
        _any_claim,
    ),
    Defence("the instructor's tests", _alone("changes the tests", "an easier test"), _tests_of_the_submission),
    Defence("nothing is unpickled", _alone("sends what is no message", "objects to be unpickled"), _unpickle),
    Defence("labels stay", _alone("patches layerlab", "asks for the held-out labels"), _labels_for_everybody),
    Defence(
        "messages are read with care",
        _alone(
            "sends what is no message",
            "a header nested deeply",
            "a header without a kind",
            "a header that is no JSON",
            "a number too long to read",
            "a drawn value that is none",
            "outputs nested deeply",
            "an array larger than its bytes",
            "values nested deeply",
        ),
        _careless_reading,
    ),
    Defence("types are checked", _alone("sends what is no message", "strings in a tensor's place"), _types_unchecked),
    Defence(
        "messages are counted",
        _alone(
            "floods",
            "more questions than a test has",
            "more datasets than a chapter has",
            "more messages than a notebook has",
        ),
        _uncounted,
        limits=replace(LIMITS, cell_seconds=40.0, total_seconds=60.0),
    ),
    Defence(
        "results are bounded",
        _alone("floods", "more bytes than a result has", "a value larger than a result"),
        limits=replace(LIMITS, result_bytes=64 * 2**20),
    ),
    Defence("keys are counted", _alone("floods", "keys of one hash"), _attribute(wire, "MAX_ODD_KEYS", 10**9)),
    Defence("names are cut", _alone("floods", "checks with long names"), _attribute(events, "MAX_NAME", 10**9)),
    Defence(
        "memory is summed",
        _alone("takes what there is", "memory of several processes", "memory shared by several processes"),
        warm="from inside import usage\nusage.Together.is_over = lambda self: False",
        limits=replace(LIMITS, cell_seconds=10.0, total_seconds=30.0),  # exceeding the memory limit takes time
    ),
    Defence(
        "a network of its own",
        # without it, the kernel's list of connections shows those of earlier submissions
        _alone("replays", "a port that was closed"),
        inside="true_unshare = kernel.unshare\n"
        "kernel.unshare = lambda flags, what: "
        "true_unshare(flags & ~kernel.CLONE_NEWNET if 'of a submission' in what else flags, what)",
    ),
    Defence(
        "a cell has its time",
        _alone("takes what there is", "a right answer that comes too late"),
        limits=replace(LIMITS, cell_seconds=10.0),
    ),
    Defence(
        "memory is bounded",
        _alone("takes what there is", "a right answer that takes too much"),
        limits=replace(LIMITS, memory_mb=1024),
    ),
    Defence(
        "address space is bounded",
        # limits memory that no other limit counts
        _alone("takes what there is", "memory shared with nobody"),
        inside="true_set = server.resource.setrlimit\n"
        "server.resource.setrlimit = lambda what, how: what == server.resource.RLIMIT_AS or true_set(what, how)",
    ),
    Defence(
        "the rest is run again",
        _alone("ends the process", "os._exit in a scratch cell", "a fault in a scratch cell"),
        _attribute(run, "MAX_RERUNS", 1),
    ),
    Defence(
        "rules are read in the text",
        _alone("hides a forbidden call", "by a partial"),
        _attribute(rules, "check", lambda *a: None),
    ),
    Defence(
        "rules are watched",
        _alone("hides a forbidden call", "by the attribute protocol", "by the module's dict", "by a thread"),
        warm="watch.watching = lambda *a: server.contextlib.nullcontext()",
    ),
    Defence(
        "rules know other names of the same",
        _alone(
            "hides a forbidden call",
            "as the operator below",
            "as a safe operator",
            "as a private function",
            "as a private function by a computed name",
        ),
        _attribute(spellings, "keys_of", lambda name: frozenset({name.lower()})),
        warm="watch.spellings.keys_of = lambda name: frozenset({name.lower()})",
    ),
    Defence(
        "rules are about the answer",
        _alone(
            "harmless: habits",
            "an assert against torch below",
            "torch's layer beside one's own",
            "a comparison in a loop",
            "a draft above",
        ),
        _attribute(answer_parts, "parts", _whole_cell),
    ),
    Defence(
        "lines of the answer are watched",
        _alone("hides a forbidden call", "its result kept at the top by a computed name"),
        _attribute(rules, "with_reached", lambda exercises, answers: list(answers.cells)),
    ),
    Defence(
        "answers are found by what they define",
        _alone("harmless: form", "no marks and no ids", "an answer in a new cell"),
        _attribute(rebuild, "_defined", lambda source: set()),
    ),
    Defence(
        "encodings",
        _alone("harmless: form", "a byte order mark", "UTF-16"),
        _attribute(rebuild, "_decode", lambda data: data.decode("utf-8", errors="replace")),
    ),
    Defence("old formats", _alone("harmless: form", "an old format"), _old_formats_unknown),
    Defence(
        "no links", _alone("a link", "to the reference", "to another submission", "by way of dots"), _links_followed
    ),
    Defence(
        "text is read within bounds",
        # code that a parser gives up on, or needs minutes for, is run without being read
        _alone("text that is hard to read", "many signs", "many branches"),
        _parse_anything,
    ),
    Defence(
        "what is shown is text",
        _alone("sends what is no message", "markup in what is shown"),
        _attribute(autograded, "_safe_output", nbformat.from_dict),
    ),
    Defence(
        "comments are text",
        _alone("sends what is no message", "markup in an exception", "a link in an exception"),
        _attribute(gradebook, "as_comment", lambda text: text),
    ),
    Defence(
        "no escape sequences",
        _alone("sends what is no message", "escape sequences in an exception"),
        _attribute(events, "plain", lambda value, most=None: str(value)[:most]),
    ),
    Defence(
        "pictures are measured",
        _alone("sends what is no message", "a picture that opens to 400 million pixels"),
        _attribute(autograded, "_pixels", lambda image: 1),
    ),
    Defence("text is made storable", _alone("sends what is no message", "text that no file can hold"), _strict_text),
    Defence(
        "outputs are cut",
        _alone("floods", "outputs past their bound"),
        _attribute(autograded, "MAX_OUTPUT_CHARACTERS", 10**9),
    ),
    Defence(
        "walls",
        _alone(
            "reads the answer in files",
            "the reference",
            "another submission",
            "whatever course lies in the temporary folder",
            "the reference through a link",
            "the reference in another process",
            "the reference by the root of another process",
        )
        + _alone(
            "reaches out",
            "writes into the course",
            "writes into the gradebook",
            "writes from another process",
            "kills its parent",
        )
        + _alone("replays", "shared memory files"),
        sandbox=False,
    ),
    Defence(
        "no network",
        _alone("reaches out", "calls a port", "asks for a page"),
        inside="true_unshare = kernel.unshare\n"
        "kernel.unshare = lambda flags, what: true_unshare(flags & ~kernel.CLONE_NEWNET, what)\n"
        "isolation._loopback_up = lambda: None",
    ),
    Defence(
        "a working folder of its own",
        _alone("replays", "the working folder", "the temporary folder"),
        inside="true_mount = kernel.mount\n"
        "def mount(source, target, kind='', flags=0, data=''):\n"
        "    if target != '/submission' or 'nr_inodes' not in data: true_mount(source, target, kind, flags, data)\n"
        "kernel.mount = mount",
    ),
    Defence(
        "system calls are filtered",
        _alone("takes what there is", "a file in memory") + _alone("replays", "what is in the page cache"),
        inside="kernel.filter_calls = lambda: None",
    ),
    Defence(
        "tests have names of their own",
        _alone("harmless: habits", "names of the imports"),
        # The tests' names come last, after everything that the notebook binds.
        warm="class Last(dict):\n"
        "    def __ror__(self, names): return {**self, **names}\n"
        "steps._SUPPLIED = Last(steps._SUPPLIED)\n"
        "true_rebind = steps.Steps.rebind\n"
        "steps.Steps.rebind = lambda self, but=None: true_rebind(self) if but is None else None",
    ),
    Defence(
        "settings are put back before a test",
        _alone("harmless: habits", "another default dtype, and an answer that uses it"),
        warm="steps.Steps.restore = lambda self: None",
    ),
]
