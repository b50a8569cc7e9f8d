"""Test which slips `python -m tests.planted` samples, and which tests it runs on them."""

from pathlib import Path

from tests import planted
from tests.root import ROOT

MODULES = planted.places(["autograder/classroom/pace.py", "autograder/recording/whole_files.py"])


def test_sample_has_the_count_and_repeats_by_seed():
    first = planted.sample(MODULES, 5, seed=1)
    assert len(first) == len(set(first)) == 5
    assert first == planted.sample(MODULES, 5, seed=1) != planted.sample(MODULES, 5, seed=2)
    assert len(planted.sample(MODULES, 20, seed=1)) == 20  # more than `OF_EACH` in each module


def test_tests_that_import_a_module_are_found():
    test = ROOT / "tests/coursebook/test_moved.py"
    found = planted.tests_of(Path("book/_ext/coursebook/pages/moved.py"), {test: planted.imported(test)})
    assert found == [test]
    other = planted.tests_of(Path("book/_ext/coursebook/pages/parts.py"), {test: planted.imported(test)})
    assert other == []
