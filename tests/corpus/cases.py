"""All cases, in the order of the table."""

from __future__ import annotations

from tests.corpus import cases_channel, cases_lies, cases_patches, cases_reading
from tests.corpus.model import Case

ALL: list[Case] = [*cases_patches.CASES, *cases_lies.CASES, *cases_reading.CASES, *cases_channel.CASES]
