"""Test that packing reads each dataset from its wheel, and that it reports a missing file."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np
import pytest

import layerlab as lab
from authoring.upkeep import packed_data

SERIES = {
    "sunspots": '"YEAR","SUNACTIVITY"\n1700,5\n1701,11.5\n',
    "sea": '"YEAR","JAN","FEB"\n1950,23.110,24.200\n1951,24.190,25.280\n',
    "nile": "year,volume\n1871,1120\n1872,1160\n",
    "co2": "date,co2\n19580329,316.1\n19580405,\n",
}


def write(folder, left_out=""):
    """Write small wheels that contain the files to pack, except the dataset ``left_out``."""
    digits = lab.data("digits")
    rows = np.column_stack([digits["images"].reshape(-1, 64).numpy(), digits["labels"].numpy()])
    text = {name: lines.encode() for name, lines in SERIES.items()}
    text["digits"] = gzip.compress("\n".join(",".join(map(str, row)) for row in rows).encode())
    for name, member in packed_data.MEMBERS.items():
        with zipfile.ZipFile(folder / f"{member.wheel}cp311.whl", "a") as wheel:
            if name != left_out:
                wheel.writestr(member.path, text[name])


def test_packed_digits_equal_the_shipped_ones(tmp_path):
    write(tmp_path)
    written = packed_data.pack(tmp_path, tmp_path)
    assert [path.stem for path in written] == list(packed_data.MEMBERS)
    with np.load(tmp_path / "digits.npz") as packed:
        for name, tensor in lab.data("digits").items():
            assert np.array_equal(packed[name], tensor.numpy())


def test_series_keep_every_value_and_mark_missing_ones(tmp_path):
    write(tmp_path)
    packed_data.pack(tmp_path, tmp_path)
    packed = {name: dict(np.load(tmp_path / f"{name}.npz")) for name in SERIES}
    assert packed["sunspots"]["values"].tolist() == [5.0, 11.5]
    assert packed["nile"]["years"].tolist() == [1871, 1872]
    assert packed["sea"]["values"].tolist() == [[23.11, 24.2], [24.19, 25.28]]
    assert packed["co2"]["dates"].tolist() == [[1958, 3, 29], [1958, 4, 5]]
    assert np.isnan(packed["co2"]["values"]).tolist() == [False, True]


def test_missing_wheel_and_file_are_named(tmp_path):
    with pytest.raises(packed_data.PackError, match="no wheel scikit_learn-1"):
        packed_data.pack(tmp_path, tmp_path)
    write(tmp_path, left_out="nile")
    with pytest.raises(packed_data.PackError, match=r"has no statsmodels/datasets/nile/nile\.csv"):
        packed_data.pack(tmp_path, tmp_path)
