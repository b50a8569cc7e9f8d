"""`autograder grade --mine`: show the feedback on one notebook, as an instructor's machine would write it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from autograder.commands.say import FAULT, USAGE, say, stop
from autograder.commands.stopping import status_of
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import beside_of
from autograder.submissions.rebuild import content_of
from autograder.texts import chapter as chapters


def grade(notebook: Path, names: Sequence[str], root: Path, runner: Runner) -> None:
    """Grade a notebook under a new batch, and show its feedback.

    ``names`` has the chapter's name, or nothing if the notebook is named after its chapter. No file is written.
    """
    if not notebook.exists():
        stop(f"there is no file {notebook}", USAGE)
    with closing(runner):
        try:
            chapter = chapters.load(names[0] if names else notebook.stem, root)
            if not chapter.exercises:
                say(f"{chapter.name} has no exercises: there is nothing to grade.")
                return
            content = content_of(notebook.resolve())
            runner.start()  # start it first, so that it imports torch while this process does
            from autograder.grading.grader import Grader, new_batch
            from autograder.recording import feedback

            grader = Grader(chapter, new_batch(), runner.ready())
            say(feedback.text(grader.grade(content, notebook.name, beside=beside_of(notebook.resolve())), chapter))
        except chapters.ChapterNotFound as error:
            stop(f"{error}. Name its chapter: --mine {notebook} CHAPTER", USAGE)
        except _faults() as error:
            stop(str(error), FAULT)
        except OSError as error:
            stop(f"{notebook} cannot be read: {error.strerror}", USAGE)
        except KeyboardInterrupt as error:
            stop("stopped", status_of(error))


def _faults() -> tuple[type[Exception], ...]:
    """Return the errors that stop grading. Call this only after an error, because it imports torch."""
    from autograder.grading.grader import ReferenceFailed
    from autograder.sandbox.driver.server_process import ServerFault
    from autograder.texts.variants import VariantError

    return ReferenceFailed, VariantError, ServerFault
