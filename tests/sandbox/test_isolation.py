"""Test each promise of the threat model from inside the sandbox: what a submission can see and do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.model import Batch, Cell, Limits, State
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.driver.server_process import CONTAINER_OPTIONS
from tests.changed_answers import with_answer
from tests.root import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")

# List the processes that answer signal 0, which has no effect.
_ALIVE = """
found = []
for pid in range(1, 3000):
    try:
        os.kill(pid, 0)
        found.append(pid)
    except ProcessLookupError:
        pass
print(json.dumps(found))
"""


def tried(runner, source: str, limits: Limits | None = None):
    """Run code as a student would, and decode the JSON that it prints."""
    run = runner.run([Cell("own", "own", f"import json, os, sys\n{source}")], Batch(1, 2), limits)
    cell = run.cells[0]
    assert cell.error is None, cell.error
    return json.loads("".join(o["text"] for o in cell.outputs if o["output_type"] == "stream"))


def refused(runner, source: str) -> str:
    """Return the error that the code raises, or "allowed"."""
    indented = source.replace("\n", "\n    ")
    return tried(
        runner,
        f"try:\n    {indented}\n    print(json.dumps('allowed'))\n"
        "except BaseException as e: print(json.dumps(f'{type(e).__name__} {getattr(e, \"errno\", None)}'))",
    )


def test_submission_sees_only_interpreter_packages_and_course(runner):
    top = tried(runner, "print(json.dumps(sorted(os.listdir('/'))))")
    first_parts = {Path(os.path.realpath(p)).parts[1] for p in (sys.prefix, sys.base_prefix)}
    known = {"proc", "dev", "etc", "tmp", "usr", "submission", "course-packages", "lib", "lib32", "lib64", "libx32"}
    assert set(top) <= known | first_parts
    assert tried(runner, "print(json.dumps(sorted(os.listdir('/course-packages'))))") == ["inside", "layerlab"]


@pytest.mark.parametrize("name", ["autograder", "autograder.grading.verdicts", "autograder.variants", "authoring"])
def test_grader_cannot_be_imported(runner, name):
    assert refused(runner, f"import importlib; importlib.import_module('{name}')") == "ModuleNotFoundError None"


@pytest.mark.parametrize("folder", ["autograder", "solutions", "submitted", "notebooks", "tests", ".git"])
def test_repository_is_absent(runner, folder):
    assert tried(runner, f"print(json.dumps(os.path.lexists({str(ROOT / folder)!r})))") is False


def test_memory_and_environment_hold_no_grader_traces(runner):
    modules = tried(runner, "print(json.dumps([m for m in sys.modules if m.split('.')[0] == 'autograder']))")
    assert modules == []
    assert sorted(tried(runner, "print(json.dumps(dict(os.environ)))")) == sorted(
        ["HOME", "TMPDIR", "PATH", "LANG", "OMP_NUM_THREADS", "MPLCONFIGDIR", "MPLBACKEND"]
    )


def test_course_and_system_files_are_read_only(runner):
    import torch

    places = [torch.__file__, "/course-packages/layerlab/graded/observation.py", "/etc/passwd", "/new"]
    for place in places:
        assert refused(runner, f"open({place!r}, 'a')") in ("OSError 30", "PermissionError 13")


def test_working_folder_is_private_empty_and_small(runner):
    assert tried(runner, "open('left', 'w').write('x'); print(json.dumps([os.getcwd(), os.listdir('.')]))") == [
        "/submission",
        ["left"],
    ]
    assert tried(runner, "print(json.dumps(os.listdir('.') + os.listdir('/dev/shm')))") == []
    fill = "for i in range(600):\n    open(f'f{i}', 'wb').write(bytes(2**20))"
    assert refused(runner, fill) == "OSError 28"


def test_other_processes_are_invisible_and_unreachable(runner):
    assert tried(runner, _ALIVE) == [1]
    assert refused(runner, "os.kill(2, 9)") == "ProcessLookupError 3"


def test_only_loopback_network_is_available(runner):
    names = tried(runner, "import socket; print(json.dumps([n for _, n in socket.if_nameindex()]))")
    assert names == ["lo"]
    assert refused(runner, "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)") == "OSError 101"


@pytest.mark.parametrize(
    "source",
    [
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nif c.unshare(0x10000000): raise OSError(1, 'no')",
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nif c.mount(b'none', b'/tmp', b'tmpfs', 0, None): "
        "raise OSError(1, 'no')",
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\nif c.syscall(250, 0, 0) < 0: raise OSError(1, 'no')",
        "os.chroot('/submission')",
        "import socket\nsocket.socket(40, 1)",
    ],
    ids=["unshare", "mount", "keyctl", "chroot", "vsock"],
)
def test_unneeded_system_calls_are_denied(runner, source):
    assert refused(runner, source) == "PermissionError 1"


def test_submission_has_and_gains_no_capabilities(runner):
    source = (
        "import ctypes, struct\nlibc = ctypes.CDLL(None)\nheld = ctypes.create_string_buffer(24)\n"
        "asked = libc.capget(struct.pack('Ii', 0x20080522, 0), held)\n"
        "bound = [c for c in range(41) if libc.prctl(23, c, 0, 0, 0) == 1]\n"
        "raised = [c for c in range(41) if libc.prctl(47, 1, c, 0, 0) == 1]\n"
        "locked = [libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0)]\n"
        "print(json.dumps([asked, held.raw.strip(bytes(1)).hex(), bound, raised, *locked]))"
    )
    no_new_privileges, filtered = 1, 2
    assert tried(runner, source) == [0, "", [], [], no_new_privileges, filtered]


def test_proc_exposes_few_plain_read_only_files(runner):
    source = (
        "import stat\nfiles = [os.path.join(top, name) for top, _, names in os.walk('/proc') for name in names]\n"
        "plain = [path for path in files if stat.S_ISREG(os.lstat(path).st_mode)]\n"
        "print(json.dumps([sorted(plain) == sorted(files), len(files), os.access('/proc', os.W_OK)]))"
    )
    is_plain, count, is_writable = tried(runner, source)
    assert (is_plain, is_writable) == (True, False)
    assert 0 < count < 20


def test_fork_bomb_is_killed_with_submission(runner):
    source = "made = []\ntry:\n    for _ in range(500):\n        pid = os.fork()\n        if pid == 0:\n"
    source += (
        "            import time; time.sleep(60); os._exit(0)\n        made.append(pid)\nexcept OSError:\n    pass\n"
    )
    assert tried(runner, source + "print(json.dumps(len(made)))") < 40
    assert tried(runner, _ALIVE) == [1]


def test_background_processes_are_killed_with_submission():
    leave = "pid = os.fork()\nif pid == 0:\n    os.setsid()\n    import time; time.sleep(300)\nprint(json.dumps(1))"
    with Runner() as own:
        (server,) = own._idle.queue
        before = psutil.Process(server.process.pid).children(recursive=True)
        assert tried(own, leave) == 1
        assert psutil.Process(server.process.pid).children(recursive=True) == before


def test_closed_pipe_does_not_pass(runner, two_exercises, batch):
    closing = "import os\nfor fd in range(3, 256):\n    try: os.close(fd)\n    except OSError: pass"
    run = runner.run(with_answer(two_exercises, "double", closing), batch, Limits(cell_seconds=2, total_seconds=10))
    assert run.cells[1].stop is State.CRASHED
    assert [c.raised_type for c in run.claims if c.exercise == "double"] == ["NameError", "NameError"]


def in_a_user_namespace(prelude: str, source: str) -> str:
    """Run Python in a user namespace, where uid 0 has only the rights of an ordinary user; return the output."""
    script = f'{prelude}; exec "$0" -c "$1"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, sys.executable, source]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False).stdout


def test_ordinary_user_gets_the_same_isolation():
    source = (
        "from autograder.model import *; from autograder.sandbox.driver.run import Runner\n"
        'with Runner() as r: run = r.run([Cell("own", "own", "import os; print(sorted(os.listdir(chr(47))))")],'
        ' Batch(1, 2)); print(run.cells[0].outputs[0]["text"])'
    )
    assert "'course-packages'" in in_a_user_namespace("true", source)


# A container hides parts of /proc; here, of every /proc, because the kernel looks for one that is completely visible.
_HIDE_PROC = "for at in $(awk '$3 == \"proc\" {print $2}' /proc/mounts); do mount -t tmpfs none $at/tty; done"


@pytest.mark.parametrize(("prelude", "step"), [
    ("echo 0 > /proc/sys/user/max_user_namespaces", "unshare(user, mount, pid): ENOSPC"),
    (_HIDE_PROC, "mount proc on proc: EPERM"),
], ids=["namespaces", "proc"])  # fmt: skip
def test_host_that_refuses_a_step_gets_clear_error(prelude, step):
    source = (
        "from autograder.sandbox.driver.server_process import SandboxRefused\n"
        "from autograder.sandbox.driver.run import Runner\n"
        "try: Runner().__enter__()\nexcept SandboxRefused as error: print(error)"
    )
    said = in_a_user_namespace(prelude, source)
    assert f"does not allow the isolation of submissions ({step})" in said
    assert f"{CONTAINER_OPTIONS}. --unsandboxed" in said
