"""Test machine faults in a batch: each message suggests a fix, and a rerun neither loses nor repeats a result."""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import re
import signal
import sqlite3
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Student

import autograder.classroom.grade_class as grade_class_module
from autograder.classroom import ledger
from autograder.classroom.batch_file import BATCH_FILE
from autograder.classroom.grade_class import Listener, grade_class
from autograder.classroom.handed_in import Submission, find_submissions
from autograder.classroom.ledger import LEDGER
from autograder.grading.grader import ungraded
from autograder.grading.result_key import result_key
from autograder.model import Batch, Result, State
from autograder.recording import record
from autograder.recording import results as results_json
from autograder.recording.faults import RecordError
from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.recording.record import Recorder
from autograder.sandbox.driver import server_process as servers
from autograder.texts import chapter as chapters
from autograder.texts.chapter import from_notebook
from tests.conftest import FIXTURES
from tests.graded_class import NAME, assert_same, everything, make_course, start
from tests.made_results import CHAPTER, partly, reference, solved
from tests.sandbox import room
from tests.typed import typed

needs_mounts = pytest.mark.skipif(not room.is_allowed(), reason="this host lets nobody mount")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict:
    course = make_course(tmp_path_factory.mktemp("peace"))
    grade_class(NAME, course)
    return everything(course)


@pytest.fixture
def course(tmp_path) -> Path:
    return make_course(tmp_path)


def command(course: Path) -> list[str]:
    return ["grade", NAME, "--root", str(course), "--workers", "1", "--unsandboxed"]


def grade(course: Path, status: int = 0) -> str:
    return typed(*command(course)[:-1], status=status)


# The disk


@needs_mounts
def test_full_disk_is_reported_and_rerun_recovers(tmp_path, undisturbed):
    source, disk, kept = make_course(tmp_path / "source"), tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    steps = [["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)], ["cp", "-r", f"{source}/.", str(disk)]]
    for size in (100, 330, 20_000):  # KiB: too small for a gradebook, enough for half a class, enough for all
        steps += [["mount", "-o", f"remount,size={size}k", str(disk)], command(disk)]
    found = room.play(*steps, ["cp", "-r", str(disk), str(kept)])
    assert [status for status, _ in found] == [3, 3, 0], found
    for _, said in found[:-1]:
        assert re.search("No space left on device|disk is full", said)
        assert "Make room. Then run the same command again" in said
    assert "gradebook.db cannot be opened" in found[0][1]
    assert "of student-0" in found[1][1]
    assert 0 < int(re.search(r"(\d) unchanged", found[2][1])[1]) < 6
    assert_same(kept, undisturbed)


@needs_mounts
def test_read_only_path_is_reported_and_rerun_recovers(tmp_path, undisturbed):
    course = make_course(tmp_path)
    (course / "autograded").mkdir()
    steps = []
    for name in ("autograded", "reports", "gradebook.db"):
        place = str(course / name)
        steps += [["mount", "--bind", place, place], ["mount", "-o", "remount,ro,bind", place]]
        steps += [command(course), ["umount", place]]
    found = room.play(*steps, command(course))
    assert [status for status, _ in found] == [3, 3, 3, 0], found
    words = (
        r"The result of student-0\d could not be written: Read-only file system: \S+/autograded/",
        r"grading\.lock could not be made: Read-only file system",
        r"gradebook\.db did not take the result of student-0\d: attempt to write a readonly database",
    )
    for (_, said), expected in zip(found, words, strict=False):
        assert re.search(expected, said), said
        assert "Give yourself permission to write there. Then run the same command again" in said
    assert_same(course, undisturbed)


def test_missing_temporary_space_is_not_a_student_fault(course, monkeypatch):
    def refuse(**_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/x")

    monkeypatch.setattr(servers, "tempfile", SimpleNamespace(mkdtemp=refuse))
    said = grade(course, status=3)
    assert "no temporary folder can be made ([Errno 28] No space left on device: '/tmp/x')" in said
    assert not (course / "reports" / NAME / LEDGER).exists()


# The gradebook


@pytest.fixture
def locked(course):
    """Lock the gradebook of a course, as a database browser with unsaved changes does."""
    with Recorder(course):
        pass
    with contextlib.closing(sqlite3.connect(course / "gradebook.db", check_same_thread=False)) as other:
        other.execute("begin exclusive")
        yield other


def test_permanently_locked_gradebook_is_reported(course, locked, monkeypatch):
    monkeypatch.setattr(record, "PATIENCE", 0.2)
    said = grade(course, status=3)
    words = f"gradebook sqlite:///{course}/gradebook.db cannot be opened: database is locked. Close whatever keeps"
    assert words in said
    assert "Traceback" not in said


def test_grader_waits_for_a_briefly_locked_gradebook(course, locked):
    def let_go():
        time.sleep(7)  # longer than SQLite waits by default
        locked.rollback()

    thread = threading.Thread(target=let_go)
    thread.start()
    began = time.monotonic()
    with Recorder(course) as recorder:
        recorder.record(solved("ada"), CHAPTER, None, reference())
        assert time.monotonic() - began > 6
        assert recorder.has("ada", CHAPTER)
    thread.join()


def test_result_can_be_recorded_after_gradebook_unlocks(course, monkeypatch):
    monkeypatch.setattr(record, "PATIENCE", 0.2)
    with Recorder(course) as recorder:
        recorder.record(solved("ada"), CHAPTER, None, reference())
        with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as other:
            other.execute("begin exclusive")
            with pytest.raises(RecordError, match="did not take the result of bo: database is locked"):
                recorder.record(solved("bo"), CHAPTER, None, reference())
        recorder.record(partly("bo"), CHAPTER, None, reference())
        found = recorder._book.assignment_submissions("numbers")
        assert [(one.student.id, one.score) for one in found] == [("ada", 5.0), ("bo", 2.0)]


STUDENTS = [f"student-{number}" for number in range(8)]


def write_all(course: Path, name: str) -> None:
    chapter = from_notebook(reference(), name)
    with Recorder(course) as recorder:
        for student in STUDENTS:
            recorder.record(replace(solved(student), chapter=name), chapter, None, reference())


def test_chapters_recorded_at_once_wait_for_each_other(course):
    """Record several chapters at once; each tries to create the tables and students in the shared gradebook."""
    names = ["one", "two", "three"]
    with ProcessPoolExecutor(len(names), mp_context=multiprocessing.get_context("fork")) as pool:
        for _ in pool.map(write_all, [course] * len(names), names):
            pass
    with open_gradebook(course_directory(course)) as book:
        found = {name: {s.student.id: s.score for s in book.assignment_submissions(name)} for name in names}
    assert found == dict.fromkeys(names, dict.fromkeys(STUDENTS, 5.0))


def test_gradebook_deleted_midway_is_reported_and_refilled(course, undisturbed):
    def delete(done, total, result):
        if done == 3:
            (course / "gradebook.db").unlink()

    with pytest.raises(RecordError, match="was deleted or replaced while it was written to"):
        grade_class(NAME, course, listener=Listener(progress=delete))
    grade(course)
    # Results in the lost gradebook were recorded again, so the ledger lists both recordings.
    assert_same(course, undisturbed, but="ledger")


def test_invalid_database_file_is_reported(course):
    (course / "gradebook.db").write_bytes(b"something else" * 100)
    said = grade(course, status=3)
    assert "gradebook.db cannot be opened: file is not a database. Restore a copy of it, or move it away" in said


# The grader's own files


@pytest.mark.parametrize(
    "content",
    [b"", b'{"seed": 1', b'{"secret": 1}', b"[1, 2]", b"\xff\x00", b'{"seed": []}', b'{"seed": 1e400}', b"[" * 100_000],
)
def test_invalid_batch_file_is_reported_and_kept(course, content):
    path = course / "reports" / NAME / BATCH_FILE
    path.write_bytes(content)
    said = grade(course, status=3)
    assert f"{path} does not contain the number" in said
    assert "draw a new one with --new-seed: every submission is then graded again" in said
    assert path.read_bytes() == content


@settings(max_examples=60, deadline=None)
@given(garbage=st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.just(b"[" * 5000))
def test_garbage_in_the_ledger_loses_no_result(tmp_path_factory, garbage):
    path = tmp_path_factory.getbasetemp() / "ledger"
    results = [solved("ada"), partly("bo")]
    path.write_bytes(b"\n".join([garbage, *(results_json.json_line(result).encode() for result in results), garbage]))
    found = ledger.read(path)
    assert {name: result.earned for name, result in found.items()} == {"ada": 5, "bo": 2}


def test_truncated_ledger_is_continued(course, undisturbed):
    grade_class(NAME, course)
    ledger = course / "reports" / NAME / LEDGER
    ledger.write_bytes(ledger.read_bytes()[:-900] + b"\x00\xff{")
    outcome = grade_class(NAME, course)
    assert (len(outcome.results), outcome.kept) == (6, 5)
    (course / "reports" / NAME / "results.jsonl").write_text("garbage")
    grade(course)
    assert_same(course, undisturbed)


# Submissions that change during grading


def settled(path: Path, change) -> list[tuple[Result, bytes | None]]:
    """Return what is recorded for a file if ``change`` runs whenever the file is graded."""
    chapter, batch = chapters.load(FIXTURES / f"{NAME}.md"), Batch(1, 2)

    def grade_as_it_is(waiting):
        for submission in waiting:
            try:
                content = submission.path.read_bytes()
            except OSError:
                yield grade_class_module._fault(chapter, batch, submission.student, "gone")
                continue
            change()
            key = result_key(chapter, batch, content)
            yield ungraded(chapter, batch, submission.student, State.SKIPPED, content.decode(), key)

    return list(grade_class_module._settled(chapter, batch, [Submission("ada", path)], grade_as_it_is))


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "ada.ipynb").write_text("first")
    return tmp_path / "ada.ipynb"


def test_submission_changed_during_grading_is_graded_again(path):
    ((result, content),) = settled(path, lambda: path.write_text("second"))
    assert (result.sentence, content) == ("second", b"second")


def test_constantly_changing_submission_is_not_a_zero(path):
    ((result, content),) = settled(path, lambda: path.write_text(path.read_text() + "more"))
    assert (result.state, content) == (State.INFRASTRUCTURE, None)
    assert f"{path} changed or disappeared each of the 3 times" in result.sentence


def test_vanished_submission_is_not_a_zero(path):
    ((result, _),) = settled(path, path.unlink)
    assert (result.state, result.sentence) == (State.INFRASTRUCTURE, "gone")


def test_unreadable_file_is_not_zero_and_rerun_continues(course, undisturbed, monkeypatch):
    path = course / "submitted" / "student-01" / NAME / f"{NAME}.ipynb"
    path.rename(path.with_suffix(".away"))
    listed = find_submissions(course, NAME)
    gone = [Submission(s.student, path) if s.student == "student-01" else s for s in listed]
    with monkeypatch.context() as patch:
        patch.setattr(grade_class_module, "find_submissions", lambda *_: gone)
        said = grade(course, status=1)
    assert f"student-01: infrastructure: {path} cannot be read: No such file or directory" in said
    recorded = results_json.read_results(course / "reports" / NAME / "results.jsonl")
    assert recorded[1].student == "student-01"
    path.with_suffix(".away").rename(path)
    grade(course)
    assert_same(course, undisturbed)


# Interruptions by people


def test_control_c_stops_soon_and_rerun_continues(course, undisturbed):
    driver = start(course)
    ledger = course / "reports" / NAME / LEDGER
    while not ledger.exists() and driver.poll() is None:
        time.sleep(0.01)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(timeout=60) == 130
    assert "Traceback" not in (course / "log").read_text()
    assert start(course).wait(timeout=300) == 0
    assert_same(course, undisturbed)


def test_control_c_before_the_first_record_keeps_what_was_shown(course):
    shown = []

    def stage(words: str, total: int) -> None:
        if "/" in words:
            shown.append(words)
            if len(shown) == 1:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        grade_class(NAME, course, listener=Listener(stage))
    assert grade_class(NAME, course).kept == len(shown) > 0


def test_interrupted_query_logs_nothing(course, caplog):
    def press_control_c(value: bytes) -> str:
        raise KeyboardInterrupt

    with open_gradebook(course_directory(course)) as book:
        book.add_student("student-00")
        book.db.connection().connection.dbapi_connection.text_factory = press_control_c
        with pytest.raises(KeyboardInterrupt):
            book.db.query(Student).all()
    assert not caplog.records
