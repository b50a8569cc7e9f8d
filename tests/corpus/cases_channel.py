"""Define cases that answer through the grader's channel, send malformed messages, or hide a forbidden call."""

import re
from typing import Any

from autograder.model import State
from tests.corpus.case import Case, Scene, attack, attacks, marked

_CHANNEL = "answers through the channel"
_HELP = """
import json, os, struct
from contextlib import contextmanager
from layerlab.graded import observation as o, wire
session = o._session
pipe = getattr(session.channel, "_result_fd", None)
def send(kind, header=None, payload=b""):
    session.send(kind, header or {}, payload)
def observe(label, value, **options):
    send("observe", {"label": label, "judge": options.get("judge", "close")}, wire.encode({"values": (value,), "options": options}))
def claims(exercise, name, *observed):
    session.exercise, session.claim = exercise, name
    send("claim", {"points": 1})
    for label, value in observed: observe(label, value)
    send("held", {"count": len(observed)})
true_claim = lab.claim
@contextmanager
def swallowed(name, points=1):
    if session.exercise != SWALLOW:
        with true_claim(name, points): yield
        return
    try: yield
    except Exception: pass
"""
_NO = State.NO_EVIDENCE

CHANNEL = [
    *attacks(
        _CHANNEL,
        {
            "claims held before they are opened": _HELP + "SWALLOW = 'affine'\nlab.claim = swallowed\n"
            "for name in ('values', 'leading dimensions'): claims('affine', name, ('asserts', True))\n{wrong}",
            "a claim held with nothing observed": _HELP + "SWALLOW = 'affine'\nlab.claim = swallowed\n"
            "for name in ('values', 'leading dimensions'): claims('affine', name)\n{wrong}",
        },
        state=_NO,
    ),
    attack(
        _CHANNEL,
        "claims held by another exercise's answer",
        _HELP + "SWALLOW = 'tally'\nlab.claim = swallowed\nclaims('tally', 'count', ('asserts', True))\n"
        "SWALLOW = 'affine'\nfor name in ('values', 'leading dimensions'): claims('affine', name, ('asserts', True))\n{wrong}",
        state=_NO,
        also={"tally": _NO},
    ),
    *attacks(
        _CHANNEL,
        {
            "one claim for each guess": _HELP
            + "SWALLOW = 'tally'\nlab.claim = swallowed\nfor n in range(1, 100): claims('tally', 'count', ('count', n))\n{wrong}",
            "one observation for each guess": _HELP + "SWALLOW = 'tally'\nlab.claim = swallowed\n"
            "claims('tally', 'count', *(('count', n) for n in range(1, 100)))\n{wrong}",
            "one claim for each guess, when asked": _HELP
            + "def tally(net):\n    for n in range(1, 100): claims('tally', 'count', ('count', n))\n    return 0",
        },
        exercise="tally",
        state=_NO,
    ),
]

_MALFORMED = "sends what is no message"
_FRAME = "def frame(head, body=b''): os.write(pipe, struct.pack('>IQ', len(head), len(body)) + head + body)\n"


def _markup(scene: Scene, told: str) -> bool:
    """Return whether the submission's markup is rendered on a feedback page or as an output of the notebook."""
    pages = (scene.root / "feedback" / "student").rglob("*.html")
    is_output = re.search(r'"text/html": \[?\s*"<script>mark', told) is not None
    return is_output or any("<script>mark" in page.read_text(encoding="utf-8") for page in pages)


def _sent(name: str, source: str, state: State = State.CRASHED, **options: Any) -> Case:
    """Return a case whose cell sends malformed data to the grader and whose answer is wrong."""
    answer = "\ndef affine(x, w, b):\n    return x.new_zeros(*x.shape[:-1], len(w))"
    return attack(_MALFORMED, name, f"{_HELP}{_FRAME}{source}{answer}", state=state, **options)


MALFORMED = [
    _sent("noise", "os.write(pipe, b'\\xff' * 100)"),
    _sent("a header that is no JSON", "frame(b'{')"),
    _sent("a header nested deeply", "frame(b'{\"kind\":' + b'[' * 90_000)"),
    _sent("a header without a kind", "frame(b'{}')"),
    _sent("a length without an end", "os.write(pipe, struct.pack('>IQ', 20, 2**62))", State.OUT_OF_MEMORY),
    _sent("a message that never ends", "os.write(pipe, struct.pack('>IQ', 20, 4000))"),
    _sent(
        "a drawn value that is none",
        "claims('affine', 'values')\nsession.claim = 'more'\nsend('claim')\nsend('drawn', {}, b'x')",
        State.NO_EVIDENCE,
    ),
    _sent("outputs nested deeply", "send('cell_end', {'id': 'affine'}, b'[' * 100_000)", State.WRONG),
    _sent(
        "text that no file can hold",
        "send('check', {'what': '\\ud800', 'passed': False, 'message': '\\ud800'})\nprint('\\ud800')",
        State.WRONG,
    ),
    _sent("a number too long to read", "frame(b'{\"kind\": \"claim\", \"points\": ' + b'9' * 10_000 + b'}')"),
    _sent(
        "objects to be unpickled",
        "import io, pickle\nclass Evil:\n    def __reduce__(self): return (io.open, ('{mark}', 'w'))\n"
        "array = {'k': 'array', 'dtype': 'object', 'format': '|O', 'shape': [1]}\n"
        "tree = {'k': 'dict', 'v': [[{'k': 'plain', 'v': 'values'}, {'k': 'tuple', 'v': [array]}], "
        "[{'k': 'plain', 'v': 'options'}, {'k': 'dict', 'v': []}]]}\n"
        "parts = [json.dumps(tree).encode(), pickle.dumps([Evil()])]\n"
        "session.exercise, session.claim = 'affine', 'values'\nsend('claim')\n"
        "send('observe', {'label': 'y'}, b''.join(struct.pack('>Q', len(p)) + p for p in parts))",
        State.NO_EVIDENCE,
        harm=marked,
    ),
    _sent(
        "an array larger than its bytes",
        "body = b'few bytes'\n"
        "tree = json.dumps({'k': 'array', 'dtype': 'float32', 'format': '<f4', 'shape': [10**12]}).encode()\n"
        "session.exercise, session.claim = 'affine', 'values'\nsend('claim')\n"
        "send('observe', {'label': 'y'}, b''.join(struct.pack('>Q', len(p)) + p for p in (tree, body)))",
        State.NO_EVIDENCE,
    ),
    _sent(
        "values nested deeply",
        'body = b\'{"k": "list", "v": [\' * 5000\n'
        "session.exercise, session.claim = 'affine', 'values'\nsend('claim')\n"
        "send('observe', {'label': 'y'}, struct.pack('>Q', len(body)) + body)",
        State.NO_EVIDENCE,
    ),
    _sent(
        "strings in a tensor's place",
        "true_encode = wire.encode\nfrom layerlab.graded import observation\n"
        "words = np.full((4, 2), 'x')\n"
        "tensor = {'k': 'tensor', 'dtype': 'float32', 'format': words.dtype.str, 'shape': [4, 2]}\n"
        "tree = {'k': 'dict', 'v': [[{'k': 'plain', 'v': 'values'}, {'k': 'tuple', 'v': [tensor]}], "
        "[{'k': 'plain', 'v': 'options'}, {'k': 'dict', 'v': []}]]}\n"
        "wrong = b''.join(struct.pack('>Q', len(p)) + p for p in (json.dumps(tree).encode(), words.tobytes()))\n"
        "observation.wire.encode = lambda value: wrong if session.exercise == 'affine' else true_encode(value)",
        State.WRONG,
    ),
    _sent(
        "markup in what is shown",
        "def affine(x, w, b): raise ValueError('<script>mark</script>')\nsend('check', {'what': '<script>mark</script>', "
        "'passed': False, 'message': '<script>mark</script>'})\n"
        "from IPython.display import HTML\ndisplay(HTML('<script>mark</script>'))",
        State.WRONG,
        harm=_markup,
    ),
]

_FLOODS = "floods"
FLOODS = [
    *attacks(
        _FLOODS,
        {
            "more questions than a test has": _HELP + "o.ask = None\nfor _ in range(400):\n"
            "    send('ask', {'task': 'bright patch', 'part': 'train_x'})\n{wrong}",
            "more messages than a notebook has": _HELP
            + "for n in range(25_000): send('check', {'what': 'x' * 50})\n{wrong}",
        },
        state=State.CRASHED,
    ),
    *attacks(
        _FLOODS,
        {
            "more bytes than a result has": _HELP + "for n in range(8): send('noise', {}, bytes(2**20))\n{wrong}",
            "a value larger than a result": "def affine(x, w, b):\n    return torch.zeros(2**21)",
        },
        state=State.OUT_OF_MEMORY,
    ),
    attack(
        _FLOODS,
        "outputs past their bound",
        _HELP + "send('cell_end', {'id': 'affine'}, json.dumps([{'output_type': 'stream', "
        "'name': 'stdout', 'text': 'corpus ' * 300_000}]).encode())\n{wrong}",
        harm=lambda scene, told: len(told) > 1_000_000,
    ),
]

RULES = [
    attack(
        "hides a forbidden call",
        "a name that the grader's torch minds",
        "def soften(x): return torch.classes.no.thing(x)",
        "soften",
        State.RAISED,
    ),
]

CASES: list[Case] = [*CHANNEL, *MALFORMED, *FLOODS, *RULES]
