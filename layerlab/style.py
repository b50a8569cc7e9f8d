"""Define the style of every figure in the course: colors, fonts and sizes.

A notebook stores each figure twice: as SVG with a transparent background, whose colors follow the reader's theme, and
as PNG on white, for places that do not show SVG (such as an untrusted notebook in JupyterLab). Running the same cell
again gives the same bytes.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from PIL import Image


@dataclass(frozen=True)
class Shade:
    """A color for light pages and its counterpart for dark pages (``#rrggbb``, lowercase)."""

    light: str
    dark: str


# Colors of lines and areas, in order of use. Each has a contrast of at least 3:1 with the page, and readers with
# normal, protan, deutan and tritan vision can distinguish them (tests/layerlab/test_figures.py measures both). Lines
# also have different dashes.
PALETTE = {
    "blue": Shade("#0a56b8", "#4f93f7"),
    "orange": Shade("#c23b00", "#e8803f"),
    "green": Shade("#2f9e8c", "#63ead3"),
    "pink": Shade("#86206b", "#c957b4"),
    "yellow": Shade("#b5861a", "#f2dc5d"),
}
INK = Shade("#1f2328", "#e8eaed")  # text
QUIET = Shade("#59636e", "#a3acb6")  # tick labels, arrows, secondary text
GRID = Shade("#d5dae0", "#3b434c")  # grid lines and frames

DASHES = ["-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.5, 1.2, 1.5)), (0, (9, 2))]

# The book's column is 358 px wide on a phone. A figure that is 5.2 inches wide appears there at 0.72 of its size, so an
# 11-point letter is 10 px high.
WIDTH = 5.2
FONT = 11.0
DPI = 110

# Signed values: larger magnitude, more color; zero is the page background. Full color has an opacity of 0.62, so that
# a number written over it in ink is readable in both themes.
STRONGEST = 0.62
SIGNED = LinearSegmentedColormap.from_list(
    "layerlab_signed",
    [
        (0.0, to_rgba(PALETTE["orange"].light, STRONGEST)),
        (0.5, to_rgba(PALETTE["orange"].light, 0.0)),
        (0.5, to_rgba(PALETTE["blue"].light, 0.0)),
        (1.0, to_rgba(PALETTE["blue"].light, STRONGEST)),
    ],
    N=255,
)

_COLOURS = [shade.light for shade in PALETTE.values()]
_RC: dict[Any, Any] = {
    "figure.figsize": (WIDTH, 3.0),
    "figure.dpi": 100,
    "figure.facecolor": "white",  # a transparent color here would make Jupyter put a light panel behind the SVG
    "figure.constrained_layout.use": True,
    "axes.facecolor": "none",
    "axes.edgecolor": GRID.light,
    "axes.labelcolor": INK.light,
    "axes.titlecolor": INK.light,
    "axes.titlesize": FONT,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": FONT,
    "axes.linewidth": 0.9,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.limits": (-4, 5),
    "axes.prop_cycle": cycler(color=_COLOURS, linestyle=DASHES),
    "font.size": FONT,
    "font.family": "sans-serif",
    "grid.color": GRID.light,
    "grid.linewidth": 0.7,
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "legend.fontsize": FONT - 0.5,
    "legend.labelcolor": INK.light,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "text.color": INK.light,
    "xtick.color": GRID.light,
    "xtick.labelcolor": QUIET.light,
    "xtick.labelsize": FONT - 1,
    "ytick.color": GRID.light,
    "ytick.labelcolor": QUIET.light,
    "ytick.labelsize": FONT - 1,
    "svg.fonttype": "none",  # keep text as text: small, searchable, and sharp
    "svg.hashsalt": "layerlab",
}


_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_FONT_RULE = "text{font-family:system-ui,'Segoe UI','Helvetica Neue',sans-serif}"


def style() -> None:
    """Give every new figure the course's style, and show each figure only once, as SVG and PNG.

    Call this in a notebook's first cell. Outside a notebook, it only changes Matplotlib's settings.
    """
    _show_once_in_notebook()
    mpl.rcParams.update(_RC)


def settings() -> dict[Any, Any]:
    """Return the style's Matplotlib settings, to be passed to ``matplotlib.rc_context``."""
    return dict(_RC)


def svg(figure: Figure) -> str:
    """Return ``figure`` as SVG text whose colors follow the reader's theme; equal figures give equal text."""
    buffer = io.BytesIO()
    with mpl.rc_context({key: _RC[key] for key in ("svg.hashsalt", "svg.fonttype")}):
        figure.savefig(
            buffer, format="svg", bbox_inches="tight", pad_inches=0.04, transparent=True, metadata=_NO_METADATA
        )
    text = buffer.getvalue().decode()
    return _short(text).replace("<defs>", f"<style>{_FONT_RULE}{_dark_rules()}</style><defs>", 1)


def _short(text: str) -> str:
    """Remove the parts of Matplotlib's SVG that no browser needs, which are about half of the text."""
    text = text[text.index("<svg") :]
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", text)  # Matplotlib before 3.11
    text = re.sub(r"font-family: [^;\"]*;? ?", "", text)
    text = re.sub(r" transform=\"rotate\(-0 [^)]*\)\"", "", text)
    # Cut coordinates to hundredths, but only inside tags: the text between them contains the figure's own numbers.
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), text)
    # Join all lines: a notebook stores a string as a list of its lines, and in XML a space is equivalent to a line end.
    return re.sub(r"\s*\n\s*", " ", text).strip()


def png(figure: Figure, dpi: float = DPI) -> bytes:
    """Return ``figure`` as PNG bytes on a white background.

    With 64 colors, the image looks the same but takes a quarter of the bytes.
    """
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi, bbox_inches="tight", pad_inches=0.08, facecolor="white")
    image = Image.open(drawn).convert("RGB")
    image.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def _dark_rules() -> str:
    rules = []
    for shade in [*PALETTE.values(), INK, QUIET, GRID]:
        for what in ("stroke", "fill"):
            rules.append(f'[style*="{what}: {shade.light}"]{{{what}:{shade.dark}!important}}')
    return "@media (prefers-color-scheme:dark){" + "".join(rules) + "}"


def _show_once_in_notebook() -> None:
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    # The inline backend registers its own formatters and settings when it loads, so load it before replacing them.
    plt.switch_backend(plt.get_backend())
    formatters = shell.display_formatter.formatters
    for mime, draw in (("image/svg+xml", svg), ("image/png", png)):
        formatters[mime].for_type(Figure, _closing(draw))
        formatters[mime].enabled = True


def _closing(draw):
    """Return a version of ``draw`` that also closes the figure, so that it does not appear again below the cell."""

    def show(figure: Figure):
        data = draw(figure)
        plt.close(figure)
        return data

    return show
