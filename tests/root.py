"""Define the paths of the repository, its course, and the small texts that tests use."""

from pathlib import Path

from autograder.course import Course

ROOT = Path(__file__).resolve().parents[1]
COURSE = Course(ROOT)
FIXTURES = ROOT / "tests" / "fixtures"
KINDS = ROOT / "tests" / "kinds"  # a small exercise of every kind
SCALES = FIXTURES / "scales.md"
HALVED = FIXTURES / "halved"  # a chapter with one exercise and its answers
