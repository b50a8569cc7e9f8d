"""Test fixes for the problems that outside testers reported with commands and sampled data."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from autograder.classroom import handed_in
from autograder.commands import stopping
from layerlab.graded import tasks
from tests.graded_class import NAME, ROOT, make_course


def test_task_data_depends_on_the_whole_key():
    data = tasks.make("bright patch", tasks.secret_seed(3, "learn", "bright patch"))
    near = tasks.make("bright patch", tasks.secret_seed(3 + 2**32, "learn", "bright patch"))
    far = tasks.make("bright patch", tasks.secret_seed(3 + 2**200, "learn", "bright patch"))
    assert not data.train_x.equal(near.train_x)
    assert not data.train_x.equal(far.train_x)
    key = bytearray(32)
    made = tasks.make("bright patch", bytes(key))
    for at in (0, 15, 31):
        other = key.copy()
        other[at] = 128
        assert not made.train_x.equal(tasks.make("bright patch", bytes(other)).train_x)


def test_key_gives_a_state_unreachable_by_seeds():
    words = torch.Generator().manual_seed(5).get_state()[24 : 24 + 8 * 624].view(torch.int64)
    state = tasks._keyed(torch.Generator(), b"k" * 32, b"held out").get_state()[24 : 24 + 8 * 624].view(torch.int64)
    for byte in (state & 255, state >> 24):
        assert len(set(byte.tolist())) > 200, "a word's first and last byte both come from the key"
    assert int(words[0]) == 5, "torch's own state begins with the seed: its words start here"
    assert len(set(state.tolist())) > 600
    assert int(state.max()) < 2**32


def test_held_out_data_uses_a_separate_state():
    key = tasks.secret_seed(7, "learn", "seasonal series")
    data = tasks.make("seasonal series", key)
    law = tasks.LAWS["seasonal series"]
    sample = law.instance(generator := tasks._keyed(torch.Generator(), key, b"instance"))
    assert sample(law.train)[0].equal(data.train_x)
    assert not sample(law.held)[0].equal(data.held_x)
    tasks._keyed(generator, key, b"held out")
    assert sample(law.held)[0].equal(data.held_x)


def test_integer_seed_reproduces_the_notebook_data():
    data = tasks.make("bright patch", 20260101)
    generator = torch.Generator().manual_seed(20260101)
    sample = tasks.LAWS["bright patch"].instance(generator)
    assert [part.equal(own) for part, own in zip(sample(400), (data.train_x, data.train_y), strict=True)] == [True] * 2
    assert sample(400)[0].equal(data.held_x)


@pytest.mark.parametrize("end", ["\n", "\t", "\u2028", "\r", "\x0b", "\x85"])
def test_student_name_stays_on_one_line(tmp_path, end):
    folder = tmp_path / "submitted" / f"ada{end}  ben: 10 of 10" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text("{}")
    (found,) = handed_in.find_submissions(tmp_path, NAME)
    assert len(found.student.splitlines()) == 1
    assert found.path.is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="ends a process as Linux does")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signaled_command_reports_stop_and_cleans_up(tmp_path, number):
    course, room = make_course(tmp_path / "course", 12), tmp_path / "room"
    room.mkdir()
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--root", str(course), "--workers", "1"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(room)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # The process that started the tests may ignore it.
    ) as driver:
        until = time.monotonic() + 120
        while not list(room.glob("submission-*")) and driver.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        driver.send_signal(number)
        said, _ = driver.communicate(timeout=120)
    assert driver.returncode == 128 + number
    assert b"stopped: what was graded is recorded" in said
    assert list(room.iterdir()) == []


def test_stop_signal_is_handled_once_unless_already_ignored(monkeypatch):
    handlers = {signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_IGN}
    monkeypatch.setattr(signal, "getsignal", handlers.__getitem__)
    monkeypatch.setattr(signal, "signal", lambda number, handler: handlers.update({number: handler}))
    stopping.on_signals()
    assert handlers[signal.SIGHUP] == signal.SIG_IGN, "as under nohup"
    with pytest.raises(stopping.Stopped) as stopped:
        handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert handlers[signal.SIGTERM] == signal.SIG_IGN
    assert stopping.status_of(stopped.value) == 143
    assert stopping.status_of(KeyboardInterrupt()) == 130
