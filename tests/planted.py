"""Plant slips (mutations) in the grader, and list those that no test notices: `python -m tests.planted PLACE ...`.

A place is a package or module in the repository, such as `autograder/judging`. `autograder/validation/mutants.py`
makes the slips, wherever they apply. Each slip is made in a copy of the checkout, in
which pytest runs the test files that import the changed module. A slip that survives also runs against the tests in
`EVERYTHING`, which take minutes. A slip that no test notices is listed with its line: either a test is missing, or
the slip changes nothing.

A sample makes slips only in as many modules as it needs, a few in each. A seed selects the sample, so that you can
plant the same slips again after changing the tests. Whole packages take hours.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from autograder.validation.mutants import Mutant, mutants
from tests.root import ROOT

TESTS = ROOT / "tests"
# Tests of whole submissions, their grades, and what is forbidden; they run if a module's own tests miss a slip.
EVERYTHING = ("test_grader.py", "test_run.py", "test_kinds.py", "test_corpus.py", "test_isolation.py")
QUICK = ("-m", "not long and not serial", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly")
FOUND, MISSED, TOO_LONG = "found", "missed", "found by a time limit"
NONE_RAN = 5  # pytest's exit status if no test was collected
OF_EACH = 3  # slips of a sample in each module, unless the modules are too few
SECONDS = 900  # for the tests of one slip; tests that take longer are assumed to hang


@dataclass(frozen=True)
class Planted:
    """One slip in one module."""

    module: Path  # relative to the repository
    mutant: Mutant

    def __str__(self) -> str:
        return f"{self.module}:{self.mutant.number}: {self.mutant.before}  ->  {self.mutant.line}"


def places(paths: Sequence[str]) -> list[Path]:
    """Return the modules at or below these paths, relative to the repository."""
    found = [ROOT / path for path in paths]
    modules = [module for path in found for module in ([path] if path.is_file() else sorted(path.rglob("*.py")))]
    return [module.relative_to(ROOT) for module in modules]


def planted(modules: Sequence[Path]) -> Iterator[Planted]:
    """Yield every slip in these modules, except those in statements that are only strings."""
    for module in modules:
        source = (ROOT / module).read_text(encoding="utf-8")
        for mutant in mutants(source):
            yield Planted(module, mutant)


def sample(modules: Sequence[Path], count: int, seed: int) -> list[Planted]:
    """Return `count` slips, or all if there are fewer: `OF_EACH` in each of enough modules, or more if needed."""
    chance = random.Random(seed)
    each = max(OF_EACH, ceil(count / len(modules)))
    chosen: list[Planted] = []
    rest: list[Planted] = []
    for module in chance.sample(modules, len(modules)):
        if len(chosen) >= count:
            break
        slips = list(planted([module]))
        chance.shuffle(slips)
        chosen += slips[:each]
        rest += slips[each:]
    return [*chosen, *rest][:count]


def imported(test: Path) -> set[str]:
    """Return the dotted names that a test file imports: modules, and names in them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(test.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def tests_of(module: Path, imports: dict[Path, set[str]]) -> list[Path]:
    """Return the test files that import a module; the file named after the module comes first."""
    dotted = ".".join(module.with_suffix("").parts).removesuffix(".__init__").removeprefix("book._ext.")
    own = f"test_{module.stem}.py"
    near = sorted((test for test, names in imports.items() if dotted in names), key=lambda test: test.name != own)
    by_name = [test for test in imports if test.name == own and test not in near]
    return [*by_name, *near]


def try_one(slip: Planted, tests: Sequence[Path], copy: Path) -> str:
    """Plant one slip in a copy of the checkout, and return whether a test notices it."""
    if not tests:
        return MISSED
    path = copy / slip.module
    before = path.read_text(encoding="utf-8")
    path.write_text(slip.mutant.source, encoding="utf-8")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", *QUICK, *(str(test.relative_to(ROOT)) for test in tests)]
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return TOO_LONG
    finally:
        path.write_text(before, encoding="utf-8")
    return MISSED if done.returncode in (0, NONE_RAN) else FOUND


def copy_of_the_checkout(folder: Path) -> Path:
    """Return a copy of the tracked files of this checkout, with the same environment."""
    copy = folder / "course"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to((ROOT / ".venv").resolve())
    return copy


def run(slips: Sequence[Planted], workers: int) -> list[tuple[Planted, str]]:
    """Return the result of each slip; slips that survive their module's tests also run against `EVERYTHING`."""
    imports = {test: imported(test) for test in sorted(TESTS.rglob("test_*.py"))}
    everything = [test for test in imports if test.name in EVERYTHING]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        copies = [copy_of_the_checkout(Path(folder) / str(worker)) for worker in range(workers)]

        def each(asked: Sequence[Planted], tests: Callable[[Path], Sequence[Path]]) -> Iterator[tuple[Planted, str]]:
            def one(slip: Planted) -> tuple[Planted, str]:
                copy = copies.pop()
                try:
                    return slip, try_one(slip, tests(slip.module), copy)
                finally:
                    copies.append(copy)

            begin = time.monotonic()
            for number, (slip, became) in enumerate(pool.map(one, asked), start=1):
                left = (time.monotonic() - begin) / number * (len(asked) - number) / 60
                print(f"{number} of {len(asked)}, {left:.0f} min left: {became:<6} {slip}", flush=True)
                yield slip, became

        results = list(each(slips, lambda module: tests_of(module, imports)))
        survived = [slip for slip, became in results if became == MISSED]
        print(f"{len(survived)} slips survive the tests of their modules", flush=True)
        again = dict(each(survived, lambda module: everything))
    return [(slip, again.get(slip, became)) for slip, became in results]


def report(results: Sequence[tuple[Planted, str]]) -> str:
    """Return a line for each module, then each slip that was missed."""
    tried = Counter(slip.module for slip, _ in results)
    missed = [slip for slip, became in results if became == MISSED]
    lost = Counter(slip.module for slip in missed)
    rows = [f"{module!s:<48} {tried[module] - lost[module]:>4} of {tried[module]:>4} found" for module in sorted(tried)]
    total = f"{len(results) - len(missed)} of {len(results)} planted slips were found"
    return "\n".join(["", *rows, "", *(f"missed  {slip}" for slip in missed), total])


def main(arguments: Sequence[str]) -> int:
    """Plant a sample and print the slips that were missed; return 1 if there are any, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("places", nargs="+", metavar="PLACE", help="a package or module, such as autograder/judging")
    parser.add_argument("--count", type=int, help="how many slips to plant; every one unless given")
    parser.add_argument("--seed", type=int, default=0, help="which sample of that size (0)")
    parser.add_argument("--workers", type=int, default=2, help="how many at a time (2)")
    chosen = parser.parse_args(arguments)
    modules = places(chosen.places)
    slips = list(planted(modules)) if chosen.count is None else sample(modules, chosen.count, chosen.seed)
    print(f"{len(slips)} slips in {len({slip.module for slip in slips})} modules", flush=True)
    results = run(slips, chosen.workers)
    print(report(results))
    return int(any(became == MISSED for _, became in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
