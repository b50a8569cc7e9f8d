"""Run the cells of *Data* that start workers, with each way to start a process, and compare their outputs."""

import multiprocessing
import re

import nbformat
import pytest
from nbclient import NotebookClient

from tests.root import ROOT

NOTEBOOK = nbformat.read(ROOT / "solutions" / "data" / "data.ipynb", 4)
CELLS = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
FILES = [re.match(r"%%writefile (\w+)\.py", cell.source)[1] for cell in CELLS if cell.source.startswith("%%writefile")]
FIRST = """import torch
from torch.utils.data import DataLoader
torch.multiprocessing.set_start_method("{}")"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_workers_start_in_every_way(method, tmp_path):
    cells = [cell for cell in CELLS if re.search(rf"^(%%writefile|from) ({'|'.join(FILES)})\b", cell.source)]
    assert len(cells) == 2 * len(FILES) > 6
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIRST.format(method)), *cells])
    ran = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute().cells[1:]
    for cell, stored in zip(ran, cells, strict=True):
        assert cell.source.startswith("%%") or cell.outputs == stored.outputs
