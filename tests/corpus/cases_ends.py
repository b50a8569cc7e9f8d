"""Define cases that end the process, use up time, memory, or disk space, or leave something running."""

from autograder.model import State
from tests.corpus.case import Case, attack, attacks, harmless_cells

_ENDS = "ends the process"
_CRASHED, _TIME, _MEMORY, _RAISED = State.CRASHED, State.TIMED_OUT, State.OUT_OF_MEMORY, State.RAISED
_IN = "def affine(x, w, b):\n    "

ENDS = [
    *attacks(
        _ENDS,
        {
            "os._exit in the answer's cell": "import os\nos._exit(0)",
            "os._exit in the answer": _IN + "import os; os._exit(0)",
            "abort": _IN + "import os; os.abort()",
            "a segmentation fault": _IN + "import ctypes; ctypes.string_at(0)",
            "a fault in recursion without a limit": "import sys\nsys.setrecursionlimit(10**8)\nclass Deep:\n    def __repr__(self): return repr(self)\n"
            + _IN
            + "return repr(Deep())",
            "an exception of its own kind": "class Gone(BaseException): pass\n" + _IN + "raise Gone",
            "an exception whose text ends the process": "import os\nclass Bad(Exception):\n    def __str__(self): os._exit(0)\n"
            + _IN
            + "raise Bad",
            "the pipe is closed, and it lives on": "import os, time\nos.closerange(3, 256)\ntime.sleep(20)",
            "the pipe is closed": "import os\nos.closerange(3, 256)\n{wrong}",
        },
        state=_CRASHED,
    ),
    *attacks(
        _ENDS,
        {
            "SystemExit in the answer": _IN + "raise SystemExit",
            "an exception that cannot be shown": "class Bad(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n"
            + _IN
            + "raise Bad",
            "recursion": _IN + "return affine(x, w, b)",
        },
        state=_RAISED,
    ),
    attack(_ENDS, "KeyboardInterrupt in the answer", _IN + "raise KeyboardInterrupt", state=State.NO_EVIDENCE),
    attack(
        _ENDS,
        "a signal to itself",
        _IN + "import os, signal; os.kill(os.getpid(), signal.SIGSEGV); return x",
        state=State.WRONG,
    ),
    *harmless_cells(
        _ENDS,
        {
            "os._exit in a scratch cell": "import os\nos._exit(1)",
            "exit in a scratch cell": "exit()",
            "sys.exit in a scratch cell": "import sys; sys.exit(3)",
            "a fault in a scratch cell": "import ctypes; ctypes.string_at(0)",
            "an exit handler": "import atexit, os\natexit.register(lambda: os._exit(5))\natexit.register(print, 'end')",
            "signals are ignored": "import signal\nfor s in (2, 15, 1): signal.signal(s, signal.SIG_IGN)",
            "a thread that never ends": "import threading, time\nthreading.Thread(target=lambda: time.sleep(600)).start()",
            "a child that never ends": "import os, time\nif os.fork() == 0:\n    time.sleep(20); os._exit(0)",
            "a fork that goes on with the notebook": "import os\nos.fork()",
            "children that nobody waits for": "import subprocess, sys\nfor _ in range(5): subprocess.Popen([sys.executable, '-c', ''])",
            "output is closed": "import sys\nsys.stdout.close()",
            "output is somebody else's": "import io, sys\nsys.stdout = sys.stderr = io.StringIO()",
            "output is nowhere": "import sys\nsys.stdout = sys.stderr = None",
        },
    ),
]

_TAKES = "takes what there is"
TAKES = [
    *attacks(
        _TAKES,
        {
            "an endless loop": _IN + "while True: pass",
            "an endless loop that catches everything": "def spin():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\nspin()",
            "sleep": _IN + "import time; time.sleep(60)",
            "sleep behind ignored signals": "import signal, time\nfor s in range(1, 32):\n    if s not in (9, 19): signal.signal(s, signal.SIG_IGN)\ntime.sleep(60)",
            "a right answer that comes too late": "import time\ntime.sleep(4)\ndef affine(x, w, b): return x @ w.T + b",
            "a regular expression that backtracks": "import re\nre.match('(a|a)*b', 'a' * 40)",
            "one long operation of torch": "torch.linalg.svd(torch.randn(2500, 2500))",
            "a long power": "n = 3 ** 10 ** 9",
            "waiting for input that never comes": "import os\nr, w = os.pipe()\nos.read(r, 1)",
            "a deadlock": "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
            "a cell begun again and again": "from layerlab.graded import observation\nimport time\nfor _ in range(30):\n"
            "    observation._session.send('cell', {'id': 'affine', 'worked': 0.0})\n    time.sleep(0.5)\n{wrong}",
        },
        is_slow=True,
        state=_TIME,
    ),
    *attacks(
        _TAKES,
        {
            "a right answer that takes too much": "big = torch.ones(2**27)\ndef affine(x, w, b): return x @ w.T + b",
            "a tensor too large": _IN + "return torch.ones(2**28)",
            "a list too large": _IN + "return [0] * 2**28",
            "bytes too large": _IN + "return bytearray(2**30)",
        },
        state=_MEMORY,
    ),
    *attacks(
        _TAKES,
        {
            "memory shared with nobody": _IN + "import mmap; m = mmap.mmap(-1, 2**32); return x @ w.T + b",
            "a file in memory": _IN + "import os; fd = os.memfd_create('a'); return x @ w.T + b",
        },
        state=_RAISED,
    ),
    *harmless_cells(
        _TAKES,
        {
            "endless output": "for _ in range(300): print('x' * 100_000)",
            "many small outputs": "for i in range(3_000): display(i)",
            "a full disk": "try:\n    for i in range(400): open(f'f{i}', 'wb').write(bytes(2**20))\nexcept OSError: pass",
            "files left open": "kept = []\ntry:\n    for i in range(400): kept.append(open('/dev/null'))\nexcept OSError: pass\nkept.clear()",
            "as many processes as there may be": "import os, time\ntry:\n    for _ in range(60):\n        if os.fork() == 0:\n            time.sleep(3); os._exit(0)\n"
            "except OSError: pass",
            "memory taken and given back": "big = torch.ones(2**25); del big",
            "a file too large": "try:\n    open('big', 'wb').truncate(2**31)\nexcept OSError: pass",
        },
    ),
]

CASES: list[Case] = [*ENDS, *TAKES]
