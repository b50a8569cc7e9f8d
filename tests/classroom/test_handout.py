"""Test, with simulated workers, how submissions are assigned to workers and retried."""

from __future__ import annotations

import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.classroom import scale
from autograder.classroom.handed_in import Submission
from autograder.classroom.scale import Handout, Job
from autograder.classroom.scale_worker import Answer
from autograder.grading.grader import ReferenceFailed
from autograder.model import Batch, Chapter, Exercise, Limits, Result, State
from autograder.recording.faults import ClusterFault
from autograder.submissions.beside import Beside

CHAPTER = Chapter("c", (), (Exercise("e", "E", "", "", "", "", ()),), "digest")
JOB = Job(CHAPTER, Batch(1, 2), Limits(), True)


class PlayedCluster:
    """A simulated cluster whose workers follow a script; time advances at each poll.

    Args:
        workers: maps each worker's address to its behavior: "well", "sick" (every submission ends with a fault of the
            grader), "other" (the worker refuses), "bad reference", or "paused".
        killers: students whose submissions kill a worker.
        restarts: whether a dead worker returns under another address.
        draw: a random generator, which chooses the task that ends first and how many of its submissions are done.
    """

    address = "tcp://scheduler"

    def __init__(self, workers, killers=(), restarts=True, draw=None) -> None:
        self.there = dict(workers)
        self.killers, self.restarts, self.draw = set(killers), restarts, draw or random.Random(1)
        self.tasks: dict[str, list[str]] = {}
        self.visits: list[tuple[str, list[str]]] = []  # The tasks sent to each worker.
        self.graded: list[tuple[str, str]] = []  # The submissions with an answer.
        self.deaths = 0

    def workers(self):
        return {address: kind != "paused" for address, kind in self.there.items()}

    def start(self, worker, job, handed):
        assert worker in self.there, "a task was given to a worker that is gone"
        assert worker not in self.tasks, "a worker was given a second task"
        assert pickle.loads(job) == JOB
        self.tasks[worker] = [student for student, *_ in handed]
        self.visits.append((worker, self.tasks[worker]))

    def ended(self, seconds):
        if not self.tasks:
            return []
        worker = self.draw.choice(sorted(self.tasks))
        students = self.tasks.pop(worker)
        if self.killers & set(students):
            kind = self.there.pop(worker)
            self.deaths += 1
            if self.restarts:
                self.there[f"{worker}'"] = kind
            return [(worker, None)]
        kind = self.there[worker]
        if kind == "other":
            return [(worker, Answer(refused="it has torch 1.0, not 2.0"))]
        if kind == "bad reference":
            return [(worker, Answer(failed="the reference fails"))]
        state = State.INFRASTRUCTURE if kind == "sick" else State.PASSED
        done = students[: self.draw.randint(1, len(students))]
        self.graded += [(worker, student) for student in done]
        return [(worker, Answer(tuple(result(student, state) for student in done)))]

    def forget(self, worker):
        self.tasks.pop(worker, None)


def result(student: str, state: State) -> Result:
    return Result(student, "c", state, 1, 1, [])


def class_of(number: int) -> list[Submission]:
    return [Submission(f"s{n}", None, ("no file",)) for n in range(number)]


@pytest.fixture(autouse=True, scope="module")
def quickly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scale, "LOOK", 0.0)
        patch.setattr(scale, "PATIENCE", 0.05)
        yield


def handed_out(cluster, number, said=None):
    handout = Handout(cluster, JOB, class_of(number), (said if said is not None else []).append)
    found = {}
    for got in handout.results():
        assert got.student not in found, "a submission has two results"
        found[got.student] = got.state
    assert len(found) == number
    return found


@given(
    number=st.integers(1, 60),
    kinds=st.lists(st.sampled_from(["well", "other", "paused"]), max_size=4),
    killers=st.sets(st.integers(0, 59), max_size=3),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=150, deadline=None)
def test_each_submission_gets_exactly_one_result(number, kinds, killers, seed):
    killers = {f"s{n}" for n in killers if n < number}
    workers = {f"w{n}": kind for n, kind in enumerate([*kinds, "well"])}
    cluster = PlayedCluster(workers, killers, draw=random.Random(seed))
    said: list[str] = []
    found = handed_out(cluster, number, said)
    assert {student for student, state in found.items() if state is State.INFRASTRUCTURE} == killers
    assert cluster.deaths <= scale.TRIES * len(killers)
    visits = [student for _, students in cluster.visits for student in students if student in killers]
    assert all(visits.count(killer) == scale.TRIES for killer in killers)
    assert sum("is not used: it has torch 1.0" in sentence for sentence in said) <= kinds.count("other")


def test_submissions_of_lost_worker_are_retried_singly():
    cluster = PlayedCluster({"a": "well"}, killers={"s2"})
    said: list[str] = []
    found = handed_out(cluster, 8, said)
    first = next(students for _, students in cluster.visits if "s2" in students)
    after = [students for _, students in cluster.visits if "s2" in students][1:]
    assert len(first) > 1
    assert after == [["s2"], ["s2"]]
    assert said[0].endswith(f"was lost while it graded {len(first)} submissions, to be tried again")
    assert said[-1].endswith("was lost while it graded 1 submission")
    assert found["s2"] is State.INFRASTRUCTURE


def test_fault_on_one_worker_is_retried_elsewhere():
    cluster = PlayedCluster({"a": "sick", "b": "well"})
    assert set(handed_out(cluster, 20).values()) == {State.PASSED}
    assert any(worker == "a" for worker, _ in cluster.graded)
    assert len(cluster.graded) == len(set(cluster.graded)), "a submission was tried twice on one worker"


def test_persistent_fault_stops_after_limited_tries():
    cluster = PlayedCluster({"a": "sick"})
    assert set(handed_out(cluster, 5).values()) == {State.INFRASTRUCTURE}
    students = [student for _, student in cluster.graded]
    assert [students.count(f"s{n}") for n in range(5)] == [scale.TRIES] * 5


def test_task_size_adapts_to_class_size():
    cluster = PlayedCluster({f"w{n}": "well" for n in range(4)})
    handed_out(cluster, 16)
    assert [len(students) for _, students in cluster.visits[:4]] == [1, 1, 1, 1]
    cluster = PlayedCluster({"a": "well"})
    handed_out(cluster, 1000)
    assert max(len(students) for _, students in cluster.visits) == scale.MOST


def test_large_files_are_sent_in_small_tasks(tmp_path, monkeypatch):
    monkeypatch.setattr(scale, "TASK_BYTES", 100)
    submissions = []
    for number in range(40):
        path = tmp_path / f"s{number}.ipynb"
        path.write_bytes(b"x" * (500 if number == 7 else 40))
        submissions.append(Submission(path.stem, path))
    cluster = PlayedCluster({"a": "well"})
    assert len(list(Handout(cluster, JOB, submissions, print).results())) == 40
    assert max(len(students) for _, students in cluster.visits) == 2
    assert ["s7"] in [students for _, students in cluster.visits]


def test_unreadable_file_is_noted_before_sending(tmp_path):
    gone = Submission("s", tmp_path / "gone.ipynb", ("a note",))
    student, content, notes, beside = scale._handed(gone)
    assert (student, content, beside) == ("s", None, Beside())
    assert notes == ("the file cannot be opened: No such file or directory", "a note")


@pytest.mark.parametrize(
    ("workers", "killers", "error", "said"),
    [
        ({"w": "other"}, "", ClusterFault, r"no worker that can grade\. w: it has torch 1\.0, not 2\.0\. Start some"),
        ({}, "", ClusterFault, "has no worker that can grade"),
        ({"a": "paused"}, "", ClusterFault, "has no worker that can grade"),
        ({"a": "well", "b": "well"}, "s0", ClusterFault, "what was recorded is kept"),
        ({"a": "bad reference"}, "", ReferenceFailed, "the reference fails"),
    ],
)
def test_batch_without_a_usable_worker_ends_with_the_reason(workers, killers, error, said):
    with pytest.raises(error, match=said):
        handed_out(PlayedCluster(workers, killers.split(), restarts=False), 10)


def test_lost_worker_is_detected_while_task_hangs():
    class Silent(PlayedCluster):
        def ended(self, seconds):
            if "a" in self.tasks:
                self.there.pop("a", None)
                return []
            return super().ended(seconds)

    said: list[str] = []
    assert set(handed_out(Silent({"a": "well", "b": "well"}), 6, said).values()) == {State.PASSED}
    assert len(said) == 1
    assert said[0].startswith("the worker a was lost")


def test_unrecorded_results_are_bounded(monkeypatch):
    monkeypatch.setattr(scale, "UNRECORDED", 5)
    cluster = PlayedCluster({"a": "well"})
    handout = Handout(cluster, JOB, class_of(200), print)
    for _ in handout.results():
        assert len(handout._ready) < 5 + scale.MOST


def test_empty_class_contacts_no_scheduler():
    assert list(scale.grade("tcp://nowhere:1", JOB, [])) == []
