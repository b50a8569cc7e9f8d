"""Test that packing reads each dataset from its wheel."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np

import layerlab as lab
from authoring.upkeep import packed_data

SERIES = {
    "sunspots": '"YEAR","SUNACTIVITY"\n1700,5\n1701,11.5\n',
    "sea": '"YEAR","JAN","FEB"\n1950,23.110,24.200\n1951,24.190,25.280\n',
    "nile": "year,volume\n1871,1120\n1872,1160\n",
    "co2": "date,co2\n19580329,316.1\n19580405,\n",
}


def pack(folder):
    """Write small wheels that contain the files to pack, and pack them."""
    digits = lab.data("digits")
    rows = np.column_stack([digits["images"].reshape(-1, 64).numpy(), digits["labels"].numpy()])
    text = {name: lines.encode() for name, lines in SERIES.items()}
    text["digits"] = gzip.compress("\n".join(",".join(map(str, row)) for row in rows).encode())
    for name, member in packed_data.MEMBERS.items():
        with zipfile.ZipFile(folder / f"{member.wheel}cp311.whl", "a") as wheel:
            wheel.writestr(member.path, text[name])
    packed_data.pack(folder, folder)


def test_packed_digits_equal_the_shipped_ones(tmp_path):
    pack(tmp_path)
    with np.load(tmp_path / "digits.npz") as packed:
        for name, tensor in lab.data("digits").items():
            assert np.array_equal(packed[name], tensor.numpy())


def test_series_keep_every_value_and_mark_missing_ones(tmp_path):
    pack(tmp_path)
    packed = {name: dict(np.load(tmp_path / f"{name}.npz")) for name in SERIES}
    assert packed["sunspots"]["values"].tolist() == [5.0, 11.5]
    assert packed["nile"]["years"].tolist() == [1871, 1872]
    assert packed["sea"]["values"].tolist() == [[23.11, 24.2], [24.19, 25.28]]
    assert packed["co2"]["dates"].tolist() == [[1958, 3, 29], [1958, 4, 5]]
    assert np.isnan(packed["co2"]["values"]).tolist() == [False, True]
