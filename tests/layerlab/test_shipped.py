"""Test the data and weights that ship with layerlab: the files, their values, and where they can be read."""

import hashlib
import json
import sys
import zipfile

import pytest
import torch

import layerlab as lab
from authoring.book import wheel
from autograder.model import Batch, Cell
from tests.root import ROOT

HASHES = {  # of the files in layerlab/data
    "digits": "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
    "sunspots": "68e639103ecba55a0f487d98191159cd89a1b153fe9c0304c5042d199620df76",
    "sea": "fe54257b0eb698acc03a7dee7ea6270e5fe90eb25b3c4a9e5926ca7efda2a603",
    "nile": "96a38c9626e13591b9d49036c4abc5e1158a2d049340ecb9c4b8a69fe0c3513a",
    "co2": "58bf1ce2240c8a4277e6fe17a999006caac483f9f53e4b03d66686e4ebf73994",
    "prose": "ee8e3b2b502d7e28e6f1d51e3f2948d0313de20d9352981da19c918bf0a9efb3",
    "merges": "1078206e1bcd289b8c193c07903584491a7619636349a9d9dc86666bc3a27d05",
}
WEIGHTS = {
    "cnn-scattered": "3dca13dbe7edb8dfd1986a67c0a0dccfe531fe9b52ca929c2ebcd4727713d5a6",
    "llama-tiny": "f46010235288ac499707e67ceeea0e40d415d355e9e295aba15ec3f6d0c08142",
    "unet-digits": "324fdcc79589f40ee84a856a33b66618ff4a41aab6e3a14120ae7f4645d706b7",
}
FILES = {f"{name}.npz": known for name, known in HASHES.items()}
FILES |= {f"{name}.safetensors": known for name, known in WEIGHTS.items()}
SEEN = """
import json, layerlab as lab
digits = lab.data("digits")
print(json.dumps([int(digits["images"].sum()), len(digits["labels"]), len(lab.weights("cnn-scattered"))]))
"""


def test_every_file_has_its_hash():
    found = {path.name: path.read_bytes() for path in (ROOT / "layerlab" / "data").iterdir()}
    del found["NOTICE.txt"]
    assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == FILES


@pytest.mark.parametrize("name", HASHES)
def test_each_call_returns_new_tensors_of_stated_dtypes(name):
    before = lab.data(name)
    for key, tensor in before.items():
        assert tensor.dtype == {"images": torch.uint8, "values": torch.float64}.get(key, torch.int64)
        tensor.zero_()
    assert all(tensor.any() for tensor in lab.data(name).values())


@pytest.mark.parametrize(
    ("load", "asked", "said"),
    [
        (lab.data, "mnist", "no dataset 'mnist'; there are: co2, digits, merges, nile, prose, sea, sunspots"),
        (lab.data, "../data/digits", "no dataset"),
        (lab.weights, "resnet", "no weights 'resnet'; there are: cnn-scattered, llama-tiny, unet-digits"),
        (lab.weights, "../data/cnn-scattered", "no weights"),
    ],
)
def test_unknown_name_lists_all_names(load, asked, said):
    with pytest.raises(KeyError, match=said):
        load(asked)


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_are_new_tensors_of_rounded_values(name):
    before = lab.weights(name)
    for key, tensor in before.items():
        assert tensor.dtype == (torch.int64 if key.endswith("num_batches_tracked") else torch.float32)
        assert torch.equal(tensor, tensor.bfloat16().to(tensor.dtype)) or tensor.dtype == torch.int64
        assert tensor.isfinite().all()
        tensor.zero_()
    assert all(tensor.any() for tensor in lab.weights(name).values())


def test_notice_ships_in_the_wheel_with_every_work():
    with zipfile.ZipFile(wheel.built()) as archive:
        notice = archive.read("layerlab/data/NOTICE.txt").decode()
    for name in FILES:
        assert f"\n{name}\n" in notice
    for words in ("E. Alpaydin and C. Kaynak", "10.24432/C50P49", "CC BY 4.0", "Changes:"):
        assert words in notice


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_submission_reads_data_inside_the_walls(runner):
    cell = runner.run([Cell("own", "own", SEEN)], Batch(1, 2), None).cells[0]
    assert cell.error is None, cell.error
    printed = "".join(output["text"] for output in cell.outputs if output["output_type"] == "stream")
    assert json.loads(printed)[1] == 1797
