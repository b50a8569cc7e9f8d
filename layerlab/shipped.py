"""Load the datasets that ship with layerlab: real digits and four real time series, in small files.

`data/NOTICE.txt` names the authors, the licenses, and the changes. `authoring/upkeep/packed_data.py` made the files.
"""

from __future__ import annotations

import io
from importlib import resources

import numpy as np
import torch

FOLDER = resources.files("layerlab") / "data"  # not a plain path, because layerlab may be imported from inside a wheel


def data(name: str) -> dict[str, torch.Tensor]:
    """Return the tensors of a dataset by their names; every call returns new tensors, which you may change.

    - ``digits``: ``images`` (1797, 8, 8) uint8 with values 0 to 16, and ``labels`` (1797,) int64.
    - ``sunspots``: ``years`` (309,) int64 and ``values`` (309,) float64, the mean number of sunspots in each year.
    - ``sea``: ``years`` (61,) int64 and ``values`` (61, 12) float64, the temperature in each month in degrees Celsius.
    - ``nile``: ``years`` (100,) int64 and ``values`` (100,) float64, the river's flow in each year in 1e8 cubic meters.
    - ``co2``: ``dates`` (2284, 3) int64 with year, month, and day, and ``values`` (2284,) float64, the mean in each
      week in parts per million; ``nan`` for weeks without a measurement.

    Raises:
        KeyError: if there is no such dataset; the message lists all names.
    """
    names = sorted(path.name.removesuffix(".npz") for path in FOLDER.iterdir() if path.name.endswith(".npz"))
    if name not in names:
        raise KeyError(f"there is no dataset {name!r}; there are: {', '.join(names)}")
    with np.load(io.BytesIO((FOLDER / f"{name}.npz").read_bytes()), allow_pickle=False) as packed:
        arrays = {key: packed[key] for key in packed.files}
    return {key: _tensor(key, array) for key, array in arrays.items()}


def _tensor(key: str, array: np.ndarray) -> torch.Tensor:
    """Return an array as a new tensor; integers except pixels become int64, as torch's losses and indexing expect."""
    if array.dtype.kind in "iu" and key != "images":
        array = array.astype(np.int64)
    return torch.from_numpy(np.array(array))
