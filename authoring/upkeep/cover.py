"""Draw the picture on the book's cover: one tensor going through five layers, with values computed by torch.

`python -m authoring cover` writes the picture twice, in landscape for a wide page and in portrait for a phone. Every
value in it is an integer, so that every machine draws the same picture; a test redraws it to check this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from layerlab.style import INK, PALETTE, QUIET, STRONGEST

FOLDER = Path(__file__).resolve().parents[2] / "book" / "_static"
WORDS = ("falls", "rises", "level", "upright")  # the four edge directions that the kernels detect
LEVELS = 4  # intensities of a color; each is one path in the file
SIDE = 24  # of the input image, in pixels

# Kernels for the four edge directions: weights that a network might learn, written by hand.
KERNELS = (
    ((2, -1, -1), (-1, 2, -1), (-1, -1, 2)),
    ((-1, -1, 2), (-1, 2, -1), (2, -1, -1)),
    ((-1, -1, -1), (2, 2, 2), (-1, -1, -1)),
    ((-1, 2, -1), (-1, 2, -1), (-1, 2, -1)),
)

RULES = (
    "text{font:13px system-ui,'Segoe UI','Helvetica Neue',sans-serif;fill:var(--ink)}"
    ".name{font-weight:600}.size{font:12px ui-monospace,Consolas,'DejaVu Sans Mono',monospace;fill:var(--quiet)}"
    ".score tspan{font-weight:700}path{vector-effect:non-scaling-stroke}.p{fill:var(--data)}.n{fill:var(--learned)}"
    ".data,.learned{fill:none;stroke-width:1.3;stroke:var(--data)}.learned{stroke:var(--learned)}.thin{stroke-width:.8}"
    ".arrow{fill:none;stroke:var(--quiet);stroke-width:1.2}"
)


@dataclass(frozen=True)
class Step:
    """A layer, the tensor that it returns, and its weight, which is empty for a layer without parameters."""

    layer: str
    tensor: torch.Tensor
    weight: torch.Tensor = field(default_factory=lambda: torch.empty(0))


def picture() -> torch.Tensor:
    """Return a line drawing of a house with edges in all four directions, as a tensor of shape (1, 24, 24)."""
    image = torch.zeros(SIDE, SIDE)
    for i in range(10):  # the roof, from its top outward
        image[3 + i, 11 - i] = image[3 + i, 12 + i] = 1
    image[[12, 21], 4:20] = 1  # eaves and ground
    image[13:21, [4, 19]] = 1  # walls
    image[15:21, [7, 10]] = image[15, 7:11] = 1  # a door
    image[15:19, [13, 16]] = image[[15, 18], 13:17] = 1  # a window
    image[4:8, 18] = image[4:10, 20] = image[4, 18:21] = 1  # a chimney
    return image[None]


def steps() -> list[Step]:
    """Return the image as the first step, then a step for each layer."""
    convolution, linear = nn.Conv2d(1, 4, 3, bias=False), nn.Linear(484, 4, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(KERNELS, dtype=torch.float32)[:, None])
        linear.weight.copy_(torch.eye(4).repeat_interleave(121, dim=1))
        x = picture()
        done = [Step("x", x)]
        layers: tuple[nn.Module, ...] = (convolution, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(0), linear)
        names = ("Conv2d(1, 4, 3)", "ReLU()", "MaxPool2d(2)", "Flatten()", "Linear(484, 4)")
        for name, layer in zip(names, layers, strict=True):
            x = layer(x)
            weight = layer.weight.detach() if isinstance(layer, nn.Conv2d | nn.Linear) else x.new_empty(0)
            done.append(Step(name, x, weight))
    return done


def sentence() -> str:
    """Return the picture's alternative text."""
    shapes = "; ".join(f"{step.layer} gives shape {tuple(step.tensor.shape)}" for step in steps()[1:])
    scores = ", ".join(f"{word} {int(v)}" for word, v in zip(WORDS, steps()[-1].tensor, strict=True))
    return f"An image of shape {tuple(picture().shape)} goes through five layers: {shapes}. The scores: {scores}."


# -- drawing ----------------------------------------------------------------------------------------------------------


def cells(values: torch.Tensor, x: float, y: float, size: tuple[float, float], limit: float, kind: str = "data") -> str:
    """Return a matrix as SVG: a frame and cells, blue for positive and orange for negative values, scaled by ``limit``.

    Its upper left corner is at (x, y), and ``size`` is the size of a cell. ``kind`` is "data" or "learned".
    """
    rows, columns = values.shape
    drawn: dict[tuple[str, int], list[str]] = {}
    for row in range(rows):
        for column in range(columns):
            value = float(values[row, column]) / limit
            level = min(LEVELS, int(abs(value) * LEVELS + 0.999))
            if level:
                drawn.setdefault(("p" if value > 0 else "n", level), []).append(f"M{column} {row}h1v1h-1z")
    paths = "".join(
        f'<path class="{sign}" opacity="{STRONGEST * level / LEVELS:.2f}" d="{"".join(parts)}"/>'
        for (sign, level), parts in sorted(drawn.items())
    )
    frame = f'<path class="{kind}" d="M0 0h{columns}v{rows}h-{columns}z"/>'
    place = f"translate({x:g} {y:g})scale({size[0]:g} {size[1]:g})"
    return f'<g transform="{place}">{paths}{frame}</g>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> str:
    """Return a line of text as SVG; ``kind`` is a class of the style sheet, `RULES`."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{words}</text>'


def arrow(x: float, y: float, down: bool = False) -> str:
    """Return the SVG of a short arrow that begins at (x, y)."""
    turn = "rotate(90)" if down else ""
    return f'<path class="arrow" transform="translate({x:g} {y:g}){turn}" d="M0 0h13m-5-4 5 4-5 4"/>'


def lying() -> str:
    """Return the picture for a wide page, with the layers from left to right and a row for each channel."""
    made = steps()
    first, convolved, rectified, pooled, flat, scores = (step.tensor for step in made)
    top, pitch, middle, foot = 40.0, 92.0, 219.0, 432.0
    out = [cells(first[0], 6, middle - 66, (5.5, 5.5), 1), arrow(146, middle)]
    for c in range(4):
        y = top + pitch * c
        out += [cells(made[1].weight[c, 0], 168, y + 23, (12, 12), 2, "learned"), arrow(210, y + 41)]
        for x, tensor, cell in ((230, convolved, 3.7), (351, rectified, 3.7), (472, pooled, 5.2)):
            side = tensor.shape[1] * cell
            out += [cells(tensor[c], x, y + 41 - side / 2, (cell, cell), 5), arrow(x + side + 13, y + 41)]
    out.append(cells(flat.reshape(-1, 1), 570, top, (14, 0.74), 5, "data thin"))
    out += [arrow(598, middle), cells(_blocks(made[5]), 624, middle - 44, (22, 22), 1, "learned"), arrow(724, middle)]
    out += _scores(scores, 750, middle - 44)
    for x, step in zip((72, 271, 392, 501, 577, 761), made, strict=True):
        out.append(text(x, foot, _size(step.tensor), "size"))
    for x, step in zip((72, 250, 392, 501, 592, 686), made, strict=True):
        out.append(text(x, 22, step.layer, "name"))
    return _sheet(868, 444, out)


def standing() -> str:
    """Return the picture for a phone, with the layers from top to bottom and a column for each channel."""
    made = steps()
    first, convolved, rectified, pooled, flat, scores = (step.tensor for step in made)
    out = [cells(first[0], 114, 18, (5.5, 5.5), 1)]
    for c in range(4):
        x = 4 + 90 * c
        out += [cells(made[1].weight[c, 0], x + 23, 200, (12, 12), 2, "learned"), arrow(x + 41, 242, down=True)]
        for y, tensor, cell in ((262, convolved, 3.7), (382, rectified, 3.7), (502, pooled, 5.2)):
            out.append(cells(tensor[c], x + 41 - tensor.shape[1] * cell / 2, y, (cell, cell), 5))
    out.append(cells(flat.reshape(1, -1), 4, 602, (0.727, 14), 5, "data thin"))
    out += [cells(_blocks(made[5]), 60, 660, (22, 22), 1, "learned"), arrow(160, 704), *_scores(scores, 188, 660)]
    for y, step in zip((12, 188, 372, 492, 592, 648), made, strict=True):
        out += [text(4, y, step.layer, "name", "start"), text(356, y, _size(step.tensor), "size", "end")]
    return _sheet(360, 752, out)


def _scores(scores: torch.Tensor, x: float, y: float) -> list[str]:
    """Return the last tensor, with its values written next to it, as SVG elements."""
    box = cells(scores.reshape(-1, 1), x, y, (22, 22), float(scores.max()))
    lines = zip(WORDS, scores.tolist(), strict=True)
    return [box] + [
        text(x + 31, y + 22 * i + 16, f"{word} <tspan>{score:g}</tspan>", "score", "start")
        for i, (word, score) in enumerate(lines)
    ]


def _blocks(linear: Step) -> torch.Tensor:
    """Return the weight of shape (4, 484) with each block of 121 equal columns reduced to one column."""
    return linear.weight[:, ::121]


def _size(tensor: torch.Tensor) -> str:
    return str(tuple(tensor.shape))


def _sheet(width: int, height: int, parts: list[str]) -> str:
    blue, orange = PALETTE["blue"], PALETTE["orange"]
    light, dark = (
        f"svg{{--data:{blue_};--learned:{orange_};--ink:{ink};--quiet:{quiet}}}"
        for blue_, orange_, ink, quiet in (
            (blue.light, orange.light, INK.light, QUIET.light),
            (blue.dark, orange.dark, INK.dark, QUIET.dark),
        )
    )
    style = f"<style>{light}@media(prefers-color-scheme:dark){{{dark}}}{RULES}</style>"
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f"<svg {box}>{style}\n" + "\n".join(parts) + "\n</svg>\n"


def drawings() -> dict[str, str]:
    """Return the contents of the files that `main` writes, by name."""
    return {"cover.svg": lying(), "cover-narrow.svg": standing()}


def main() -> None:
    """Write both pictures into `FOLDER`, and print their alternative text."""
    for name, drawn in drawings().items():
        (FOLDER / name).write_text(drawn, encoding="utf-8")
    print(sentence())
