"""Define attacks that outside testers found: on ended claims, and through the kernel's counters."""

from autograder.model import State
from tests.corpus.case import HONEST, Case, Notebook, Scene, answered, attack, cell, inserted_below

_CHANNEL = "answers through the channel"
_LEFT = "replays"

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
    "a demonstration that was not run, missed below the test",
    "what the kernel counts in schedstat",
    "what is told in locks",
    "what is told in self/pagemap",
)
CASES: list[Case] = [*_AGAIN, *_CLAIMED, *COUNTS]
