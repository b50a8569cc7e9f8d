"""Define attacks that outside testers found: through modules, on ended claims, and through the kernel's counters."""

from autograder.model import State
from tests.corpus.case import HONEST, Case, Notebook, Scene, answered, attack, attacks, cell, inserted, inserted_below

_HIDES = "hides a forbidden call"
_CHANNEL = "answers through the channel"
_LEFT = "replays"
_FAST = "from functools import partial\nimport torch\nfast = partial(torch.softmax, dim=-1)\n"
_MAPPED = "import torch\ndef fast(x): return list(map(torch.softmax, [x], [-1]))[0]\n"


def _module(name: str, module: str, answer: str, above: str = "", **more: str) -> Case:
    """Return a case in which a module next to the notebook makes the call that the answer must not make."""

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        made = answered(notebook, {"soften": answer})
        return inserted(made, above, "soften") if above else made

    return Case(name, _HIDES, make, lost={"soften": State.FORBIDDEN}, beside={"mine.py": module, **more})


def _written(name: str, above: str) -> Case:
    lost = {"soften": State.FORBIDDEN}
    return Case(name, _HIDES, lambda nb, scene: inserted(answered(nb, {"soften": _CALL}), above, "soften"), lost=lost)


def _below(name: str, group: str, answers: dict[str, str], below: str, after: str, **lost: State) -> Case:
    """Return a case with a cell below a test."""
    return Case(name, group, lambda nb, scene: inserted_below(answered(nb, answers), below, after), lost=lost)


_CALL = "from mine import fast\ndef soften(x): return fast(x)"
MODULES = [
    _module("kept in a module", _FAST, _CALL),
    _module("mapped in a module", _MAPPED, _CALL),
    _module("in a module by another name", _FAST, "import mine as m\ndef soften(x): return m.fast(x)"),
    _module("in a module by a name as text", _FAST, "import mine\ndef soften(x): return getattr(mine, 'fast')(x)"),
    _module("in a module that the function imports", _FAST, "def soften(x):\n    import mine\n    return mine.fast(x)"),
    _module("by everything of a module", _FAST, "def soften(x): return fast(x)", "from mine import *"),
    _module("in a module that a module imports", "from other import fast", _CALL, **{"other.py": _FAST}),
    _module("in a module that a module imports whole", "import other\ndef fast(x): return other.fast(x)", _CALL, **{"other.py": _FAST}),
    _module("in a module as an alias", "from torch.nn.functional import softmax as fast", "from mine import fast\ncall = [fast]\ndef soften(x): return list(map(call[0], [x], [-1]))[0]"),
    _module("in a module as an alias, imported whole", "from torch import softmax as fast", "import mine\nfrom functools import partial\ncall = partial(mine.fast, dim=-1)\ndef soften(x): return call(x)"),
    _module("in a module's class", "import torch\nclass Maker:\n    call = staticmethod(torch.softmax)", "from mine import Maker\nfrom functools import partial\nsoften = partial(Maker.call, dim=-1)"),
    _module("in a module that is run", _FAST, "def soften(x): return fast(x)", "%run mine.py"),
    _module("in a module by a text", _FAST, "import importlib\nfast = importlib.import_module('mine').fast\ndef soften(x): return fast(x)"),
    _written("in a module that a cell writes", f"%%writefile mine.py\n{_FAST}"),
    _written("in a module that a cell writes in two parts", f"%%writefile mine.py\nimport torch\n{_FAST}"),
    _written("in a module written as a text", f"open('mine.py', 'w').write('''{_FAST}''')"),
    _written("in a module written by its path", f"from pathlib import Path\nPath('mine.py').write_text('''{_FAST}''')"),
]  # fmt: skip
_LATER = [
    _below(
        "mapped in a definition below the tests",
        _HIDES,
        {"soften": "def soften(x): return fast(x)"},
        _MAPPED,
        "test_soften",
        soften=State.FORBIDDEN,
    ),
    _below(
        "imported below the tests",
        _HIDES,
        {"soften": "from functools import partial\ndef soften(x): return partial(fast, dim=-1)(x)"},
        "from torch import softmax as fast",
        "test_learn",
        soften=State.FORBIDDEN,
    ),
    _below(
        "in a class below the tests",
        _HIDES,
        {"soften": "def soften(x): return Fast.call(x, -1)"},
        "class Fast:\n    call = staticmethod(torch.softmax)",
        "test_soften",
        soften=State.FORBIDDEN,
    ),
]
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
_AGAIN = [
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
_CLAIMED = [
    attack(
        _CHANNEL,
        "a claim opened in the answer",
        "from contextlib import contextmanager\nfrom layerlab.graded import observation as o, wire\nsession = o._session\nsession.exercise, session.claim = 'tally', 'count'\n"
        "session.send('claim', {'points': 1})\n"
        "session.send('observe', {'label': 'count', 'judge': 'close'}, wire.encode({'values': (12,), 'options': {}}))\nsession.send('held', {'count': 1})\n"
        "@contextmanager\ndef silent(*a, **k):\n    try: yield\n    except Exception: pass\n"
        "def tally(net):\n    raise ValueError\nlab.claim, true = silent, lab.claim\n",
        "tally",
        State.NO_EVIDENCE,
        also={"learn": State.NO_EVIDENCE},
    ),
]
_DEMONSTRATION = [
    *attacks(_HIDES, {
        "by the layer of a demonstration": "def soften(x): return shown(x)",
        "by the layer of a demonstration, its forward": "def soften(x): return shown.forward(x)",
        "by the class of a demonstration's layer": "def soften(x): return type(shown).forward(shown, x)",
        "by a call of a demonstration's layer": "def soften(x): return torch.func.functional_call(shown, {}, x)",
        "by an older call of a demonstration's layer": "def soften(x): return torch.nn.utils.stateless.functional_call(shown, {}, (x,))",
        "by a chain around a demonstration's layer": "chain = nn.Sequential(shown)\ndef soften(x): return chain(x)",
        "by a demonstration's layer, checkpointed": "import torch.utils.checkpoint\ndef soften(x): return torch.utils.checkpoint.checkpoint(shown, x, use_reentrant=False)",
        "by a copy of a demonstration's layer": "import copy\ndef soften(x): return copy.deepcopy(shown)(x)",
        "by a demonstration's layer, mapped": "def soften(x): return list(map(shown, [x]))[0]",
        "by a demonstration's layer under vmap": "def soften(x): return torch.func.vmap(shown)(x)",
    }, exercise="soften", state=State.FORBIDDEN),
]  # fmt: skip
_LUCK = "def affine(x, w, b):\n    return x @ w.T + b if found else x.new_zeros(*x.shape[:-1], len(w))"


def _counted(name: str, probe: str) -> Case:
    """Return a case that tries to learn about other submissions from the operating system's kernel."""
    tried = "\n".join(f"    {line}" for line in probe.splitlines())
    source = f"import ctypes, fcntl, mmap, os, resource\nlibc = ctypes.CDLL(None)\ntry:\n{tried}\nexcept Exception:\n    found = False\n{_LUCK}"
    return attack(_LEFT, name, source)


_LOOKED = "file = os.open(os.__file__, os.O_RDONLY)\n"
_CHANGES = "def look(): return open('{0}').read()\nbefore = look()\nheld = bytearray(50 << 20)\nfor n in range(200): os.close(os.open(os.__file__, 0))\nfound = look() != before"
COUNTS = [
    _counted("who opens a file, by inotify", "found = libc.inotify_init1(0) >= 0"),
    _counted("who opens a file, by inotify's first call", "found = libc.inotify_init() >= 0"),
    _counted("who opens a folder, by a notice", "folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY)\nfound = libc.fcntl(folder, 1026, 0x80000001) == 0"),
    _counted("who opens a file, by a lease", f"{_LOOKED}found = libc.fcntl(file, 1024, 0) == 0 or libc.fcntl(file, 1025) >= 0"),
    _counted("who waited for a page, by usage", "found = libc.getrusage(0, ctypes.create_string_buffer(512)) == 0"),
    _counted("who waited for a page, by usage as Python tells it", "found = resource.getrusage(resource.RUSAGE_SELF).ru_minflt > 0"),
    _counted("who waited for a page, by the end of a process", "pid = os.fork()\nif pid == 0: os._exit(0)\nfound = os.wait4(pid, 0)[2].ru_minflt > 0"),
    _counted("who waited for a page, by the end of a process and its number", "pid = os.fork()\nif pid == 0: os._exit(0)\nusage = ctypes.create_string_buffer(512)\nfound = libc.syscall(247, 1, pid, None, 4, usage) == 0"),
    _counted("which pages are there, by moving none", f"{_LOOKED}held = mmap.mmap(file, 0, prot=mmap.PROT_READ)\nstatus = ctypes.c_int(-1)\nat = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(bytearray(8))))\nfound = libc.syscall(279, 0, 1, ctypes.byref(at), None, ctypes.byref(status), 0) == 0"),
    _counted("which pages are there, by a queue", "found = libc.syscall(206, 1, ctypes.byref(ctypes.c_long())) == 0"),
    *(
        _counted(f"what the kernel counts in {name}", _CHANGES.format(f"/proc/{name}"))
        for name in ("vmstat", "self/stat", "self/status", "self/io", "self/smaps", "meminfo", "stat", "sys/fs/file-nr", "sys/fs/dentry-state", "zoneinfo", "schedstat")
    ),
    *(
        _counted(f"what is told in {name}", f"found = len(open('/proc/{name}').read()) > 0")
        for name in ("vmstat", "locks", "self/mountinfo", "self/pagemap", "pressure/io", "diskstats", "interrupts", "self/maps")
    ),
]  # fmt: skip
# Cases that failed in this grader even before the other cases led to changes in it.
CONTROLS = (
    "in a module as an alias",
    "in a class below the tests",
    "a demonstration that was not run, missed below the test",
    "what the kernel counts in schedstat",
    "what is told in locks",
    "what is told in self/pagemap",
)
CASES: list[Case] = [*MODULES, *_LATER, *_AGAIN, *_CLAIMED, *_DEMONSTRATION, *COUNTS]
