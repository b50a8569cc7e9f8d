"""Select the cases that count; a case that gets through no grader says nothing about any grader."""

from tests.corpus import cases_listed, cases_strangers
from tests.corpus.case import Case
from tests.corpus.cases import ALL
from tests.corpus.defences import DEFENCES

# Several defenses stop each of these cases, so no defense has it to itself; a long test plays each in stock nbgrader.
STOCK_MINDS: dict[str, tuple[str, ...]] = {
    "patches torch": ("the softmax compared with is the answer",),
    "patches IPython": (
        "an input transformer drops what is asserted",
        "an AST transformer drops what is asserted",
        "cells run as another cell",
        "compiled code is another's",
        "code does not run",
    ),
    "reads the answer in memory": (
        "the names of the notebook",
        "the main module",
    ),
    "reaches out": (
        "reads the environment",
        "reads the environment in /proc",
        "reads the environment of its parent",
        "leaves a process behind",
    ),
    "shadows a module": ("layerlab written before it is imported",),
    "hides a forbidden call": (
        "by no means",
        "by an import",
        "by the method",
        "by a longer path",
        "by a computed name",
        "by the operator",
        "by text",
        "by a class attribute",
        "by a default argument",
        "by the type's dict",
        "by no watch",
    ),
    "ends the process": (
        "os._exit in the answer's cell",
        "os._exit in the answer",
        "abort",
        "a segmentation fault",
        "a fault in recursion without a limit",
        "an exception whose text ends the process",
        "the pipe is closed",
        "a signal to itself",
        "exit in a scratch cell",
        "output is closed",
        "output is nowhere",
    ),
    "takes what there is": ("sleep behind ignored signals",),
    "a file that is no notebook": (
        "empty",
        "nothing but zeros",
        "cut off",
        "a list",
        "an archive",
        "a page",
        "conflict markers",
        "nested deeply",
        "no cells",
        "cells of strange kinds",
    ),
    "changes the tests": (
        "a test that is an answer",
        "an answer that is a test",
        "a test with another name",
        "two tests with each other's names",
        "a test that stands before the answer's cell",
    ),
    "text that is hard to read": ("half a character",),
    "harmless: form": (
        "something after its end",
        "no marks",
        "cells in another order",
        "a copied test",
        "a copied answer",
        "the released cell below its copy",
        "a deleted test",
        "imports deleted",
    ),
    "harmless: habits": (
        "a warning in the answer",
        "a progress bar",
        "no gradients",
        "inference mode",
        "names of builtins",
    ),
}

# Cases from outside testers that cost nothing, or failed, in this grader even before the others led to changes in it.
CONTROLS = (
    "annotations as text",
    "a test of one's own that is marked",
    "decorators that are there",
    "what cannot show itself, above an answer",
    "an exception without a text, after its definition",
    "in a module as an alias",
    "in a class below the tests",
    "a demonstration that was not run, missed below the test",
    "what the kernel counts in schedstat",
    "what is told in locks",
    "what is told in self/pagemap",
)
KERNEL = ("who opens", "who waited", "which pages are there", "what the kernel counts in", "what is told in")


def left_to_stock() -> list[Case]:
    """Return the cases that count because they affect stock nbgrader."""
    return [case for case in ALL if case.name in STOCK_MINDS.get(case.group, ())]


def found_by_strangers() -> list[Case]:
    """Return the cases that count because they got through the version of this grader that outsiders tested."""
    spellings = cases_listed.spellings("in a module", "below the tests", "by a demonstration")
    habits = cases_listed.habits("places", "types", "shown")
    attacks = [case for case in ALL if case.name.startswith((*KERNEL, "a claim opened in the answer"))]
    names = {(case.group, case.name) for case in [*cases_strangers.CASES, *attacks, *spellings, *habits]}
    return [case for case in ALL if (case.group, case.name) in names and case.name not in CONTROLS]


def counted() -> list[Case]:
    """Return all cases that count; the controls affect no grader that we know of, and must never affect ours."""
    alone = {name for defence in DEFENCES for name in defence.alone}
    others = [*left_to_stock(), *found_by_strangers()]
    return [case for case in ALL if f"{case.group}: {case.name}" in alone or case in others]
