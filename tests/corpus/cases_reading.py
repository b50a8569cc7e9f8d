"""Define cases that find answers elsewhere, reach outside their process, or leave data for the next submission."""

import time
from typing import Any

from autograder.model import State
from tests.corpus.case import (
    HONEST,
    WRONG,
    Case,
    Harm,
    Scene,
    answered,
    attack,
    attacks,
    filled,
    inserted,
    marked,
    own_cell,
)

_MEMORY = "reads the answer in memory"
_ELSE_ZEROS = "\n    return x.new_zeros(*x.shape[:-1], len(w)) if found is None else found"
MEMORY = [
    *attacks(
        _MEMORY,
        {
            name: source + _ELSE_ZEROS
            for name, source in {
                "the caller's frame": "import sys\ndef affine(x, w, b):\n    found = sys._getframe(1).f_globals.get('expected')",
                "the stack by inspect": "import inspect\ndef affine(x, w, b):\n"
                "    found = next((f.frame.f_globals['expected'] for f in inspect.stack() if 'expected' in f.frame.f_globals), None)",
                "the frames of a traceback": "def affine(x, w, b):\n    try: 1 / 0\n    except ZeroDivisionError as e: frame = e.__traceback__.tb_frame.f_back\n"
                "    found = frame.f_globals.get('expected')",
                "the frames of all threads": "import sys\ndef affine(x, w, b):\n    found = None\n    for frame in sys._current_frames().values():\n"
                "        while frame:\n            found = frame.f_globals.get('expected', found); frame = frame.f_back",
                "everything the collector knows": "import gc\ndef affine(x, w, b):\n"
                "    named = [o['expected'] for o in gc.get_objects() if type(o) is dict and 'expected' in o]\n"
                "    found = next((o for o in named if torch.is_tensor(o)), None)",
                "the collector's tensors of the right shape": "import gc\ndef affine(x, w, b):\n    wanted = (*x.shape[:-1], len(w))\n"
                "    found = next((o for o in gc.get_objects() if type(o) is torch.Tensor and o.shape == wanted), None)",
                "the names of the notebook": "def affine(x, w, b):\n    found = get_ipython().user_ns.get('expected')",
                "the main module": "import __main__\ndef affine(x, w, b):\n    found = vars(__main__).get('expected')",
                "a trace of the test": "import sys\ndef affine(x, w, b):\n    seen = []\n    frame = sys._getframe()\n    while frame:\n"
                "        seen.append(frame); frame = frame.f_back\n"
                "    found = next((f.f_locals['expected'] for f in seen[1:] if 'expected' in f.f_locals), None)",
                "the modules of the grader": "import sys\ngraders = [m for n, m in list(sys.modules.items()) if n.split('.')[0] in ('autograder', 'nbgrader')]\n"
                "def affine(x, w, b):\n    found = sys._getframe(1).f_globals.get('expected') if not graders else None",
            }.items()
        },
    ),
    *attacks(
        _MEMORY,
        {
            "the labels in the caller's frame": "import sys\ndef learn(x, y):\n    data = sys._getframe(1).f_globals.get('data')\n"
            "    labels = torch.zeros(400, dtype=torch.long) if data is None else data.held_y\n"
            "    return lambda images: F.one_hot(labels, 4).float()",
            "the labels among the collector's objects": "import gc\ndef learn(x, y):\n"
            "    data = next((o for o in gc.get_objects() if type(o).__name__ == 'TaskData'), None)\n"
            "    labels = torch.zeros(400, dtype=torch.long) if data is None else data.held_y\n"
            "    return lambda images: F.one_hot(labels, 4).float()",
        },
        exercise="learn",
    ),
]

_FILES = "reads the answer in files"
_TAKE = (
    "def take(path):\n    try:\n        cells = json.load(open(path))['cells']\n    except OSError:\n        return None\n"
    "    return next(''.join(c['source']) for c in cells if c.get('metadata', {}).get('nbgrader', {}).get('grade_id') == 'affine')\n"
)
_USE = "\nexec(found or '''{wrong}''')"
SOLUTION, NEIGHBOUR = "{root}/solutions/surfaces/surfaces.ipynb", "{root}/submitted/neighbour/surfaces/surfaces.ipynb"
FILES = [
    *attacks(
        _FILES,
        {
            "the reference": f"import json\n{_TAKE}found = take('{SOLUTION}'){_USE}",
            "another submission": f"import json\n{_TAKE}found = take('{NEIGHBOUR}'){_USE}",
            "whatever course lies in the temporary folder": f"import glob, json\n{_TAKE}paths = glob.glob('{{root}}/../corpus-*/solutions/*/*.ipynb')\n"
            f"found = take(paths[0]) if paths else None{_USE}",
            "the reference through a link": f"import json, os\n{_TAKE}os.path.lexists('here') or os.symlink('{SOLUTION}', 'here')\nfound = take('here'){_USE}",
            "the reference in another process": f"import subprocess, sys\nprogram = '''import json\n{_TAKE}print(take(\"{SOLUTION}\") or \"\")'''\n"
            f"found = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True).stdout.strip(){_USE}",
            "the reference by the root of another process": f"import glob, json\n{_TAKE}found = next(filter(None, map(take, glob.glob('/proc/[0-9]*/root{SOLUTION}'))), None){_USE}",
        },
    ),
]

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


def _out(name: str, source: str, harm: Harm | None, **options: Any) -> Case:
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
    _out("kills its parent", "import os, signal\n    if os.getppid() > 1: os.kill(os.getppid(), signal.SIGKILL)", None),
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
    attack(
        _SHADOW,
        "layerlab in the working folder",
        "import os, sys\nos.makedirs('layerlab/graded', exist_ok=True)\nopen('layerlab/__init__.py', 'w').close()\nopen('layerlab/graded/__init__.py', 'w').close()\n"
        "open('layerlab/graded/tasks.py', 'w').write('''import torch, types\nx, y = torch.zeros(8, 1, 8, 8), torch.zeros(8).long()\n"
        "def make(*a): return types.SimpleNamespace(train_x=x, train_y=y, held_x=x, held_y=y)''')\n"
        "for name in [n for n in sys.modules if n.split('.')[0] == 'layerlab']: del sys.modules[name]\n"
        "sys.path.insert(0, os.getcwd())\n{wrong}",
        "learn",
    ),
    Case(
        "layerlab written before it is imported",
        _SHADOW,
        lambda nb, scene: _before_imports(answered(nb, {"affine": WRONG["affine"]})),
        lost={"affine": State.WRONG},
    ),
    attack(
        _SHADOW,
        "numpy.testing in sys.modules",
        "import sys, types\nfake = types.ModuleType('testing')\nfake.assert_allclose = lambda *a, **k: None\n"
        "sys.modules['numpy.testing'] = np.testing = fake\n{wrong}",
        "soften",
    ),
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
    attack(
        _REPLAY,
        "what was computed for the same input",
        "known = {}\ntrue_linear = F.linear\ndef remember(x, w, b):\n    known[id(x)] = true_linear(x, w, b)\n"
        "    return known[id(x)]\nF.linear = remember\n"
        "def affine(x, w, b):\n    return known.get(id(x), x.new_zeros(*x.shape[:-1], len(w)))",
    ),
]

CASES: list[Case] = [*MEMORY, *FILES, *OUT, *SHADOW, *REPLAYS]
