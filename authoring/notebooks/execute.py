"""Execute a chapter's text and return its reference notebook; the same text gives the same bytes."""

from __future__ import annotations

import ast
import json
import os
import platform
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from authoring.notebooks.fingerprint import fingerprint
from autograder.texts.parser import syntax_tree
from autograder.texts.text import PLACEHOLDER, Text, parse

CELL_SECONDS = 120
# One thread and a fixed hash seed, so that every run adds the same values in the same order.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}  # as a kernel reports it, but without Python's exact version
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")

# How `{{ value }}` is shown: integers as 12,000, floats with four significant digits, text unchanged.
FILL = """
def _filled(*values):
    import json
    def shown(value):
        value = value.item() if callable(getattr(value, "item", None)) else value
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return f"{value:.4g}" if isinstance(value, float) else str(value)
    print(json.dumps([shown(value) for value in values]))
"""


@dataclass
class _Kernel:
    """A running kernel, and the text whose cells it executes."""

    text: Text
    client: NotebookClient

    def run(self, index: int) -> None:
        """Execute code cell ``index``, and raise ChapterError for results that a reference must not have."""
        cell = self.text.notebook.cells[index]
        self._execute(cell, index)
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                raise self.text.error(index, f"the cell wrote to stderr: {_short(output.text)}")
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                raise self.text.error(index, f"the cell raised {output.ename}: {output.evalue}")
        if "raises-exception" in cell.metadata.get("tags", []) and not any(
            o.output_type == "error" for o in cell.outputs
        ):
            raise self.text.error(index, "the cell is tagged raises-exception and raised nothing")
        _check_outputs(self.text, index)

    def fill(self, index: int) -> None:
        """Replace the placeholders of Markdown cell ``index`` with their values at this point."""
        cell = self.text.notebook.cells[index]
        found = list(PLACEHOLDER.finditer(cell.source))
        if not found:
            return
        values = []
        for match in found:
            # One cell each, so that an undefined name is reported on its own line. No history, so that the execution
            # counts of the chapter's own cells do not change.
            asked = nbformat.v4.new_code_cell(f"{FILL}\n_filled({_expression(match['code'])})\ndel _filled")
            try:
                self.client.execute_cell(asked, index, store_history=False)
            except CellExecutionError as error:
                offset = cell.source.count("\n", 0, match.start())
                raise self.text.error(index, f"{match[0]}: {error.ename}: {error.evalue}", offset) from error
            values += json.loads(asked.outputs[0].text)
        self.text.notebook.cells[index] = cell  # nbclient has replaced it with the last cell executed
        filled = iter(values)
        cell.source = PLACEHOLDER.sub(lambda _: next(filled), cell.source)

    def _execute(self, cell: NotebookNode, index: int) -> None:
        try:
            self.client.execute_cell(cell, index)
        except CellExecutionError as error:
            message = f"the cell raised {error.ename}: {_short(error.evalue)}"
            raise self.text.error(index, message, _failing_line(cell)) from error
        except CellTimeoutError as error:
            raise self.text.error(index, f"the cell did not end within {CELL_SECONDS} s") from error
        except DeadKernelError as error:
            raise self.text.error(index, "the kernel died in this cell") from error


def execute(path: Path, root: Path, tick: Callable[[], None] = lambda: None) -> NotebookNode:
    """Return the reference notebook of the chapter at ``path``, executed in an empty folder by its own kernel.

    The fingerprint includes the pins and layerlab of ``root``; ``tick`` is called after every cell. Raise ChapterError
    for a mistake in the text, and for a result that a reference must not have.
    """
    text = parse(path)
    notebook = text.notebook
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=CELL_SECONDS,
            record_timing=False,
            store_widget_state=True,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],  # it warns that local messages are not encrypted
            resources={"metadata": {"path": folder}},
        )
        client.reset_execution_trackers()
        with client.setup_kernel(env={**os.environ, **ENVIRONMENT}):
            kernel = _Kernel(text, client)
            for index, cell in enumerate(notebook.cells):
                kernel.run(index) if cell.cell_type == "code" else kernel.fill(index)
                tick()
            client.set_widgets_metadata()
    notebook.metadata.language_info = nbformat.from_dict(LANGUAGE)
    notebook.metadata.layerlab.fingerprint = fingerprint(path, root)
    notebook.metadata.layerlab.torch = version("torch").partition("+")[0]
    notebook.metadata.layerlab |= {"python": platform.python_version(), "date": date.today().isoformat()}
    return notebook


def _check_outputs(text: Text, index: int) -> None:
    """Reject figures without alternative text, and memory addresses, which differ in every run."""
    cell = text.notebook.cells[index]
    for output in cell.outputs:
        data = output.get("data", {})
        if any(mime.startswith("image/") for mime in data):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            if not alt.strip():
                raise text.error(index, 'the cell draws a figure and has no :alt: "..."')
        shown = output.get("text", "") + str(data.get("text/plain", ""))
        if ADDRESS.search(shown):
            raise text.error(index, f"the output shows a memory address: {_short(shown)}")


def _expression(code: str) -> str:
    """Return a placeholder's code as an expression, an f-string if the code ends with a format or a conversion."""
    formatted = f"f'''{{{code}}}'''"
    value = next(node for node in ast.walk(syntax_tree(formatted)) if isinstance(node, ast.FormattedValue))
    return formatted if value.format_spec is not None or value.conversion != -1 else code


def _failing_line(cell: NotebookNode) -> int:
    """Return which line of the cell raised the exception, counted from 0; 0 if the traceback doesn't show it."""
    trace = "\n".join(line for output in cell.outputs for line in output.get("traceback", []))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", trace)
    found = re.findall(rf"Cell In\[{cell.execution_count}\],? line (\d+)", plain)
    return int(found[-1]) - 1 if found else 0


def _short(message: str) -> str:
    return " ".join(message.split())[:300]
