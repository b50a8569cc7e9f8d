"""Runs the edge suites of a chapter, each exercise in a process of its own, with what notebooks import ready in it."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from autograder.chapters.regions import solved
from autograder.chapters.variants import Variants
from autograder.model import TEST_KINDS, Chapter, Exercise
from autograder.submissions.needed import needed
from autograder.validation.edges.suite import Answers, EdgeError, Found, search

AT_ONCE = 2
MOST_SECONDS = 180.0  # of one exercise: an answer that hangs is a disagreement too
PRELOADED = ("autograder.validation.edges.suite", "torch._dynamo", "matplotlib.pyplot", "layerlab")


def answers(chapter: Chapter, exercise: Exercise, variants: Variants, examples: int | None = None) -> Answers | None:
    """Return what the suite of an exercise runs, None where its entry has no code."""
    entry = variants.edges(exercise.name)
    if entry is None or not entry.source:
        return None
    at = next(i for i, cell in enumerate(chapter.cells) if cell.exercise == exercise.name and cell.kind == "solution")
    above = [*chapter.cells[: at + 1], *(c for c in chapter.cells[at + 1 :] if c.exercise == exercise.name)]
    before = [c for c in needed(above, of={exercise.name}) if c.kind not in TEST_KINDS and c.exercise != exercise.name]
    oracle = variants.oracle(exercise.name)
    others = [(v.label, v.source) for v in [*([oracle] if oracle else []), *variants.right(exercise.name)]]
    cells = tuple(solved(cell.source) for cell in before)
    return Answers(exercise.name, cells, solved(exercise.solution), tuple(others), entry.source, examples)


def searched(asked: Iterable[Answers]) -> Iterator[Found]:
    """Yield what each suite found, in order; a suite that cannot be run has that as its disagreement."""
    context = multiprocessing.get_context("forkserver")  # a fork of a process without threads, torch imported once
    context.set_forkserver_preload(list(PRELOADED))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda one: _in_a_process(context, one), asked)


def _in_a_process(context: multiprocessing.context.ForkServerContext, asked: Answers) -> Found:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, asked), daemon=True)
    process.start()
    theirs.close()
    try:
        if ours.poll(MOST_SECONDS):
            return ours.recv()
        why = f"it took longer than {MOST_SECONDS:.0f} s"
    except EOFError:
        why = "its process ended without a word"
    finally:
        process.kill()
        process.join()
        ours.close()
    return Found(asked.exercise, disagreements=[why])


def _work(pipe: Connection, asked: Answers) -> None:
    import matplotlib.pyplot as plt
    import torch

    plt.switch_backend("agg")
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            found = search(asked)
        except EdgeError as error:
            found = Found(asked.exercise, disagreements=[str(error)])
        except Exception as error:  # of the chapter's own cells, or of a domain while it is drawn
            found = Found(asked.exercise, disagreements=[f"{type(error).__name__}: {error}"])
    pipe.send(found)
