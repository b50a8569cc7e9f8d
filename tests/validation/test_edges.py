"""Test that the edge suite names the smallest case in which right answers disagree, and survives hangs and crashes."""

import pytest
import torch
from hypothesis import find, settings

from autograder.validation.edges import domains, processes
from autograder.validation.edges.edge_data import Answers, EdgeError
from autograder.validation.edges.suite import search

REFERENCE = "def own(x, p=1.0):\n    return x.abs() * p"
VALUES = 'x = tensor(shapes(0, 2, 0, 3), values="plain zeros tiny huge ties inf nan")\n'
RUN = "def run(x):\n    return own(x)\n"


def found(other: str, entry: str = VALUES + RUN, reference: str = REFERENCE):
    return search(Answers("own", (), reference, (("right: another", other),), entry))


def test_agreeing_answers_are_counted():
    result = found("def own(x, p=1.0):\n    return torch.maximum(x, -x) * p")
    assert (result.disagreements, result.drawn, result.answers) == ([], 100, 1)


NETWORK = """
net = network(2)
x = tensor(3, 2, values="plain", dtypes=(torch.float64,))
def run(net, x):
    own(net, x)
"""
EVALUATED = "def own(net, x):\n    modes = {m: m.training for m in net.modules()}\n    net.eval()(x)\n"
RESTORED = EVALUATED + "    for m, t in modes.items():\n        m.training = t"
WITH_GRADS = (
    "x = tensor(3, dtypes=(torch.float64,), grad=True)\ndef run(x):\n    y = own(x)\n    return y, grads(y, x)\n"
)
KEEPS_SHAPE = VALUES + 'def run(x):\n    assert own(x).shape == x.shape, "the shape stays"\n'
SEED = "s = seed()\ndef run(s):\n    return own(s)\n"
DEF = "def own(x, p=1.0):\n    return "

# Each case plants a difference in a second answer and gives the words that must report it; an entry and a reference
# follow if they are others.
PLANTED = {
    "wrong for tiny values": (DEF + "x.square().sqrt()", "the value is infinite"),
    "wrong for huge values": (DEF + "x.square().clamp(max=1e30).sqrt()", "off by about"),
    "a nan that is lost": (DEF + "x.abs().nan_to_num(0.0, torch.inf)", "nan"),
    "another dtype": (DEF + "x.abs().double()", "expected dtype float32, got float64;"),
    "no shape of zero dimensions": (DEF + "torch.atleast_1d(x.abs())", "expected shape (), got (1,);"),
    "contiguous input only": (DEF + "x.view(-1).abs().view(x.shape)", "RuntimeError"),
    "the input is changed": (DEF + "x.abs_().clone()", "['afterward']['x']"),
    "raises when empty": (DEF + "x.abs() + 0 * x.max()", "raises RuntimeError"),
    "the reference raises": (
        REFERENCE,
        "raises ZeroDivisionError",
        VALUES + RUN,
        DEF + "x.abs() if x.numel() else 1 / 0",
    ),
    "an invariant is broken": (DEF + "x.sum()", "the shape stays", KEEPS_SHAPE),
    "another gradient": (DEF + "(x.abs() - x.abs().detach()) * 2 + x.abs()", "['returned'][1][0]", WITH_GRADS),
    "the seed is cut to 32 bits": (DEF + "x % 2**32", "", SEED, DEF + "x"),
    **{
        title: (EVALUATED + more, "['afterward']['net']", NETWORK, RESTORED)
        for title, more in {
            "a network is left in training": "    net.train()",
            "one mode for a whole network": "    was = modes[net]\n    net.train(was)",
            "a network is thawed": RESTORED.removeprefix(EVALUATED) + "\n    net.requires_grad_(True)",
            "buffers are changed": RESTORED.removeprefix(EVALUATED) + "\n    [b.add_(1) for b in net.buffers()]",
        }.items()
    },
}


@pytest.mark.parametrize("title", PLANTED)
def test_planted_difference_is_found(title):
    other, said, *asked = PLANTED[title]
    (line,) = found(other, *asked).disagreements
    assert line.startswith("the reference: " if "reference" in title else "right: another: ")
    assert said in line


def test_smallest_case_is_shown():
    (line,) = found("def own(x, p=1.0):\n    return x.abs() if x.numel() < 3 else -x").disagreements
    shape = line.partition("shape (")[2].partition(")")[0]
    assert shape in ("3,", "1, 3", "3, 1")


def test_each_disagreeing_answer_is_named_once():
    others = (("right: one", "def own(x):\n    return x"), ("oracle", "def own(x):\n    return x + 1"))
    result = search(Answers("own", (), REFERENCE, others, VALUES + RUN))
    assert sorted(line.partition(": ")[0] for line in result.disagreements) == ["oracle", "right"]


def test_exception_may_be_part_of_the_domain():
    raising = "def own(x, p=1.0):\n    if p < 0:\n        raise ValueError(p)\n    return x.abs() * p"
    entry = VALUES + "p = number(-1.0, 1.0)\nraises = (ValueError,)\ndef run(x, p):\n    return own(x, p)\n"
    assert found(raising, entry, raising).disagreements == []
    assert "raises" in found("def own(x, p=1.0):\n    return x.abs() * p", entry, raising).disagreements[0]


def test_excluded_answers_may_differ():
    other, entry = "def own(x):\n    return x", VALUES + RUN + 'without = {"right: another": "it is the identity"}\n'
    assert (found(other, entry).answers, found(other, entry).disagreements) == (0, [])
    with pytest.raises(EdgeError, match="there are: right: another"):
        found(other, VALUES + RUN + 'without = {"oracle": "none"}\n')


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("x = tensor(2)\n", "no function `run`"),
        (RUN, "'x', and no domain"),
        ("x = 3\n" + RUN, "'x', and no domain"),
        ("x = tensr(2)\n" + RUN, "raises NameError"),
    ],
)
def test_invalid_entry_names_the_problem(entry, said):
    with pytest.raises(EdgeError, match=said):
        found(REFERENCE, entry)


def test_domain_names_do_not_leak_into_answers():
    reference = "size = 3\ndef own(x):\n    return x * size"
    assert found("def own(x):\n    return 3 * x", reference=reference).disagreements == []


def test_hanging_or_crashing_suite_is_a_disagreement(monkeypatch):
    monkeypatch.setattr(processes, "MOST_SECONDS", 8.0)
    ends = "import os\ndef own(x):\n    os._exit(0)"
    hangs = "def own(x):\n    while True:\n        pass"
    asked = [Answers("own", (), source, (), VALUES + RUN) for source in (ends, hangs, REFERENCE)]
    said = [result.disagreements for result in processes.searched(asked)]
    assert said == [["its process ended without a message"], ["it took longer than 8 s"], []]


def test_value_kinds_match_their_names():
    for kind, is_so in {
        "zeros": lambda x: (x == 0).all(), "ties": lambda x: (x == x.round()).all(),
        "halves": lambda x: (2 * x == (2 * x).round()).all(), "tiny": lambda x: (x.abs() < 1e-28).all(),
        "huge": lambda x: x.abs().max() > 1e25, "positive": lambda x: (x > 0).all(),
        "unit": lambda x: ((x >= 0) & (x < 1)).all(), "signs": lambda x: (x.abs() <= 1).all(),
    }.items():  # fmt: skip
        drawn = find(domains.tensor(4, 5, values=kind), lambda x: True, settings=settings(database=None))
        assert is_so(drawn), kind
    for kind, is_so in {"inf": torch.isinf, "nan": torch.isnan, "rows": lambda x: (x == 0).all(-1)}.items():
        assert find(domains.tensor(4, 5, values=kind), lambda x, is_so=is_so: is_so(x).any()) is not None


@pytest.mark.parametrize("kind", domains.KINDS)
def test_value_kinds_support_every_shape(kind):
    for shape in ((), (0,), (3,), (2, 0, 3)):
        assert domains.KINDS[kind](shape, torch.Generator()).shape == shape


@pytest.mark.parametrize("layout", ["transposed", "strided", "offset"])
def test_memory_layouts_keep_values(layout):
    values = torch.arange(12.0).view(3, 4)
    stored = domains._stored(values, layout)
    assert torch.equal(stored, values)
    assert stored.storage_offset() or not stored.is_contiguous()
