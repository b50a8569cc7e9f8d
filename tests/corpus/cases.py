"""Collect all cases, in the order of the table."""

from tests.corpus import cases_driver, cases_files, cases_reading, cases_strangers
from tests.corpus.case import Case
from tests.corpus.cases_listed import attacks, habits, spellings

ALL: list[Case] = [
    *attacks(),
    *cases_reading.CASES,
    *cases_files.CASES,
    *habits(),
    *spellings(),
    *cases_driver.CASES,
    *cases_strangers.CASES,
]
