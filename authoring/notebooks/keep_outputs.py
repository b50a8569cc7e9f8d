"""Keep stored outputs that agree with new ones, so that execution on another processor rewrites only what changed."""

from __future__ import annotations

import copy
from typing import Any

from nbformat import NotebookNode

from authoring.notebooks.fingerprint import fits
from authoring.outputs.cells import model_id, outputs_difference, widget_states
from authoring.outputs.tolerance import text_difference


def keep_what_holds(new: NotebookNode, kept: NotebookNode, template: NotebookNode) -> None:
    """Restore, cell by cell, the outputs and filled-in values of ``kept`` that agree with ``new`` within the tolerance.

    Args:
        new: the notebook as executed now; modified in place.
        kept: the stored notebook.
        template: the chapter's cells, with placeholders that are not filled.
    """
    stored = {cell.id: cell for cell in kept.cells}
    for cell, wanted in zip(new.cells, template.cells, strict=True):
        before = stored.get(cell.id)
        if before is None or before.cell_type != cell.cell_type:
            continue
        if cell.cell_type == "markdown":
            # If the stored source fits the template, the two sources differ only in their filled-in values.
            if fits(before.source, wanted.source) and not text_difference(before.source, cell.source):
                cell.source = before.source
        elif _outputs_hold(before, cell, kept, new):
            _put_back(before, cell, kept, new)


def _outputs_hold(before: NotebookNode, cell: NotebookNode, kept: NotebookNode, new: NotebookNode) -> bool:
    if before.source != cell.source and any(output.output_type == "error" for output in cell.outputs):
        return False  # its traceback shows the source
    return not outputs_difference(before.outputs, cell.outputs, widget_states(kept), widget_states(new))


def _put_back(before: NotebookNode, cell: NotebookNode, kept: NotebookNode, new: NotebookNode) -> None:
    states: dict[str, Any] = widget_states(kept)
    cell.outputs = copy.deepcopy(before.outputs)
    for output in cell.outputs:
        if "execution_count" in output:
            output.execution_count = cell.execution_count  # a cell may have been added before it
        shown = widget_states(new).get(model_id(output))
        if shown is not None:
            shown |= {key: states[model_id(output)][key] for key in ("plan", "frames") if key in shown}
