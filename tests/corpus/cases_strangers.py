"""Define attacks that outside testers found: answers that are right only when a cell runs again."""

from autograder.model import State
from tests.corpus.case import HONEST, Case, Notebook, Scene, answered, cell, inserted_below

_CHANNEL = "answers through the channel"

_TWICE = (
    "import sys\ndef is_second():\n    frame = sys._getframe()\n    while frame:\n"
    "        job = getattr(frame.f_locals.get('self'), 'job', None)\n"
    "        if job: return any(c['id'] == 'demo' or c['id'].startswith('first/') for c in job['cells'])\n        frame = frame.f_back\n"
    "def affine(x, w, b):\n    return x @ w.T + b if is_second() else x.new_zeros(*x.shape[:-1], len(w))"
)
_MORE = "def more(): pass"
_FORGED = (
    "from layerlab.graded import observation as o\no._session.exercise, o._session.claim = '{0}', '{1}'\n"
    "o._session.send('claim', {{'points': 1}})\n"
    "o._session.send('raised', {{'error': 'NameError', 'message': \"name 'more' is not defined\"}})\n"
)


def _again(name: str, *cells: tuple[str, str], answers: dict[str, str] | None = None, **lost: State) -> Case:
    """Return a case whose answer is right only in a second run, and whose cells below tests cause that run."""

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        made = answered(notebook, {"affine": _TWICE} | (answers or {}))
        for source, after in cells:
            made = inserted_below(made, source, after)
            below = made["cells"][made["cells"].index(cell(made, after)) + 1]
            below["id"] = f"mine-{after}-{len(made['cells'])}"
        return made

    return Case(name, _CHANNEL, make, lost={"affine": State.WRONG} | lost)


_AT_THE_END = (_MORE, "test_learn")
CASES: list[Case] = [
    _again("a name missed below the test", ("more", "test_affine"), _AT_THE_END),
    _again("a name missed below all tests but one", ("more", "test_tally"), _AT_THE_END),
    _again(
        "a claim that misses a name, forged below the test",
        (_FORGED.format("tally", "more"), "test_affine"),
        _AT_THE_END,
    ),
    _again(
        "a claim of its own that misses a name, forged below the test",
        (_FORGED.format("affine", "more"), "test_affine"),
        _AT_THE_END,
    ),
    _again(
        "a claim that misses a name, in a later answer",
        _AT_THE_END,
        answers={"tally": "def tally(net): return more and 0"},
        tally=State.WRONG,
    ),
    _again("a later answer that misses a name", _AT_THE_END, answers={"tally": f"more\n{HONEST['tally']}"}),
    _again("a demonstration that was not run, missed below the test", ("shown", "test_affine")),
]
