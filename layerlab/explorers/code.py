"""The explorers' JavaScript in one text: the modules of `page/`, joined, with only the kinds that a notebook uses.

The modules use imports, so that an editor and Node can follow them. Joining removes imports, the word ``export``,
comments, and indentation, so a name may occur only once among the modules, except for names inside a kind.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable
from importlib.resources import files

# In the order in which they are joined. The kinds go between the two, in the order of `page/kinds.mjs`.
_BEFORE = ("store.mjs", "numbers.mjs", "elements.mjs", "axes.mjs", "functions.mjs")
_AFTER = ("controls.mjs", "table.mjs", "address.mjs", "predict.mjs", "edit.mjs", "looks.mjs", "explorer.mjs")


def kinds() -> list[str]:
    """Return the kinds of figures that can be drawn: those that `page/kinds.mjs` imports, in its order."""
    return re.findall(r'"\.\./kinds/(\w+)\.mjs"', _text("page/kinds.mjs"))


def joined(wanted: Iterable[str]) -> str:
    """Return the code that draws the ``wanted`` kinds, as the text of one module with a default export."""
    wanted = set(wanted)
    made = "".join(f"{kind}: {_enclosed(kind)},\n" for kind in kinds() if kind in wanted)
    before, after = ("".join(_bare(f"page/{name}") for name in names) for names in (_BEFORE, _AFTER))
    return f"{before}const KINDS = {{\n{made}}};\n{after}"


def packed(wanted: Iterable[str]) -> str:
    """Return `joined` as a notebook stores it: deflated and base64-encoded, a third of its size."""
    return base64.b64encode(zlib.compress(joined(wanted).encode(), 9)).decode()


def _enclosed(kind: str) -> str:
    """Return the module of a kind as an expression, so that its function names are local to it."""
    return "(() => {\n" + _bare(f"kinds/{kind}.mjs").replace("export default ", "return ") + "})()"


def _bare(name: str) -> str:
    """Return a module's text without imports, ``export``, whole-line comments, indentation, and empty lines."""
    text = re.sub(r"^import [^;]*;\n", "", _text(name), flags=re.MULTILINE)
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*\*.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def functions() -> list[str]:
    """Return the functions whose values the page can compute: those that `page/functions.mjs` lists."""
    return re.findall(r"^  (\w+): ", _text("page/functions.mjs").split("FUNCTIONS = {")[1], re.MULTILINE)


def _text(name: str) -> str:
    return files("layerlab.explorers").joinpath(name).read_text(encoding="utf-8")
