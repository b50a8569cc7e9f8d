"""Write a state dict as a safetensors file for `lab.weights`: the JSON's length in 8 bytes, the JSON, and raw bytes."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from layerlab.shipped import DTYPES


def write(state: dict[str, torch.Tensor], path: Path) -> int:
    """Write a state dict, floating-point entries as bfloat16, and return the file's size; equal values, equal bytes."""
    packed = {key: value.bfloat16() if value.is_floating_point() else value for key, value in state.items()}
    names = {dtype: name for name, dtype in DTYPES.items()}
    header: dict[str, dict[str, object]] = {key: {} for key in packed}
    body = b""
    for key in sorted(packed, key=lambda key: -packed[key].element_size()):  # large elements first, so all are aligned
        value = packed[key].contiguous()
        raw = value.view(-1).view(torch.uint8).numpy().tobytes()
        offsets = [len(body), len(body) + len(raw)]
        header[key] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": offsets}
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return path.write_bytes(len(text).to_bytes(8, "little") + text + body)
