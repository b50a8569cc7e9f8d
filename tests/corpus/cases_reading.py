"""Define cases that reach outside their process, write a library's file, or leave data for the next submission."""

import time
from typing import Any

from autograder.model import State
from tests.corpus.case import HONEST, WRONG, Case, Harm, Scene, answered, filled, inserted, marked, own_cell

_OUT = "reaches out"


def _marked_soon(scene: Scene, told: str) -> bool:
    until = time.monotonic() + 2.5
    while time.monotonic() < until and not scene.mark.exists():
        time.sleep(0.05)
    return scene.mark.exists()


def _owned(scene: Scene, told: str) -> bool:
    import sqlite3

    with sqlite3.connect(scene.root / "gradebook.db") as book:
        owned = book.execute("select name from sqlite_master where name = 'owned'").fetchall()
        book.execute("drop table if exists owned")
    return bool(owned)


def _secret_told(scene: Scene, told: str) -> bool:
    return scene.secret in told


def _called(scene: Scene, told: str) -> bool:
    time.sleep(0.1)  # the listener runs in another thread
    return scene.called()


def _out(name: str, source: str, harm: Harm, **options: Any) -> Case:
    """Return a case with right answers that tests only whether it can do harm, not which points it gets."""
    return Case(
        name, _OUT, lambda nb, scene: inserted(nb, filled(_TRY.format(source), scene, "affine")), harm=harm, **options
    )


_TRY = "try:\n    {}\nexcept BaseException as error:\n    print(type(error).__name__)"
OUT = [
    _out("writes into the course", "open('{mark}', 'w').write('x')", marked),
    _out(
        "writes into the gradebook",
        "import sqlite3\n    with sqlite3.connect('file:{root}/gradebook.db?mode=rw', uri=True) as book:\n"
        "        book.execute('create table owned (a)')",
        _owned,
    ),
    _out(
        "writes from another process",
        "import subprocess, sys\n    subprocess.run([sys.executable, '-c', 'open(\"{mark}\", \"w\")'])",
        marked,
    ),
    _out("reads the environment", "import os\n    print(os.environ['CORPUS_TOKEN'])", _secret_told),
    _out("reads the environment in /proc", "print(open('/proc/self/environ').read())", _secret_told),
    _out(
        "reads the environment of its parent",
        "import os\n    print(open(f'/proc/{os.getppid() or 1}/environ').read())",
        _secret_told,
    ),
    _out("calls a port", "import socket\n    socket.create_connection(('127.0.0.1', {port}), 1)", _called),
    _out(
        "asks for a page",
        "import urllib.request\n    urllib.request.urlopen('http://127.0.0.1:{port}', timeout=1)",
        _called,
    ),
    _out(
        "leaves a process behind",
        "import subprocess, sys\n    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1.2); open(\"{mark}\", "
        '"w")\'], start_new_session=True)',
        _marked_soon,
        is_slow=True,
    ),
]

_SHADOW = "shadows a module"
SHADOW = [
    Case(
        "layerlab written before it is imported",
        _SHADOW,
        lambda nb, scene: _before_imports(answered(nb, {"affine": WRONG["affine"]})),
        lost={"affine": State.WRONG},
    )
]
_FAKE = """
class Draw:
    def __getattr__(self, name):
        import torch
        return lambda *s, **k: torch.zeros(*s) if name == "randn" else [3, 4]
def inputs(): return Draw()
def compare(*a, **k): pass
"""


def _before_imports(notebook: dict) -> dict:
    at = next(i for i, c in enumerate(notebook["cells"]) if c["cell_type"] == "code")
    source = f"open('layerlab.py', 'w').write({_FAKE!r})\nimport sys; sys.path.insert(0, '')"
    notebook["cells"].insert(at, own_cell("first", source))
    return notebook


_REPLAY = "replays"


def _replay(name: str, leave: str, take: str, **options: Any) -> Case:
    """Return a case whose accomplice answers correctly and stores the values that the case then returns.

    ``leave`` is code that stores the bytes ``data``; ``take`` is code that binds ``data`` to these bytes or raises.
    """
    kept = (
        HONEST["affine"].replace("def affine", "def true_affine")
        + "\nimport pickle\ngiven = []\ndef affine(x, w, b):\n    given.append(true_affine(x, w, b).tolist())\n"
        f"    data = pickle.dumps(given)\n    try:\n        {leave}\n    except OSError: pass\n    return true_affine(x, w, b)"
    )
    replayed = (
        f"import pickle\ntry:\n    {take}\n    given = pickle.loads(data)[-2:]\nexcept (OSError, ValueError):\n    given = []\n"
        "def affine(x, w, b):\n    if x.shape == (1, 2): return x\n"
        "    wanted = (*x.shape[:-1], len(w))\n"
        "    found = [y for y in map(torch.tensor, given) if y.shape == wanted]\n"
        "    return found[0] if found else x.new_zeros(wanted)"
    )
    return Case(
        name,
        _REPLAY,
        lambda nb, scene: answered(nb, {"affine": filled(replayed, scene, "affine")}),
        before=lambda nb, scene: answered(nb, {"affine": filled(kept, scene, "affine")}),
        lost={"affine": State.WRONG},
        **options,
    )


_SHM = (
    "import ctypes\n{0}c = ctypes.CDLL(None, use_errno=True)\n{0}c.shmat.restype = ctypes.c_void_p\n"
    "{0}at = c.shmat(c.shmget(0x1234abc, 65536, 0o1666), None, 0)\n{0}if at in (None, 2**64 - 1): raise OSError(1, 'no')\n{0}"
)
REPLAYS = [
    _replay("the working folder", "open('left', 'wb').write(data)", "data = open('left', 'rb').read()"),
    _replay(
        "the temporary folder",
        "open('/tmp/corpus-left', 'wb').write(data)",
        "data = open('/tmp/corpus-left', 'rb').read()",
    ),
    _replay(
        "shared memory files",
        "open('/dev/shm/corpus-left', 'wb').write(data)",
        "data = open('/dev/shm/corpus-left', 'rb').read()",
    ),
    _replay(
        "System V shared memory",
        _SHM.format("        ") + "ctypes.memmove(at, data, len(data))",
        _SHM.format("    ")
        + "data = ctypes.string_at(at, 65536)\n    if data[:1] != pickle.dumps(1)[:1]: raise OSError",
    ),
]

CASES: list[Case] = [*OUT, *SHADOW, *REPLAYS]
