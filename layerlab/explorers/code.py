"""Join the explorers' JavaScript modules into one text that contains only the kinds of figures a notebook uses.

The modules in `page/` import each other, so editors and Node can work with them. Joining removes imports, the word
``export``, comments, and indentation. So top-level names must be unique across modules. The modules that draw the kinds
of figures are an exception, because each of them gets its own scope.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable
from importlib.resources import files

# The modules in the order in which they are joined. The kinds go between these two lists, ordered by `page/kinds.mjs`.
_BEFORE = ("store.mjs", "numbers.mjs", "elements.mjs", "axes.mjs", "functions.mjs")
_AFTER = ("controls.mjs", "table.mjs", "address.mjs", "predict.mjs", "edit.mjs", "looks.mjs", "explorer.mjs")


def kinds() -> list[str]:
    """Return the names of all kinds of figures, in the order in which `page/kinds.mjs` imports them."""
    return re.findall(r'"\.\./kinds/(\w+)\.mjs"', _text("page/kinds.mjs"))


def joined(wanted: Iterable[str]) -> str:
    """Return the code that draws the ``wanted`` kinds, as the text of one module with a default export."""
    wanted = set(wanted)
    made = "".join(f"{kind}: {_enclosed(kind)},\n" for kind in kinds() if kind in wanted)
    before, after = ("".join(_bare(f"page/{name}") for name in names) for names in (_BEFORE, _AFTER))
    return f"{before}const KINDS = {{\n{made}}};\n{after}"


def packed(wanted: Iterable[str]) -> str:
    """Return the result of `joined` in the form that a notebook stores: compressed, and encoded as base64.

    The packed form is a third of the size.
    """
    return base64.b64encode(zlib.compress(joined(wanted).encode(), 9)).decode()


def _enclosed(kind: str) -> str:
    """Return the module of a kind of figure as an expression, so that the names of its functions are local."""
    return "(() => {\n" + _bare(f"kinds/{kind}.mjs").replace("export default ", "return ") + "})()"


def _bare(name: str) -> str:
    """Return a module's text without imports, ``export``, whole-line comments, indentation, and empty lines."""
    text = re.sub(r"^import [^;]*;\n", "", _text(name), flags=re.MULTILINE)
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*\*.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def functions() -> list[str]:
    """Return the names of the functions that the page itself can compute, which `page/functions.mjs` lists."""
    return re.findall(r"^  (\w+): ", _text("page/functions.mjs").split("FUNCTIONS = {")[1], re.MULTILINE)


def _text(name: str) -> str:
    return files("layerlab.explorers").joinpath(name).read_text(encoding="utf-8")
