"""Run each edge suite of a chapter in its own process, with the notebooks' imports preloaded."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from autograder.validation.edges.edge_data import Answers, EdgeError, Found

AT_ONCE = 2
MOST_SECONDS = 180.0  # per exercise; an answer that hangs also counts as a disagreement
PRELOADED = ("autograder.validation.edges.suite", "torch._dynamo", "matplotlib.pyplot", "layerlab")


def searched(asked: Iterable[Answers]) -> Iterator[Found]:
    """Yield the findings of each suite, in order; a suite that cannot run reports the reason as a disagreement."""
    context = multiprocessing.get_context("forkserver")  # forks a process without threads; torch is imported once
    context.set_forkserver_preload(list(PRELOADED))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda one: _in_a_process(context, one), asked)


def _in_a_process(context: multiprocessing.context.ForkServerContext, asked: Answers) -> Found:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, asked))  # not a daemon, because it may start ranks
    process.start()
    theirs.close()
    try:
        if ours.poll(MOST_SECONDS):
            return ours.recv()
        why = f"it took longer than {MOST_SECONDS:.0f} s"
    except EOFError:
        why = "its process ended without a message"
    finally:
        process.kill()
        process.join()
        ours.close()
    return Found(asked.exercise, disagreements=[why])


def _work(pipe: Connection, asked: Answers) -> None:
    # These imports are here because this process has them preloaded, and the driver needs none of them.
    import matplotlib.pyplot as plt
    import torch

    from autograder.validation.edges.suite import search

    plt.switch_backend("agg")
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            found = search(asked)
        except EdgeError as error:
            found = Found(asked.exercise, disagreements=[str(error)])
        except Exception as error:  # from the chapter's own cells, or from drawing a domain
            found = Found(asked.exercise, disagreements=[f"{type(error).__name__}: {error}"])
    pipe.send(found)
