"""Make nbval compare outputs as `cells` does: `pytest -p authoring.outputs.nbval_plugin --nbval solutions`.

nbval executes the cells; only its comparison of strings is replaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams

from authoring.outputs.cells import outputs_difference, widget_states

SAME, WITHIN, BEYOND = "the same bytes", "within the tolerance", "beyond it"
PROPERTY = "outputs"  # a cell's report records one of the three under this name


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(parent: pytest.Collector) -> Generator[None, list[Any], list[Any]]:
    """Replace nbval's notebook collector with ours."""
    found = yield
    return [Notebook.from_parent(parent, path=file.path) if isinstance(file, IPyNbFile) else file for file in found]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report how many cells reproduced the stored outputs, and how closely."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    counts = Counter(value for report in reports for name, value in report.user_properties if name == PROPERTY)
    if counts:
        terminalreporter.write_line("outputs: " + ", ".join(f"{counts[key]} {key}" for key in (SAME, WITHIN, BEYOND)))


class Notebook(IPyNbFile):
    """A notebook that also keeps the states of the widgets that its cells create when they run."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a `Cell` for each of nbval's cells."""
        self.states: dict[str, dict[str, Any]] = {}
        for cell in super().collect():
            yield Cell.from_parent(self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options)

    def get_kernel_message(self, timeout: float | None = None, stream: str = "iopub") -> dict[str, Any]:
        """Return the kernel's next message, as nbval does, and keep the state of any new widget."""
        message = super().get_kernel_message(timeout, stream)
        if message["msg_type"] == "comm_open":
            content = message["content"]
            self.states[content["comm_id"]] = content["data"].get("state", {})
        return message


class Cell(IPyNbCell):
    """A code cell whose outputs pass if they agree within the tolerance."""

    def compare_outputs(self, test: list[Any], ref: list[Any], skip_compare: tuple[str, ...] | None = None) -> bool:
        """Return whether the outputs agree; put any difference into `comparison_traceback`."""
        kept, states = coalesce_streams(ref), widget_states(self.parent.nb)
        found = outputs_difference(kept, test, states, self.parent.states)
        verdict = BEYOND if found else SAME if [_bare(o) for o in kept] == [_bare(o) for o in test] else WITHIN
        self.user_properties.append((PROPERTY, verdict))
        self.comparison_traceback = [found]
        return not found


def _bare(output: Any) -> dict[str, Any]:
    """Return the part of an output that is the same in every run and that nbval compares."""
    data = {mime: value for mime, value in output.get("data", {}).items() if mime not in ("image/png", "image/jpeg")}
    return {key: output.get(key) for key in ("output_type", "name", "text", "ename", "evalue")} | {"data": data}
