"""Draw the course's figures: a function and its gradient, shapes through a network, differences, and matrices.

Every function returns the Matplotlib figure. A notebook shows the figure once, no later than the end of its cell. All
shapes are drawn in the same way: data is blue, parameters are orange, the height of a box shows its number of rows, the
width shows its number of columns, and the sizes are written below the box in torch's order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from layerlab.style import FONT, PALETTE, QUIET, SIGNED, WIDTH, style

DATA, LEARNED = PALETTE["blue"].light, PALETTE["orange"].light
_MAX_WRITTEN = 120  # a matrix with more cells than this shows only colors


def function_and_gradient(
    fn: Callable[[torch.Tensor], torch.Tensor], low: float, high: float, name: str = "f", points: int = 401
) -> Figure:
    """Draw an element-wise function on the left and its gradient, from autograd, on the right.

    Args:
        fn: an element-wise function that maps a float tensor of shape (points,) to a tensor of the same shape.
        low: the smallest x.
        high: the largest x.
        name: the name of the function in the titles.
        points: the number of x values.
    """
    x = torch.linspace(low, high, points, requires_grad=True)
    y = fn(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    figure, axes = _panels(2, 2.5)
    titles = (f"{name}(x)", f"gradient of {name}")
    for axis, values, title, colour in zip(axes, (y.detach(), gradient), titles, (DATA, LEARNED), strict=True):
        axis.axhline(0, color=QUIET.light, linewidth=0.8, linestyle="-")
        axis.axvline(0, color=QUIET.light, linewidth=0.8, linestyle="-")
        axis.plot(x.detach(), values, color=colour, linestyle="-")
        axis.set(title=title, xlabel="x", xlim=(low, high))
        axis.locator_params(nbins=5)
    return figure


def heat(
    matrix: Any,
    title: str = "",
    rows: Sequence[str] | str = "",
    columns: Sequence[str] | str = "",
    limit: float | None = None,
) -> Figure:
    """Draw a matrix: positive values in blue, negative ones in orange, and zeros blank; write the values if they fit.

    Args:
        matrix: a tensor or array of shape (rows, columns), or a vector, which is drawn as one row.
        title: the title above the matrix; it can be empty.
        rows: one label for each row, or one name for the axis.
        columns: one label for each column, or one name for the axis.
        limit: the magnitude shown in full color; by default, the largest absolute value in the matrix.

    Raises:
        ValueError: if ``matrix`` has more than two dimensions, or the number of labels is wrong.
    """
    values = _matrix(matrix)
    limit = limit or _limit(values)
    height = min(6.0, 0.9 + 0.34 * len(values))
    figure, (axis,) = _panels(1, height)
    _draw_matrix(axis, values, limit)
    axis.set_title(title)
    _label_axis(axis.set_xticks, axis.set_xlabel, columns, values.shape[1])
    _label_axis(axis.set_yticks, axis.set_ylabel, rows, values.shape[0])
    return figure


def target_yours_difference(expected: Any, yours: Any, what: str = "output") -> Figure:
    """Draw the expected values, your values, and the difference, all on the same scale.

    Args:
        expected: values of any shape. Values with one dimension are drawn as steps, and values with two dimensions are
            drawn as a matrix. If the values have more than two dimensions, the last two form an image, and the first
            nine images are tiled.
        yours: values of the same shape, or a function without arguments that returns them. If the result is None or
            has a different shape, or the function raises an exception, the panel says so instead.
        what: the name of the values in the titles.
    """
    target = _numbers(expected)
    given, problem = _given(yours)
    difference = None
    if given is not None and given.shape == target.shape:
        difference = given - target
    elif given is not None:
        problem = f"shape {tuple(given.shape)}\ninstead of {tuple(target.shape)}"
    limit = max(_limit(values) for values in (target, given, difference) if values is not None)
    largest = "" if difference is None else f"\nlargest {_short(_limit(difference, 0.0))}"
    figure, axes = _panels(3, 2.35, sharey=target.ndim < 2)
    titles = (f"target\n{what}", f"yours\n{what}", f"yours − target{largest}")
    for axis, values, title in zip(axes, (target, given, difference), titles, strict=True):
        axis.set_title(title, fontsize=FONT - 0.5)
        axis.set_box_aspect(_box_aspect(target))
        if values is None:
            _sentence(axis, problem)
        else:
            _draw_values(axis, values, limit)
    return figure


def shapes_through(net: torch.nn.Module, x: torch.Tensor) -> Figure:
    """Draw the output shape of every layer of ``net`` for the input ``x``, with each layer's number of parameters.

    The first dimension of ``x`` is the batch dimension. Layers are the modules without children, in the order in which
    they are called in evaluation mode. The length of a bar shows the number of values per item, on a log scale.
    """
    steps = _steps(net, x)
    figure, (axis,) = _panels(1, 0.5 + 0.62 * len(steps) + 0.35)
    longest = max(_bits(shape) for _, _, shape in steps)
    for i, (layer, parameters, shape) in enumerate(steps):
        if layer:
            axis.annotate("", (0.03, i - 0.2), (0.03, i - 0.8), arrowprops=_ARROW)
            note = f"   {parameters:,} parameters" if parameters else ""
            axis.text(0.06, i - 0.5, layer, va="center", fontsize=FONT - 0.5)
            axis.text(0.99, i - 0.5, note, va="center", ha="right", fontsize=FONT - 0.5, color=LEARNED)
        _box(axis, 0.0, i - 0.18, 0.24 + 0.34 * _bits(shape) / longest, 0.36, DATA)
        axis.text(0.02, i, str(tuple(shape)), va="center", fontsize=FONT - 0.5)
    total = sum(p.numel() for p in net.parameters())
    axis.text(0.99, len(steps) - 0.3, f"{total:,} parameters in all", ha="right", va="center", color=LEARNED)
    axis.set(xlim=(-0.01, 1.0), ylim=(len(steps) + 0.05, -0.4))
    axis.set_axis_off()
    return figure


def shape_equation(*parts: str | tuple) -> Figure:
    """Draw an equation between tensors as boxes: ``shape_equation(("y", 4, 2), "=", ("x", 4, 3), "@", ("Wᵀ", 3, 2))``.

    Args:
        parts: operators ("=", "@", "+"), and tuples of a name and one or two sizes. A tensor with one size is drawn as
            one row. If "learned" follows the sizes, the box has the color of parameters.

    Raises:
        ValueError: if a tuple does not have one or two sizes.
    """
    boxes = [part for part in parts if not isinstance(part, str)]
    sizes = [_two_sizes(part) for part in boxes]
    heights, widths = (_scaled([size[i] for size in sizes], most) for i, most in ((0, 1.5), (1, 1.35)))
    figure, (axis,) = _panels(1, 0.75 + max(heights))
    at, shapes = 0.0, iter(zip(boxes, heights, widths, strict=True))
    for part in parts:
        if isinstance(part, str):
            axis.text(at + 0.17, 0, part, ha="center", va="center", fontsize=FONT + 3, color=QUIET.light)
            at += 0.34
            continue
        box, height, width = next(shapes)
        learned = box[-1] == "learned"
        label = " × ".join(str(size) for size in box[1:] if size != "learned")
        _box(axis, at, -height / 2, width, height, LEARNED if learned else DATA)
        axis.text(at + width / 2, 0, box[0], ha="center", va="center", fontsize=FONT + 1)
        axis.text(at + width / 2, height / 2 + 0.2, label, ha="center", va="center", fontsize=FONT - 0.5)
        at += width
    axis.set(xlim=(-0.05, at + 0.05), ylim=(max(heights) / 2 + 0.4, -max(heights) / 2 - 0.05), aspect="equal")
    axis.set_axis_off()
    return figure


# -- drawing ----------------------------------------------------------------------------------------------------------

_ARROW = {"arrowstyle": "-|>", "color": QUIET.light, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}


def _panels(count: int, height: float, sharey: bool = False) -> tuple[Figure, list[Axes]]:
    style()
    figure, axes = plt.subplots(1, count, figsize=(WIDTH, height), sharey=sharey, squeeze=False)
    return figure, list(axes[0])


def _box(axis: Axes, x: float, y: float, width: float, height: float, colour: str) -> None:
    axis.add_patch(Rectangle((x, y), width, height, facecolor=colour, alpha=0.18, linewidth=0))
    axis.add_patch(Rectangle((x, y), width, height, facecolor="none", edgecolor=colour, linewidth=1.3))


def _draw_values(axis: Axes, values: np.ndarray, limit: float) -> None:
    if values.ndim < 2:
        axis.axhline(0, color=QUIET.light, linewidth=0.8, linestyle="-")
        axis.plot(values.reshape(-1), color=DATA, linestyle="-", drawstyle="steps-mid")
        axis.set(ylim=(-1.1 * limit, 1.1 * limit))
        axis.locator_params(nbins=4)
        return
    image = values if values.ndim == 2 else _tiled(values)
    axis.imshow(image, cmap=SIGNED, vmin=-limit, vmax=limit, interpolation="nearest", aspect="auto")
    _frame(axis)


def _draw_matrix(axis: Axes, values: np.ndarray, limit: float) -> None:
    axis.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit, interpolation="nearest", aspect="auto")
    _frame(axis)
    rows, columns = values.shape
    if rows * columns > _MAX_WRITTEN or columns > 9:
        return
    for row in range(rows):
        for column in range(columns):
            text = _short(values[row, column], digits=2)
            axis.text(column, row, text, ha="center", va="center", fontsize=FONT - 1)


def _frame(axis: Axes) -> None:
    axis.grid(False)
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(True)


def _label_axis(set_ticks: Callable, set_name: Callable, labels: Sequence[str] | str, count: int) -> None:
    if isinstance(labels, str):
        set_name(labels)
        return
    if len(labels) != count:
        raise ValueError(f"{len(labels)} labels for {count} rows or columns")
    set_ticks(range(count), labels=list(labels))


def _sentence(axis: Axes, text: str) -> None:
    axis.set_axis_off()
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, color=QUIET.light, fontsize=FONT - 1)


# -- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(values: Any) -> np.ndarray:
    if isinstance(values, torch.Tensor):
        values = values.detach().to("cpu", torch.float64)
    return np.asarray(values, dtype=np.float64)


def _given(yours: Any) -> tuple[np.ndarray | None, str]:
    """Return the student's values (None if there are none), and a note that says why there is nothing to draw."""
    try:
        value = yours() if callable(yours) else yours
        if value is None or value is NotImplemented or value is Ellipsis:
            return None, "nothing yet"
        return _numbers(value), "no difference:\nthe shapes differ"
    except NotImplementedError:
        return None, "nothing yet"
    except Exception as error:  # the figure reports any exception from a student's code
        return None, f"{type(error).__name__}\nwas raised"


def _matrix(values: Any) -> np.ndarray:
    matrix = np.atleast_2d(_numbers(values))
    if matrix.ndim != 2:
        raise ValueError(f"a matrix has two axes, this has {matrix.ndim}: {matrix.shape}")
    return matrix


def _limit(values: np.ndarray, empty: float = 1.0) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else empty


def _short(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}g}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")


def _tiled(values: np.ndarray) -> np.ndarray:
    """Tile the first nine images of an array of shape (..., height, width), three in a row, with gaps of nan."""
    images = values.reshape(-1, *values.shape[-2:])[:9]
    across = min(3, len(images))
    padded = np.pad(images, ((0, -len(images) % across), (0, 1), (0, 1)), constant_values=np.nan)
    _, height, width = padded.shape
    grid = padded.reshape(-1, across, height, width).transpose(0, 2, 1, 3)
    return grid.reshape(-1, across * width)[:-1, :-1]


def _box_aspect(values: np.ndarray) -> float | None:
    """Return the panel's height divided by its width, so that a matrix has square cells unless it is very long."""
    if values.ndim < 2:
        return None
    image = values if values.ndim == 2 else _tiled(values)
    return float(np.clip(image.shape[0] / image.shape[1], 0.4, 1.6))


def _bits(shape: torch.Size) -> float:
    return float(np.log2(1 + np.prod(shape[1:], dtype=float)))


def _two_sizes(part: tuple) -> tuple[int, int]:
    numbers = [size for size in part[1:] if size != "learned"]
    if len(numbers) not in (1, 2):
        raise ValueError(f"{part!r}: a name, then one or two sizes")
    return (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])


def _scaled(sizes: Sequence[int], most: float) -> list[float]:
    """Return a length for each size, on a square-root scale, so that a size of 3 is visible beside a size of 300."""
    return [max(0.3, most * float(np.sqrt(size / max(sizes)))) for size in sizes]


def _steps(net: torch.nn.Module, x: torch.Tensor) -> list[tuple[str, int, torch.Size]]:
    """Return (layer, parameter count, output shape) for the input and each leaf module, using forward hooks."""
    steps: list[tuple[str, int, torch.Size]] = [("", 0, x.shape)]

    def record(module: torch.nn.Module, inputs: tuple, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        steps.append((_layer_name(module), sum(p.numel() for p in module.parameters()), first.shape))

    leaves = [module for module in net.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(record) for leaf in leaves]
    training = net.training
    try:
        with torch.no_grad():
            net.eval()(x)
    finally:
        net.train(training)
        for hook in hooks:
            hook.remove()
    return steps


def _layer_name(module: torch.nn.Module) -> str:
    sizes = [getattr(module, name, None) for name in ("in_features", "out_features")]
    if all(isinstance(size, int) for size in sizes):
        return f"{type(module).__name__} {sizes[0]} → {sizes[1]}"
    return type(module).__name__
