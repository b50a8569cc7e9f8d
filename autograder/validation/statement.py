"""Does every bullet of a statement have a claim that tests it? One that none tests promises what nobody checks."""

from __future__ import annotations

from autograder.model import Bullet, Exercise
from autograder.validation.report import Report

SHOWN = 60  # characters of a bullet


def untested(exercise: Exercise, report: Report) -> list[str]:
    """Return a line for each bullet that names no claim, or only claims that no wrong answer ever loses."""
    lost = {claim for claims in report.lost.values() for claim in claims}
    misses = []
    for bullet in exercise.bullets:
        if not bullet.claims:
            to_do = "name the claims that test it behind it, <!-- claims: ...; ... -->, or write one"
            misses.append(f"{exercise.name}: no claim is named by the bullet {_shown(bullet)}: {to_do}")
        elif not lost.intersection(bullet.claims):
            to_do = "list a mistake that goes against it"
            misses.append(f"{exercise.name}: no wrong answer loses what tests the bullet {_shown(bullet)}: {to_do}")
    return misses


def _shown(bullet: Bullet) -> str:
    return repr(bullet.text if len(bullet.text) <= SHOWN else f"{bullet.text[:SHOWN]} …")
