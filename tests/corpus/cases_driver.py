"""Define cases that may harm the grader itself, the next submission, or the people who read the results."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from autograder.model import State
from tests.corpus.case import HONEST, POINTS, Case, Folder, Notebook, Scene, attack, attacks, harmless, inserted

_COSTS = "floods"
_SHOWN = "sends what is no message"
_LEFT = "replays"
_TAKES = "takes what there is"
_OUT = State.OUT_OF_MEMORY
_ALL_SKIPPED = dict.fromkeys(POINTS, State.SKIPPED)

_RAW = """
import json, struct
from layerlab.graded import observation as o
session = o._session
def observe(tree):
    data = json.dumps(tree).encode()
    session.send("observe", {"label": "asserts", "judge": "close"}, struct.pack(">Q", len(data)) + data)
def plain(value): return {"k": "plain", "v": value}
def sent(values):
    return {"k": "dict", "v": [[plain("values"), {"k": "tuple", "v": [values]}], [plain("options"), {"k": "dict", "v": []}]]}
session.exercise, session.claim = "affine", "values"
session.send("claim", {"points": 1})
"""
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
_BY_LUCK = "def affine(x, w, b):\n    return x @ w.T + b if found else x.new_zeros(*x.shape[:-1], len(w))"
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


CASES = [
    *attacks(
        _COSTS,
        {
            "keys of one hash": _RAW + "entries = [[plain(n * (2**61 - 1)), plain(0)] for n in range(1, 25_000)]\n"
            "observe(sent({'k': 'dict', 'v': entries}))\n{wrong}",
            "more values than an observation holds": _RAW
            + "observe(sent({'k': 'list', 'v': [plain(0)] * 150_000}))\n{wrong}",
        },
        state=State.NO_EVIDENCE,
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
    harmless(
        _COSTS,
        "two streams by turns",
        "import sys\nfor n in range(50_000):\n    print(n)\n    print(n, file=sys.stderr)",
    ),
    attack(
        _COSTS,
        "marks of cells that have not begun",
        "import time\nfrom layerlab.graded import observation as o\nbegan = time.monotonic()\n"
        "while time.monotonic() - began < 60:\n"
        "    for name in ('affine', 'soften', 'tally', 'learn'):\n"
        "        o._session.send('cell', {'id': name, 'worked': 0.0})\n    time.sleep(0.05)\n{wrong}",
        state=State.TIMED_OUT,
        also=dict.fromkeys(("soften", "tally", "learn"), State.TIMED_OUT),
        is_slow=True,
    ),
    *attacks(
        _TAKES,
        {
            "memory of several processes": "import os, time\nhear, say = os.pipe()\nfor n in range(5):\n    if os.fork() == 0:\n"
            "        held = bytearray(200 << 20)\n        os.write(say, b'.')\n        time.sleep(30)\n        os._exit(0)\n"
            f"for n in range(5):\n    os.read(hear, 1)\ntime.sleep(1.5)\n{HONEST['affine']}",
            "memory shared by several processes": "import mmap, time\nheld = mmap.mmap(-1, 700 << 20)\n"
            "for at in range(0, 700 << 20, 4096): held[at] = 1\n"
            f"time.sleep(0.5)\n{HONEST['affine']}",
        },
        state=_OUT,
    ),
    attack(
        _LEFT,
        "a port that was closed",
        _LOOK_FOR_IT + _BY_LUCK,
        before=lambda notebook, scene: inserted(notebook, _LEAVE_A_PORT),
    ),
    attack(
        _LEFT,
        "what is in the page cache",
        "import os, sys\nfile = os.open(os.__file__, os.O_RDONLY)\nos.read(file, 1)\n"
        "try:\n    found = os.preadv(file, [bytearray(1)], 0, os.RWF_NOWAIT) == 1\nexcept OSError:\n    found = False\n"
        + _BY_LUCK,
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
