"""Load what ships with layerlab in small files: real digits, four real time series, prose, and trained weights.

`data/NOTICE.txt` names the authors, the licenses, and the changes. `authoring/upkeep/packed_data.py` made the datasets,
and `authoring/weights` trained the weights.
"""

from __future__ import annotations

import io
import json
import math
from importlib import resources

import numpy as np
import torch

FOLDER = resources.files("layerlab") / "data"  # not a plain path, because layerlab may be imported from inside a wheel
DTYPES = {"BF16": torch.bfloat16, "I64": torch.int64}  # names in safetensors files, which list bytes by dtype and shape


def data(name: str) -> dict[str, torch.Tensor]:
    """Return the tensors of a dataset by their names; every call returns new tensors, which you may change.

    - ``digits``: ``images`` (1797, 8, 8) uint8 with values 0 to 16, and ``labels`` (1797,) int64.
    - ``sunspots``: ``years`` (309,) int64 and ``values`` (309,) float64, the mean number of sunspots in each year.
    - ``sea``: ``years`` (61,) int64 and ``values`` (61, 12) float64, the temperature in each month in degrees Celsius.
    - ``nile``: ``years`` (100,) int64 and ``values`` (100,) float64, the river's flow in each year in 1e8 cubic meters.
    - ``co2``: ``dates`` (2284, 3) int64 with year, month, and day, and ``values`` (2284,) float64, the weekly mean in
      parts per million; ``nan`` for weeks without a measurement.

    - ``prose``: ``bytes`` (128910,) int64, the text of four of this book's chapters in UTF-8, with a paragraph on each
      line. `llama-tiny` was not trained on it.
    - ``merges``: ``pairs`` (256, 2) int64, the byte-pair merges of `llama-tiny`; merge k creates token 256 + k.

    Raises:
        KeyError: if there is no such dataset; the message lists all names.
    """
    names = _names(".npz")
    if name not in names:
        raise KeyError(f"there is no dataset {name!r}; there are: {', '.join(names)}")
    with np.load(io.BytesIO((FOLDER / f"{name}.npz").read_bytes()), allow_pickle=False) as packed:
        arrays = {key: packed[key] for key in packed.files}
    return {key: _tensor(key, array) for key, array in arrays.items()}


def weights(name: str) -> dict[str, torch.Tensor]:
    """Return the state dict of a trained network; every call returns new tensors, which you may change.

    - ``cnn-scattered``: three convolutions with batch normalization and a linear layer, 20 entries, trained on images
      of 14x14 pixels with a digit from 0 to 4 at a random position.
    - ``llama-tiny``: a Llama with 162,240 parameters in 29 entries, named as in published checkpoints, trained on this
      book. The head is missing, because it is tied to the embedding.
    - ``unet-digits``: a U-Net that turns noise into digits of 8x8 pixels, 45 entries; the chapter on generative
      models builds it.

    The file stores parameters and running statistics in bfloat16. They are returned in float32, and counts are returned
    in int64.

    Raises:
        KeyError: if there are no weights with this name; the message lists all names.
    """
    names = _names(".safetensors")
    if name not in names:
        raise KeyError(f"there are no weights {name!r}; there are: {', '.join(names)}")
    content = bytearray((FOLDER / f"{name}.safetensors").read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")  # the tensors' bytes come after a length and a header in JSON
    state = {}
    for key, entry in json.loads(content[8:start]).items():
        where = {"count": math.prod(entry["shape"]), "offset": start + entry["data_offsets"][0]}
        tensor = torch.frombuffer(content, dtype=DTYPES[entry["dtype"]], **where).reshape(entry["shape"])
        state[key] = tensor.float() if tensor.is_floating_point() else tensor.clone()
    return state


def _names(ending: str) -> list[str]:
    """Return the names of the shipped files that have this extension, without the extension."""
    return sorted(path.name.removesuffix(ending) for path in FOLDER.iterdir() if path.name.endswith(ending))


def _tensor(key: str, array: np.ndarray) -> torch.Tensor:
    """Return an array as a new tensor; integers except pixels become int64, as torch's losses and indexing expect."""
    if array.dtype.kind in "iu" and key != "images":
        array = array.astype(np.int64)
    return torch.from_numpy(np.array(array))
