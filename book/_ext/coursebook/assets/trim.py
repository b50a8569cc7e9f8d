"""Remove style sheets and scripts that a page doesn't use, and parts of style sheets and fonts that no page uses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from coursebook.assets.fonts import subset
from coursebook.assets.sheets import classes, quoted, slimmed
from coursebook.assets.used_classes import used_names

# Load each of these files only on a page whose body contains this text.
ONLY_WITH = {
    "togglebutton.js": 'class="toggle',
    "togglebutton.css": 'class="toggle',
    "copybutton.js": 'class="highlight',
    "copybutton.css": 'class="highlight',
    "clipboard.min.js": 'class="highlight',
    "copy-stops.js": 'class="highlight',
    "design-tabs.js": "sd-tab-",
    "sphinx-design.min.css": 'class="sd-',
    "math.css": "<mjx-container",
    "copy-formulas.js": "<mjx-container",
}
UNWANTED = ("thebe", "translations.js")  # the latter translates Sphinx's search, which the book replaces
UNWANTED_INLINE = ("const THEBE", "let toggle", "var togglebutton")

# Files that packages put into the site but no page requests.
UNREACHED = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "scripts/fontawesome.js",
    "searchtools.js",
    "language_data.js",
    "translations.js",
    "vendor/fontawesome/webfonts/*.ttf",
    "locales/**/*",
    "*webpack-macros.html",
    "sphinx-thebe.*",
)
ICONS = "vendor/fontawesome/webfonts"
ICON = re.compile(r"[\ue000-\uf8ff]")  # private-use characters, which have a meaning only in a font


def drop_unused(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Remove scripts and style sheets that nothing on a page uses, and duplicate scripts."""
    body = context.get("body", "")
    context["css_files"] = [file for file in context.get("css_files", []) if _is_used(file, body)]
    kept: dict[str, Any] = {}
    for script in context.get("script_files", []):
        inline = str(getattr(script, "attributes", {}).get("body") or "")
        if _is_used(script, body) and not inline.startswith(UNWANTED_INLINE):
            kept.setdefault(inline or str(script.filename), script)
    context["script_files"] = list(kept.values())


def _is_used(asset: Any, body: str) -> bool:
    name = Path(str(getattr(asset, "filename", None) or "").partition("?")[0]).name
    return ONLY_WITH.get(name, "") in body and not any(word in name for word in UNWANTED)


def trim(app: Sphinx) -> None:
    """Remove files that no page requests, then reduce style sheets and icon fonts to what the book uses."""
    static = Path(app.outdir, "_static")
    for pattern in UNREACHED:
        for path in filter(Path.is_file, static.glob(pattern)):
            path.unlink()
    finished = {"math.css", *own_files(app)}
    names = used_names(Path(app.outdir))
    icons: set[str] = set()
    for path in sorted(static.rglob("*.css")):
        if path.name not in finished:
            sheet = path.read_text(encoding="utf-8")
            slim = slimmed(sheet, names.among(classes(sheet)))
            icons.update(ICON.findall("".join(quoted(slim))))
            path.write_text(slim, encoding="utf-8")
    for font in sorted((static / ICONS).glob("*.woff2")):
        font.write_bytes(subset(font.read_bytes(), icons))


def own_files(app: Sphinx) -> set[str]:
    """Return the names of the course's own static files; the others come from packages."""
    folders = [Path(app.confdir, folder) for folder in app.config.html_static_path if not Path(folder).is_absolute()]
    return {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}
