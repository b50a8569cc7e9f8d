"""Test that the page of each kind of explorer shows what Python computes, at several settings.

`tests/layerlab/test_explorer_kinds.py` compares what Python computes with torch.
"""

import re
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

import explorers
import pytest
from explorers import number

from layerlab.explorers.frames import Frame

FRAME = 1000 / 60  # ms
CLOSE = 1e-3  # Half a step of 16 bits over these ranges, plus half a unit of the last of four digits.

# Follow an address on the page the way a link does.
GO = """hash => new Promise(done => {
    if (location.hash === hash) return done();
    addEventListener('hashchange', () => setTimeout(done), { once: true });
    location.hash = hash;
})"""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """Open the explorer page once for all tests in this module, which choose settings through the page's URL."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("request", lambda r: complaints.append(r.url) if r.url.startswith("http") else None)
    page.goto((explorers.site() / "explorers.html").as_uri())
    explorers.alive(page)
    yield page
    assert complaints == []
    context.close()


def at(page: Any, address: str) -> list[list[list[str]]]:
    """Set an explorer's controls through the page's URL, and return the explorer's tables as rows of text."""
    page.evaluate(GO, f"#{address}")
    return page.locator(f'[data-explorer="{address.partition("=")[0]}"] table').evaluate_all(
        "tables => tables.map(t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent)))"
    )


MAKERS, _ = explorers.executed("explorers")
SETTINGS = {
    "product": ("angle bias", "0 on", "1 on", "1.75 off", "2.5 off", "3 on"),
    "shear": ("shear scale shift", "2 1 0", "1 1 0", "-2 1 0", "-2 0 0", "-2 0 1"),
    "leaky": ("slope", "0", "0.1", "0.4", "0.7", "1"),
    "slide": ("stride padding dilation position", "1 0 1 0", "1 1 1 13", "2 2 1 5", "1 2 2 29", "2 1 2 3"),
    "pool": (
        "kernel_size stride ceil_mode position",
        *("2 2 False 0", "3 2 True 4", "4 3 False 2", "2 3 True 3", "3 1 False 6"),
    ),
    "mean": (
        "padding ceil_mode count_include_pad position",
        *("0 False True 1", "1 True True 3", "1 True False 3", "2 False True 0", "2 True False 0"),
    ),
    "adapt": ("rows columns position", "3 4 0", "3 4 6", "7 5 34", "1 1 0", "7 1 3", "5 3 14"),
    "norm": ("layer sample channel", "batch 0 2", "layer 1 0", "instance 1 3", "group 0 1", "group 1 2"),
    "attend": ("mask temperature", "none 1", "none 0.2", "causal 0.2", "causal 1", "causal 2"),
    "race": ("lr step", "0.05 0", "0.05 12", "0.15 4", "0.25 2", "0.3 1"),
    "spread": ("gain nonlinearity", "1 none", "0.5 relu", "1.5 relu", "2 none", "2 tanh"),
}
ADDRESSES = [
    f"{name}=" + ",".join(f"{key}:{value}" for key, value in zip(keys.split(), values.split(), strict=True))
    for name, (keys, *settings) in SETTINGS.items()
    for values in settings
]


def value(words: str) -> str | float:
    return int(words) if words.isdigit() else float(words) if words[-1].isdigit() else words


def frame_at(address: str) -> Frame:
    """Return the frame that Python computes for the setting in an address."""
    name, _, setting = address.partition("=")
    pairs = (pair.split(":") for pair in setting.split(","))
    return MAKERS[name](**{key: value(words) for key, words in pairs})


def in_row(cell: str | float, frame: Frame) -> list[str | float]:
    """Return the words and numbers of a cell."""
    if isinstance(cell, float) and cell == cell:
        return [cell]
    words = cell if isinstance(cell, str) else frame.plan()["nan"]
    return [
        number(word) if re.fullmatch(r"[−-]?[\d.]+(e[−+-]?\d+)?", word) else word for word in re.split("[ ,]+", words)
    ]


def tolerance(frame: Frame, row: Sequence[str | float], column: int) -> dict[str, float]:
    """Return how far a cell may be from Python's, as arguments of `pytest.approx`."""
    if frame.kind == "depth":  # three digits, and quantiles in standard deviations, which may be very large or small
        return {"rel": 6e-3, "abs": CLOSE * float(row[1])}
    return {"rel": 1e-2, "abs": CLOSE} if (frame.kind, column) == ("paths", 3) else {"abs": CLOSE + 1e-9}


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_shows_the_tables_and_numbers_of_python(page, address):
    frame = frame_at(address)
    for shown, table in zip(at(page, address), frame.tables(), strict=True):
        assert len(shown) == len(table.rows)
        for row, expected in zip(shown, table.rows, strict=True):
            for column, (one, other) in enumerate(zip(row, expected, strict=True)):
                close = tolerance(frame, expected, column)
                assert in_row(one, frame) == pytest.approx(in_row(other, frame), **close), (row, expected)
    readout = page.locator(f'[data-explorer="{address.partition("=")[0]}"] [data-number]').evaluate_all(
        "all => all.map(e => [e.dataset.number, e.textContent])"
    )
    close = {"rel": 1e-2, "abs": CLOSE} if frame.kind == "paths" else {"abs": CLOSE}
    assert {key: number(words) for key, words in readout} == pytest.approx(frame.numbers, **close)


# Parts of figures, and how often they are drawn in a frame.
DRAWN = {
    "adapt": {".picture > svg .tap": lambda frame: len(frame.tables()[0].rows), ".picture > svg .winner": lambda _: 1},
    "norm": {'[data-shared="1"]': lambda frame: frame.numbers["cells that share one mean"]},
    "attend": {".picture > svg .hatch": lambda frame: frame.masks["weights"].sum()},
}


@pytest.mark.parametrize("address", [address for address in ADDRESSES if address.partition("=")[0] in DRAWN])
def test_figure_marks_the_cells_of_python(page, address):
    name, frame = address.partition("=")[0], frame_at(address)
    at(page, address)
    root = page.locator(f'[data-explorer="{name}"]')
    assert {part: root.locator(part).count() for part in DRAWN[name]} == {p: f(frame) for p, f in DRAWN[name].items()}


def test_lines_legends_and_steps_are_drawn(page):
    at(page, "leaky=slope:0.4")
    lines = page.locator('[data-explorer="leaky"] path[data-series]')
    assert lines.evaluate_all("lines => lines.map(line => line.dataset.series)") == [
        "leaky", "elu", "gradient of leaky", "gradient of elu",
    ]  # fmt: skip
    legend = page.locator('[data-explorer="mean"] .legend li').all_text_contents()
    assert legend == ["padding", "beyond", "under the window", "computed now"]
    for step in (0, 4, 12):
        at(page, f"race=lr:0.05,step:{step}")
        points = page.locator('[data-explorer="race"] path[data-series="SGD"]').get_attribute("d")
        assert points.count("M") + points.count("L") == step + 1


def test_step_slider_ends_at_the_last_output(page):
    """Require fewer slider positions than the 56 in the grid, because a stride of 2 gives fewer outputs."""
    at(page, "slide=stride:1,padding:2,dilation:1,position:55")
    root = page.locator('[data-explorer="slide"]')
    position = root.get_by_role("slider", name="position")
    assert position.get_attribute("aria-valuetext") == "55 of 55"
    root.get_by_role("slider", name="stride").press("End")
    assert position.get_attribute("aria-valuetext") == "15 of 15"
    assert page.evaluate("location.hash").endswith("position:15")
    assert root.get_by_role("status").inner_text().startswith("stride 2, padding 2, dilation 1, position 15.")


@pytest.mark.serial
def test_every_figure_is_painted_within_two_frames(page):
    """Measure the time from an input event to the end of the next paint; take the median of 20 measurements."""
    took = {}
    for name in explorers.NAMES:
        input_ = page.locator(f'[data-explorer="{name}"] input[type=range]').first
        measured = input_.evaluate("""async input => {
            const found = [];
            input.scrollIntoView({ block: 'center' });
            for (let i = 0; i < 20; i++) {
                await new Promise(requestAnimationFrame);
                const begin = performance.now();
                input.value = Number(input.value) < Number(input.max) ? Number(input.value) + 1 : 0;
                input.dispatchEvent(new Event('input'));
                const script = performance.now() - begin;
                await new Promise(requestAnimationFrame);
                await new Promise(done => {
                    const after = new MessageChannel();
                    after.port1.onmessage = done;
                    after.port2.postMessage(0);
                });
                found.push([script, performance.now() - begin]);
            }
            input.dispatchEvent(new Event('change'));
            return found;
        }""")
        script, painted = (statistics.median(times) for times in zip(*measured, strict=True))
        took[name] = painted
        print(f"{name:9} {script:5.1f} ms of script, painted after {painted:5.1f} ms: {painted / FRAME:.1f} frames")
    assert max(took.values()) <= 2 * FRAME, took
