"""Define the words that the course itself uses in each translated language, and how the language writes numbers.

To start a translation into a new language, first add the language and its words here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.texts import facts, reading_time


@dataclass(frozen=True)
class Language:
    """The words of one language; words with braces are templates."""

    name: str  # as in the attribute `lang` and in `facts.SENTENCES`
    untranslated: str  # above a block or a page that is still in English
    stale: str  # above a block that was translated from an earlier version
    short: str  # a short form of `untranslated`, for a heading or a button
    short_stale: str  # a short form of `stale`, for a heading or a button
    to_read: str
    core_and_all: str
    minutes: str
    hours: str
    reasons: dict[str, str]  # how the reason for a quiz option begins
    decimal: str  # the decimal mark of times; values computed by torch keep their point, as in its outputs

    def time(self, through: Mapping[str, reading_time.Way]) -> str:
        """Describe the ways through a chapter and their times in words, as `reading_time.said` does in English."""
        core, every = through[facts.CORE], through[facts.MORE]
        if not every.exercises:
            return self.to_read.format(time=self.spell(every.minutes))
        times = [self.spell(minutes) for minutes in (core.minutes, every.minutes, every.reading)]
        return self.core_and_all.format(core=core, every=every, times=times)

    def spell(self, minutes: float) -> str:
        """Return a time in words, rounded as `reading_time.spell` rounds it."""
        number, _, unit = reading_time.spell(minutes).partition(" ")
        return (self.hours if unit == "hours" else self.minutes).format(number.replace(".", self.decimal))

    def facts_line(self, english: str) -> str:
        """Translate the line of facts below an exercise's heading; return "" if ``english`` is not such a line."""
        found = _FACTS.fullmatch(english.strip())
        known = found and found.groupdict() | {"tier": found["tier"].lower()}
        return " ".join(facts.sentences(known, self.name)) if known else ""


LANGUAGES = {
    "de": Language(
        name="de",
        untranslated="Noch nicht übersetzt",
        stale="Der englische Text hat sich seit der Übersetzung geändert",
        short="englisch",
        short_stale="veraltet",
        to_read="etwa {time} Lesezeit",
        core_and_all=(
            "**Kern** etwa {times[0]} ({core.exercises} Aufgaben, {core.points} Punkte, mit den Abschnitten, auf denen "
            "sie aufbauen); **alles** etwa {times[1]} ({every.exercises} Aufgaben, {every.points} Punkte, dazu "
            "{times[2]} Lesezeit)"
        ),
        minutes="{} Minuten",
        hours="{} Stunden",
        reasons={"Yes": "Ja", "No": "Nein"},
        decimal=",",
    ),
}

# The English facts of an exercise, as `facts.SENTENCES` writes them; a value has no space.
_FACTS = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\S+)", re.escape(" ".join(facts.SENTENCES["en"]))))


def number(value: str) -> str:
    """Return a filled-in value with narrow spaces instead of commas between thousands."""
    return re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "\u202f", value)
