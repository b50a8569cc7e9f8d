"""Read and write the file of what passed: a key for each stage or chapter, and a commit for each long part."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder import keys

if TYPE_CHECKING:
    from authoring.setup.stages import Stage

FILE = "tests/passed.json"  # committed: what passed in `make test` and `make test-long`
LONG = "long parts"
MOST_COMMITS = 400  # the age of a long part at which `make test` fails


class Passed:
    """What passed at ``root``; if ``chapters`` are given, only these are due, and with ``always``, everything is."""

    def __init__(self, root: Path, file: str, chapters: Sequence[str] = (), always: bool = False) -> None:
        self.root, self.chapters, self.always = root, chapters, always
        self._path, self._lock = root / file, threading.Lock()

    def of(self, name: str) -> dict[str, Any]:
        """Return the file's part about a stage."""
        return self._everything().get(name, {})

    def add(self, name: str, more: dict[str, Any]) -> None:
        """Add to the file's part about a stage."""
        with self._lock:
            everything = self._everything()
            everything[name] = {**everything.get(name, {}), **more}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    def _everything(self) -> dict[str, dict[str, Any]]:
        return json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}

    def due(self, stage: Stage) -> dict[str, str]:
        """Return the key of each chapter that a stage must check; the name "" stands for the whole stage."""
        names: Sequence[str] = [""]
        if stage.about is not None and self.chapters:
            names = self.chapters
        elif any("{0}" in pattern for pattern in stage.reads):
            names = sorted(path.parent.name for path in self.root.glob("solutions/*/*.ipynb"))
        before = {} if self.always or self.chapters or not stage.reads else self.of(stage.name)
        read = {name: keys.files(self.root, [pattern.format(name) for pattern in stage.reads]) for name in names}
        now = {name: keys.key(command=stage.command, files=files)[:16] for name, files in read.items()}
        return {name: key for name, key in now.items() if before.get(name) != key}

    def add_long(self, part: str, seconds: float) -> None:
        """Store that a part of `make test-long` passed on the current commit."""
        now = {"commit": self.git("rev-parse", "HEAD"), "date": f"{date.today()}", "minutes": round(seconds / 60)}
        self.add(LONG, {part: now})

    def is_clean(self) -> bool:
        """Return whether committed files are as they were committed, except the file of what passed."""
        return all(line.endswith(FILE) for line in self.git("status", "--porcelain", "-uno").splitlines())

    def long_table(self, parts: Sequence[str]) -> tuple[str, list[str]]:
        """Return a table of when each long part last passed, and the parts for which that is too long ago."""
        rows, old, before = ["  make test-long, last passed:"], [], self.of(LONG)
        for part in parts:
            last = before.get(part)
            count = self.git("rev-list", "--count", f"{last['commit']}..HEAD") if last else ""
            age = f"{count} commits ago" if count else "a commit that is not in this clone"
            words = f"{last['date']} on {last['commit'][:8]}, {age}, in {last['minutes']} min" if last else "never"
            rows.append(f"  {part:<12} {words}")
            old += [part] if count and int(count) > MOST_COMMITS else []
        return "\n".join([*rows, ""]), old

    def git(self, *arguments: str) -> str:
        """Return what git prints, or "" if it fails."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""
