"""The code of explorers, joined: the modules ``explorer_*.mjs`` become one text with only the kinds a notebook uses.

The modules are written with imports, so that an editor and node can follow them. Joined, their imports, the word
``export``, comments and indentation go; so every name stands only once among them, but for those inside of a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

# Kind -> its module, in the order in which they are joined.
KINDS = {
    "curves": "explorer_curves.mjs",
    "heat": "explorer_heat.mjs",
    "plane": "explorer_plane.mjs",
    "window": "explorer_window.mjs",
    "shared": "explorer_shared.mjs",
    "paths": "explorer_paths.mjs",
    "depth": "explorer_depth.mjs",
}
_BEFORE = ("explorer_numbers.mjs", "explorer_elements.mjs", "explorer_axes.mjs")
_AFTER = (
    "explorer_controls.mjs",
    "explorer_table.mjs",
    "explorer_address.mjs",
    "explorer_looks.mjs",
    "explorer.mjs",
)


def joined(kinds: Iterable[str]) -> str:
    """Return the code that draws ``kinds``, as the text of one module with a default export."""
    wanted = set(kinds)
    made = "".join(f"{kind}: {_enclosed(name)},\n" for kind, name in KINDS.items() if kind in wanted)
    before, after = (("".join(map(_bare, names))) for names in (_BEFORE, _AFTER))
    return f"{before}const KINDS = {{\n{made}}};\n{after}"


def _enclosed(name: str) -> str:
    """Return the module of a kind as an expression, so that its functions' names are its own."""
    return "(() => {\n" + _bare(name).replace("export default ", "return ") + "})()"


def _bare(name: str) -> str:
    """Return a module's text without imports, ``export``, comments of whole lines, indentation and empty lines."""
    text = files("layerlab").joinpath(name).read_text(encoding="utf-8")
    text = re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*\*.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))
