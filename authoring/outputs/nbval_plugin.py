"""Make nbval compare outputs as `cells` does: `pytest -p authoring.outputs.nbval_plugin --nbval solutions`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams

from authoring.outputs.cells import outputs_difference, widget_states


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(parent: pytest.Collector) -> Generator[None, list[Any], list[Any]]:
    """Replace nbval's notebook collector with ours."""
    files = yield
    return [Notebook.from_parent(parent, path=file.path) if isinstance(file, IPyNbFile) else file for file in files]


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
        """Return whether the outputs agree or no page shows them; put any difference into `comparison_traceback`."""
        if "remove-output" in self.cell.metadata.get("tags", []):  # %%writefile tells whether the file is new
            return True
        states = widget_states(self.parent.nb), self.parent.states
        self.comparison_traceback = [outputs_difference(coalesce_streams(ref), test, *states)]
        return not any(self.comparison_traceback)
