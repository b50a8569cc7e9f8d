"""Define cases that may harm the grader itself, the next submission, or the people who read the results."""

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

from autograder.model import State
from tests.corpus.case import POINTS, Case, Folder, Notebook, Scene, attack, harmless, inserted, marked
from tests.corpus.cases_listed import TEXTS

_COSTS = "floods"
_SHOWN = "sends what is no message"
_LEFT = "replays"
_ALL_SKIPPED = dict.fromkeys(POINTS, State.SKIPPED)

_PORT = 41234
_LOOK_FOR_IT = f"""
import socket
try:
    socket.socket().bind(("127.0.0.1", {_PORT}))
    found = False
except OSError:
    found = True
"""
_LEAVE_A_PORT = f"""
import socket
listening = socket.create_server(("127.0.0.1", {_PORT}))
calling = socket.create_connection(("127.0.0.1", {_PORT}))
answering, _ = listening.accept()
for one in (answering, calling, listening): one.close()
"""
_SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"
_TWENTY_THOUSAND = """
import base64, struct, zlib
from IPython.display import Image, display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
header = struct.pack(">IIBBBBB", 20000, 20000, 1, 0, 0, 0, 0)
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(2501 * 200))) + chunk(b"IEND", b"")
display({"image/png": base64.b64encode(png).decode()}, raw=True)
"""


def _with_cells(count: int, source: str) -> Callable[[Notebook, Scene], Notebook]:
    def make(notebook: Notebook, scene: Scene) -> Notebook:
        more = [{"cell_type": "code", "id": f"m{n}", "metadata": {}, "source": source} for n in range(count)]
        return notebook | {"cells": [*notebook["cells"], *more]}

    return make


def _beside(name: str, put: Callable[[Path], object]) -> Case:
    """Return a case with right answers and, next to the notebook, a file that students could write themselves."""
    return Case(name, "harmless: form", lambda notebook, scene: Folder(notebook, put))


def _timestamp(content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "timestamp.txt").write_bytes(content)


def _comments(scene: Scene) -> str:
    with sqlite3.connect(scene.root / "gradebook.db") as book:
        return "\n".join(str(row[0]) for row in book.execute("select auto_comment from comment"))


def _markup(scene: Scene, told: str) -> bool:
    """Return whether the submission's markup is rendered on a feedback page or as an output of the notebook."""
    pages = (scene.root / "feedback" / "student").rglob("*.html")
    is_output = re.search(r'"text/html": \[?\s*"<script>mark', told) is not None
    return is_output or any("<script>mark" in page.read_text(encoding="utf-8") for page in pages)


_HELP, _SENDER = TEXTS["help"] + "\n", f"{TEXTS['help']}\n{TEXTS['frame']}\n"
CASES = [
    attack(
        _SHOWN,
        "objects to be unpickled",
        _SENDER + "import io, pickle\nclass Evil:\n    def __reduce__(self): return (io.open, ('{mark}', 'w'))\n"
        "array = {'k': 'array', 'dtype': 'object', 'format': '|O', 'shape': [1]}\n"
        "tree = {'k': 'dict', 'v': [[{'k': 'plain', 'v': 'values'}, {'k': 'tuple', 'v': [array]}], "
        "[{'k': 'plain', 'v': 'options'}, {'k': 'dict', 'v': []}]]}\n"
        "parts = [json.dumps(tree).encode(), pickle.dumps([Evil()])]\n"
        "session.exercise, session.claim = 'affine', 'values'\nsend('claim')\n"
        "send('observe', {'label': 'y'}, b''.join(struct.pack('>Q', len(p)) + p for p in parts))\n{wrong}",
        state=State.NO_EVIDENCE,
        harm=marked,
    ),
    attack(
        _SHOWN,
        "markup in what is shown",
        _SENDER + "def affine(x, w, b): raise ValueError('<script>mark</script>')\n"
        "send('check', {'what': '<script>mark</script>', 'passed': False, 'message': '<script>mark</script>'})\n"
        "from IPython.display import HTML\ndisplay(HTML('<script>mark</script>'))\n{wrong}",
        harm=_markup,
    ),
    attack(
        _COSTS,
        "outputs past their bound",
        _HELP + "send('cell_end', {'id': 'affine'}, json.dumps([{'output_type': 'stream', "
        "'name': 'stdout', 'text': 'corpus ' * 300_000}]).encode())\n{wrong}",
        harm=lambda scene, told: len(told) > 1_000_000,
    ),
    attack(
        _COSTS,
        "checks with long names",
        "from layerlab.graded import observation as o\n"
        "for n in range(30):\n"
        "    o._session.send('check', {'exercise': 'affine', 'what': f'{n}' + 90_000 * 'x', 'passed': False, 'message': ''})\n"
        "{wrong}",
        harm=lambda scene, read: len(read) > 2_000_000,
    ),
    Case(
        "a cell of twenty megabytes",
        _COSTS,
        lambda notebook, scene: inserted(notebook, "x = 1  # " + "long " * 4_000_000),
        lost=_ALL_SKIPPED,
    ),
    Case("forty thousand cells", _COSTS, _with_cells(40_000, "x = 1"), lost=_ALL_SKIPPED),
    Case(
        "a million lists beside the cells",
        _COSTS,
        lambda notebook, scene: notebook | {"metadata": {"deep": [[]] * 3_000_000}},
        lost=_ALL_SKIPPED,
    ),
    attack(
        _LEFT,
        "a port that was closed",
        _LOOK_FOR_IT + TEXTS["luck"],
        before=lambda notebook, scene: inserted(notebook, _LEAVE_A_PORT),
    ),
    attack(
        _SHOWN,
        "markup in an exception",
        f"def affine(x, w, b):\n    raise ValueError({_SCRIPT!r})",
        state=State.RAISED,
        harm=lambda scene, read: "<script" in _comments(scene) or "<img" in _comments(scene),
    ),
    attack(
        _SHOWN,
        "a link in an exception",
        "def affine(x, w, b):\n    raise ValueError('![x](http://127.0.0.1:9/a.png) [x](javascript:alert(1))')",
        state=State.RAISED,
        harm=lambda scene, read: "](" in _comments(scene),
    ),
    attack(
        _SHOWN,
        "escape sequences in an exception",
        "def affine(x, w, b):\n    raise ValueError('\\x1b]0;mine\\x07\\x1b[2J\\u202e')",
        state=State.RAISED,
        harm=lambda scene, read: "\x1b" in read,
    ),
    harmless(
        _SHOWN,
        "a picture that opens to 400 million pixels",
        _TWENTY_THOUSAND,
        harm=lambda scene, read: '"image/png"' in read,
    ),
    _beside("a date that is a pipe", lambda folder: os.mkfifo(folder / "timestamp.txt")),
    _beside("a date that is a device", lambda folder: os.symlink("/dev/zero", folder / "timestamp.txt")),
    _beside("a date without end", _timestamp(b"9" * 10_000_000)),
    _beside("a date that is none", _timestamp(b"2026-13-45 99:99:99 Mars/Olympus")),
    _beside("a date that no letters are", _timestamp(bytes(range(256)))),
]
