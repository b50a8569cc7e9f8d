"""Keep stored outputs that agree with new ones, so that execution on another processor rewrites only what changed."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from authoring.notebooks.fingerprint import fits
from authoring.outputs.cells import model_id, outputs_difference, widget_states
from authoring.outputs.tolerance import text_difference


def keep_what_holds(new: NotebookNode, kept: NotebookNode, template: NotebookNode) -> None:
    """Restore in ``new``, cell by cell, the outputs and filled-in values of ``kept`` that agree within tolerance."""
    stored, states = {cell.id: cell for cell in kept.cells}, (widget_states(kept), widget_states(new))
    for cell, wanted in zip(new.cells, template.cells, strict=True):
        before = stored.get(cell.id)
        if before is None or before.cell_type != cell.cell_type:
            continue
        if cell.cell_type == "markdown":
            # If the stored source fits the template, the two sources differ only in their filled-in values.
            if fits(before.source, wanted.source) and not text_difference(before.source, cell.source):
                cell.source = before.source
        elif before.source != cell.source and any(output.output_type == "error" for output in cell.outputs):
            continue  # its traceback shows the source
        elif not outputs_difference(before.outputs, cell.outputs, *states):
            cell.outputs = copy.deepcopy(before.outputs)
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = cell.execution_count  # a cell may have been added before it
                if shown := states[1].get(model := model_id(output)):
                    shown |= {key: states[0][model][key] for key in ("plan", "frames") if key in shown}
