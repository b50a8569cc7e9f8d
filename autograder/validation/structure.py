"""Check, without running anything, that an exercise has enough distinct variants and claims for every bullet."""

from __future__ import annotations

import ast

from autograder.model import Bullet, Exercise
from autograder.texts.parser import syntax_tree
from autograder.texts.variants import Variant, Variants
from autograder.validation.outcome import WRONG_VARIANTS, Report, Row

SHOWN = 60  # characters of a bullet


def structure(exercise: Exercise, variants: Variants) -> Row:
    """Return the table row that says whether an exercise has the variants and claims that it needs."""
    misses = [*_numbers(exercise, variants), *_claims(exercise), *_copies(exercise, variants)]
    right, wrong = len(variants.right(exercise.name)), len(variants.mistakes(exercise))
    oracles = int(variants.oracle(exercise.name) is not None)
    got = f"{right} right, {oracles} oracle, {wrong} wrong"
    return Row("variants listed", f"1, 1, {WRONG_VARIANTS} or more", got, misses)


def by_hand(exercise: Exercise) -> Report:
    """Return the table of an exercise that a person grades; `validate` tries no answers because there are no tests."""
    row = Row("graded by hand", "a person's points", f"0 to {exercise.points}")
    return Report(exercise.name, exercise.points, exercise.difficulty, exercise.minutes, rows=[row])


def chapter_misses(variants: Variants) -> list[str]:
    """Return a line for each mistake whose code appears in two exercises."""
    misses: list[str] = []
    seen: dict[str, Variant] = {}
    for cell in variants.cells:
        if cell.kind != "wrong":
            continue
        first = seen.setdefault(normalised(cell.source), cell)
        if first.exercise != cell.exercise:
            misses.append(
                f"{variants.where(cell)}: `{cell.label}` of {cell.exercise} is the code of `{first.label}` of "
                f"{first.exercise}; give each exercise mistakes of its own"
            )
    return misses


def untested(exercise: Exercise, report: Report) -> list[str]:
    """Return a line for each bullet that names no claims or names only claims that no wrong answer ever loses."""
    lost = {claim for claims in report.lost.values() for claim in claims}
    misses = []
    for bullet in exercise.bullets:
        if not bullet.claims:
            to_do = "name the claims that test it after it, <!-- claims: ...; ... -->, or write one"
            misses.append(f"{exercise.name}: no claim is named by the bullet {_shown(bullet)}: {to_do}")
        elif not lost.intersection(bullet.claims):
            to_do = "list a mistake that goes against it"
            misses.append(f"{exercise.name}: no wrong answer loses what tests the bullet {_shown(bullet)}: {to_do}")
    return misses


def _numbers(exercise: Exercise, variants: Variants) -> list[str]:
    name, file, misses = exercise.name, variants.path, []
    if not variants.right(name):
        misses.append(f"no right variant: add `### right: …` with other operations below `## {name}` in {file}")
    if variants.oracle(name) is None:
        to_do = f"add `### oracle` with torch's own operation or a slow loop below `## {name}` in {file}"
        misses.append(f"no oracle: {to_do}")
    count = len(variants.mistakes(exercise))
    if count < WRONG_VARIANTS:
        to_do = f"add `### wrong: …` below `## {name}` in {file}"
        misses.append(f"{count} wrong variants, {WRONG_VARIANTS} are needed: {to_do}")
    return misses


def _claims(exercise: Exercise) -> list[str]:
    if exercise.claims:  # `claims` has already reported mistakes in claims that exist
        return []
    return ['no claim: open one below ### BEGIN HIDDEN TESTS, `with lab.claim("…", points=…):`']


def _copies(exercise: Exercise, variants: Variants) -> list[str]:
    """Return a line for each right variant that only renames the reference, and for each mistake that repeats code."""
    misses = []
    reference = normalised(exercise.solution)
    for right in variants.right(exercise.name):
        if normalised(right.source) == reference:
            misses.append(
                f"`{right.label}` ({variants.where(right)}) is the reference under other names: use other operations"
            )
    seen = {reference: "the reference"}
    for wrong in variants.wrong(exercise.name):
        text = normalised(wrong.source)
        if text in seen:
            misses.append(f"`{wrong.label}` ({variants.where(wrong)}) is the code of {seen[text]}: change or delete it")
        seen.setdefault(text, f"`{wrong.label}`")
    return misses


def _shown(bullet: Bullet) -> str:
    return repr(bullet.text if len(bullet.text) <= SHOWN else f"{bullet.text[:SHOWN]} …")


def normalised(source: str) -> str:
    """Return a program as text, independent of comments, layout, docstrings, annotations, and the names it binds."""
    tree, names = syntax_tree(source), dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.arg) or isinstance(getattr(node, "ctx", None), ast.Store):
            names.setdefault(_name(node), f"name{len(names)}")
    for node in ast.walk(tree):  # a parent before what is below it
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            node.attr = names.get(node.attr, node.attr)
        elif isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names[node.arg]
    return ast.dump(tree)


def _name(node: ast.AST) -> str:
    return next((getattr(node, field) for field in ("arg", "id", "attr") if hasattr(node, field)), "")
