"""Collect all cases, in the order of the table."""

from tests.corpus import cases_channel, cases_driver, cases_files, cases_reading, cases_strangers
from tests.corpus.case import Case
from tests.corpus.cases_listed import attacks, habits, spellings

PATCHES = ("torch", "numpy", "builtins", "IPython", "layerlab")
ALL: list[Case] = [
    *attacks(*(f"patches {name}" for name in PATCHES), "values that lie"),
    *cases_reading.CASES,
    *cases_channel.CASES,
    *attacks("ends the process", "takes what there is"),
    *cases_files.CASES,
    *habits(),
    *spellings(),
    *cases_driver.CASES,
    *cases_strangers.CASES,
]
