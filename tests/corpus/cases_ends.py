"""Cases that end the process, take what there is of time, memory and disk, or leave something running."""

from __future__ import annotations

from autograder.model import State
from tests.corpus.case import Case, attack, harmless

_ENDS = "ends the process"
_CRASHED, _TIME, _MEMORY, _RAISED = State.CRASHED, State.TIMED_OUT, State.OUT_OF_MEMORY, State.RAISED
_IN = "def affine(x, w, b):\n    "

ENDS = [
    attack(_ENDS, "os._exit in the answer's cell", "import os\nos._exit(0)", state=_CRASHED),
    attack(_ENDS, "os._exit in the answer", _IN + "import os; os._exit(0)", state=_CRASHED),
    attack(_ENDS, "abort", _IN + "import os; os.abort()", state=_CRASHED),
    attack(_ENDS, "a segmentation fault", _IN + "import ctypes; ctypes.string_at(0)", state=_CRASHED),
    attack(
        _ENDS,
        "a fault in recursion without a limit",
        "import sys\nsys.setrecursionlimit(10**8)\nclass Deep:\n    def __repr__(self): return repr(self)\n"
        + _IN
        + "return repr(Deep())",
        state=_CRASHED,
    ),
    attack(_ENDS, "SystemExit in the answer", _IN + "raise SystemExit", state=_RAISED),
    attack(_ENDS, "KeyboardInterrupt in the answer", _IN + "raise KeyboardInterrupt", state=State.NO_EVIDENCE),
    attack(
        _ENDS, "an exception of its own kind", "class Gone(BaseException): pass\n" + _IN + "raise Gone", state=_CRASHED
    ),
    attack(
        _ENDS,
        "an exception that cannot be shown",
        "class Bad(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n" + _IN + "raise Bad",
        state=_RAISED,
    ),
    attack(
        _ENDS,
        "an exception whose text ends the process",
        "import os\nclass Bad(Exception):\n    def __str__(self): os._exit(0)\n" + _IN + "raise Bad",
        state=_CRASHED,
    ),
    attack(_ENDS, "recursion", _IN + "return affine(x, w, b)", state=_RAISED),
    attack(
        _ENDS,
        "the pipe is closed, and it lives on",
        "import os, time\nos.closerange(3, 256)\ntime.sleep(20)",
        state=_CRASHED,
    ),
    attack(_ENDS, "the pipe is closed", "import os\nos.closerange(3, 256)\n{wrong}", state=_CRASHED),
    attack(
        _ENDS,
        "a signal to itself",
        _IN + "import os, signal; os.kill(os.getpid(), signal.SIGSEGV); return x",
        state=State.WRONG,
    ),
    harmless(_ENDS, "os._exit in a scratch cell", "import os\nos._exit(1)"),
    harmless(_ENDS, "exit in a scratch cell", "exit()"),
    harmless(_ENDS, "sys.exit in a scratch cell", "import sys; sys.exit(3)"),
    harmless(_ENDS, "a fault in a scratch cell", "import ctypes; ctypes.string_at(0)"),
    harmless(
        _ENDS,
        "an exit handler",
        "import atexit, os\natexit.register(lambda: os._exit(5))\natexit.register(print, 'end')",
    ),
    harmless(_ENDS, "signals are ignored", "import signal\nfor s in (2, 15, 1): signal.signal(s, signal.SIG_IGN)"),
    harmless(
        _ENDS,
        "a thread that never ends",
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(600)).start()",
    ),
    harmless(_ENDS, "a child that never ends", "import os, time\nif os.fork() == 0:\n    time.sleep(20); os._exit(0)"),
    harmless(_ENDS, "a fork that goes on with the notebook", "import os\nos.fork()"),
    harmless(
        _ENDS,
        "children that nobody waits for",
        "import subprocess, sys\nfor _ in range(5): subprocess.Popen([sys.executable, '-c', ''])",
    ),
    harmless(_ENDS, "output is closed", "import sys\nsys.stdout.close()"),
    harmless(_ENDS, "output is somebody else's", "import io, sys\nsys.stdout = sys.stderr = io.StringIO()"),
    harmless(_ENDS, "output is nowhere", "import sys\nsys.stdout = sys.stderr = None"),
]

_TAKES = "takes what there is"
TAKES = [
    attack(_TAKES, "an endless loop", _IN + "while True: pass", state=_TIME, is_slow=True),
    attack(
        _TAKES,
        "an endless loop that catches everything",
        "def spin():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\nspin()",
        state=_TIME,
        is_slow=True,
    ),
    attack(_TAKES, "sleep", _IN + "import time; time.sleep(60)", state=_TIME, is_slow=True),
    attack(
        _TAKES,
        "sleep behind ignored signals",
        "import signal, time\nfor s in range(1, 32):\n    if s not in (9, 19): signal.signal(s, signal.SIG_IGN)\ntime.sleep(60)",
        state=_TIME,
        is_slow=True,
    ),
    attack(
        _TAKES,
        "a right answer that comes too late",
        "import time\ntime.sleep(4)\ndef affine(x, w, b): return x @ w.T + b",
        state=_TIME,
        is_slow=True,
    ),
    attack(
        _TAKES,
        "a right answer that takes too much",
        "big = torch.ones(2**27)\ndef affine(x, w, b): return x @ w.T + b",
        state=_MEMORY,
    ),
    attack(
        _TAKES,
        "a regular expression that backtracks",
        "import re\nre.match('(a|a)*b', 'a' * 40)",
        state=_TIME,
        is_slow=True,
    ),
    attack(
        _TAKES, "one long operation of torch", "torch.linalg.svd(torch.randn(2500, 2500))", state=_TIME, is_slow=True
    ),
    attack(_TAKES, "a long power", "n = 3 ** 10 ** 9", state=_TIME, is_slow=True),
    attack(
        _TAKES,
        "waiting for input that never comes",
        "import os\nr, w = os.pipe()\nos.read(r, 1)",
        state=_TIME,
        is_slow=True,
    ),
    attack(
        _TAKES,
        "a deadlock",
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        state=_TIME,
        is_slow=True,
    ),
    attack(
        _TAKES,
        "a cell begun again and again",
        "from layerlab.graded import observation\nimport time\nfor _ in range(30):\n"
        "    observation._session.send('cell', {'id': 'affine', 'worked': 0.0})\n    time.sleep(0.5)\n{wrong}",
        state=_TIME,
        is_slow=True,
    ),
    attack(_TAKES, "a tensor too large", _IN + "return torch.ones(2**28)", state=_MEMORY),
    attack(_TAKES, "a list too large", _IN + "return [0] * 2**28", state=_MEMORY),
    attack(_TAKES, "bytes too large", _IN + "return bytearray(2**30)", state=_MEMORY),
    attack(
        _TAKES,
        "memory shared with nobody",
        _IN + "import mmap; m = mmap.mmap(-1, 2**32); return x @ w.T + b",
        state=_RAISED,
    ),
    attack(_TAKES, "a file in memory", _IN + "import os; fd = os.memfd_create('a'); return x @ w.T + b", state=_RAISED),
    harmless(_TAKES, "endless output", "for _ in range(300): print('x' * 100_000)"),
    harmless(_TAKES, "many small outputs", "for i in range(3_000): display(i)"),
    harmless(
        _TAKES,
        "a full disk",
        "try:\n    for i in range(400): open(f'f{i}', 'wb').write(bytes(2**20))\nexcept OSError: pass",
    ),
    harmless(
        _TAKES,
        "files left open",
        "kept = []\ntry:\n    for i in range(400): kept.append(open('/dev/null'))\nexcept OSError: pass\nkept.clear()",
    ),
    harmless(
        _TAKES,
        "as many processes as there may be",
        "import os, time\ntry:\n    for _ in range(60):\n        if os.fork() == 0:\n            time.sleep(3); os._exit(0)\n"
        "except OSError: pass",
    ),
    harmless(_TAKES, "memory taken and given back", "big = torch.ones(2**25); del big"),
    harmless(_TAKES, "a file too large", "try:\n    open('big', 'wb').truncate(2**31)\nexcept OSError: pass"),
]

CASES: list[Case] = [*ENDS, *TAKES]
