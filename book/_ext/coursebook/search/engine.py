"""Build, with lunr in V8, the index that a reader's browser searches; `search_words.js` splits text here and there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.metadata import distribution
from pathlib import Path

from py_mini_racer import MiniRacer

LUNR = "mkdocs", "mkdocs/contrib/search/templates/search/lunr.js"  # the installed package, and its file
WORDS = "search_words.js"

# The weight of a word by field: the names that a section teaches, its heading, the headings above it, and its text.
WEIGHTS = {"names": 12, "title": 8, "above": 2, "text": 1}

BUILD = """var build = entries => {
  const builder = new lunr.Builder();
  builder.pipeline.add(lunr.stopWordFilter, lunr.stemmer);
  builder.searchPipeline.add(lunr.stemmer);
  builder.tokenizer = words => words.map(word => new lunr.Token(word));
  builder.ref("number");
  for (const [field, boost] of Object.entries(%s)) builder.field(field, {boost});
  entries.forEach((entry, number) => {
    const words = field => courseSearch.words(entry[field]).flatMap(({ plain, parts }) => [plain, ...parts]);
    const made = {number};
    for (const field of ["names", "title", "above", "text"]) made[field] = words(field);
    builder.add(made, {boost: entry.weight});
  });
  return JSON.stringify(builder.build());
};"""


@dataclass(frozen=True)
class Entry:
    """One section that the search can find."""

    title: str
    above: str
    text: str
    names: str  # names of torch that the section teaches, and other words for them
    weight: float = 1.0


def lunr() -> Path:
    """Return the installed lunr.js."""
    package, file = LUNR
    return Path(str(distribution(package).locate_file(file)))


def index(entries: list[Entry], words: str) -> str:
    """Return lunr's index of entries by their numbers, as JSON; ``words`` is the text of `search_words.js`."""
    engine = MiniRacer()
    for script in (lunr().read_text(encoding="utf-8"), words, BUILD % json.dumps(WEIGHTS)):
        engine.eval(script)
    return engine.call("build", [asdict(entry) for entry in entries])


def compact(value: object) -> str:
    """Return a value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def script(call: str, value: object) -> str:
    """Return a script that passes a value to the page, because a page opened from disk can load only scripts."""
    return f"courseSearch.{call}({compact(value)});\n"
