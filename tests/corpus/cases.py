"""Collect all cases, in the order of the table."""

from tests.corpus import (
    cases_channel,
    cases_driver,
    cases_ends,
    cases_files,
    cases_habits,
    cases_lies,
    cases_more_habits,
    cases_patches,
    cases_reading,
    cases_rules,
    cases_strangers,
    cases_strangers_habits,
)
from tests.corpus.case import Case

_MODULES = (
    cases_patches,
    cases_lies,
    cases_reading,
    cases_channel,
    cases_ends,
    cases_files,
    cases_habits,
    cases_driver,
    cases_more_habits,
    cases_rules,
    cases_strangers,
    cases_strangers_habits,
)
ALL: list[Case] = [case for module in _MODULES for case in module.CASES]
