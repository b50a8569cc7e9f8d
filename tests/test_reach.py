"""Find the files that determine what code does, through names and imports.

If the code leaves this undecided, the answer is every file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from authoring.notebooks import fingerprint
from autograder.grading import result_key
from autograder.reach import Sources
from tests.root import ROOT

FILES = {
    "layerlab/__init__.py": "from layerlab.checks import compare\nfrom layerlab.draw import heat as hot\nVERSION = 1",
    "layerlab/draw.py": "from layerlab import inks\ndef heat(): pass",
    "layerlab/inks.py": "",
    "layerlab/checks/__init__.py": "from .values import compare, near",
    "layerlab/checks/first_difference.py": "'''Not other.css.'''\nfrom . import deep\nfrom ..wire import send\nnear = 1",
    "layerlab/checks/deep/__init__.py": "",
    "layerlab/checks/deep/down.py": "",
    "layerlab/wire.py": "def send():\n    from layerlab.late import x",
    "layerlab/late.py": "SHEET = 'looks/late.css'",
    "layerlab/reset.py": "",
    "layerlab/looks/late.css": "@import 'base.css'",
    "layerlab/looks/base.css": "",
    "layerlab/looks/other.css": "",
    "autograder/__init__.py": "",
    "autograder/pages.py": "load('looks', 'x')",
    "autograder/looks/page.html": "",
    "autograder/ending.py": "name = f'{x}.html'",
    "autograder/starts.py": "HERE / 'inside' / 'server.py'",
    "autograder/dynamic.py": "importlib.import_module(f'autograder.{x}')",
    "autograder/named.py": "importlib.import_module('layerlab.inks')",
    "autograder/lists.py": "HERE.glob('*.py')",
    "autograder/hands.py": "import layerlab as lab\nSUPPLIED = {'lab': lab}",
    "autograder/place.py": "import layerlab\nlayerlab.__file__",
    "autograder/star.py": "from layerlab import *",
    "autograder/broken.py": "def (",
    "autograder/sandbox/inside/__init__.py": "",
    "autograder/sandbox/inside/fork_server.py": "from inside import frames",
    "autograder/sandbox/inside/messages.py": "",
}
SOURCES = Sources({name: text.encode() for name, text in FILES.items()})
EMPTY = {name for name in FILES if name.endswith("/__init__.py") and "VERSION" not in FILES[name]}
ALL = {name for name in FILES if name.startswith("layerlab/")} - EMPTY
LATE = {"wire.py", "late.py", "looks/late.css", "looks/base.css"}
CHECKS = {"checks/values.py", *LATE}


def layerlab(*names: str) -> set[str]:
    return {f"layerlab/{name}" for name in ("__init__.py", *names)}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import math\nmath.pi", set()),
        ("import layerlab as lab", layerlab()),
        ("import layerlab.draw", layerlab("draw.py", "inks.py")),
        ("import layerlab as lab\nlab.VERSION", layerlab("draw.py", "inks.py", *CHECKS)),
        ("import layerlab as lab\nlab.compare(1)", layerlab(*CHECKS)),
        ("import layerlab as lab\nlab.checks.near", layerlab(*CHECKS)),
        ("import layerlab as lab\nlab.checks.deep.down.x", layerlab("checks/deep/down.py")),
        ("import layerlab as lab\nlab.hot()", layerlab("draw.py", "inks.py")),
        ("from layerlab import hot, compare", layerlab("draw.py", "inks.py", *CHECKS)),
        ("from layerlab.checks.first_difference import near", layerlab(*CHECKS)),
        ("def f():\n    from layerlab import inks as i", layerlab("inks.py")),
        ("%matplotlib inline\n!ls\nimport layerlab as lab\nlab.hot()", layerlab("draw.py", "inks.py")),
        ("import layerlab as lab\nlab.unheard_of", ALL),
        ("from layerlab import unheard_of", ALL),
        ("import layerlab as lab\ngetattr(lab, name)", layerlab("draw.py", "inks.py", *CHECKS)),
        ("from layerlab.checks import *", layerlab(*CHECKS)),
    ],
)
def test_notebook_reaches_the_files_defining_its_names(code, found):
    assert SOURCES.reach(code=[code]).keys() == found


def test_package_only_reexporting_names_is_not_counted():
    listing = '"""Words."""\nfrom layerlab.draw import heat\n__all__ = ["heat"]\n__version__ = "1"'
    files = {**FILES, "layerlab/__init__.py": listing}
    code = ["import layerlab as lab\nlab.heat()"]
    found = Sources({name: text.encode() for name, text in files.items()}).reach(code=code)
    assert found.keys() == {"layerlab/draw.py", "layerlab/inks.py"}
    files["layerlab/__init__.py"] = listing + "\nheat.name = 3"
    assert "layerlab/__init__.py" in Sources({name: text.encode() for name, text in files.items()}).reach(code=code)


def test_cells_of_a_notebook_are_read_together():
    cells = ["import layerlab as lab", "lab.hot()", "lab.VERSION"]
    assert SOURCES.reach(code=cells).keys() == layerlab("draw.py", "inks.py", *CHECKS)
    assert SOURCES.reach(code=[*cells, "this is no Python"]).keys() == FILES.keys() - EMPTY


@pytest.mark.parametrize(
    ("module", "found"),
    [
        ("pages", {"autograder/looks/page.html"}),
        ("ending", {"autograder/looks/page.html"}),
        ("starts", {"autograder/sandbox/inside/fork_server.py", "autograder/sandbox/inside/messages.py"}),
        ("named", layerlab("inks.py")),
        ("hands", layerlab("draw.py", "inks.py", *CHECKS)),
        ("place", layerlab()),
        ("star", layerlab("draw.py", "inks.py", *CHECKS)),
    ],
)
def test_module_reaches_the_files_it_names(module, found):
    reached = SOURCES.reach(f"autograder.{module}").keys()
    assert reached == {f"autograder/{module}.py", *found}


@pytest.mark.parametrize("module", ["dynamic", "lists", "broken"])
def test_undecidable_module_reaches_the_whole_package(module):
    assert (
        SOURCES.reach(f"autograder.{module}").keys()
        >= {name for name in FILES if name.startswith("autograder/")} - EMPTY
    )


def test_excluded_modules_are_neither_counted_nor_followed():
    without = ("layerlab.checks", "layerlab.in*", "authoring")
    assert SOURCES.reach("autograder.hands", without=without).keys() == {
        "autograder/hands.py", *layerlab("draw.py")
    }  # fmt: skip


def test_package_reaches_every_module_inside_it():
    inside = {name for name in FILES if name.startswith("layerlab/checks/")}
    assert SOURCES.reach("layerlab.checks").keys() == (inside | layerlab(*LATE)) - EMPTY


@pytest.mark.parametrize("names", [{"entries": ["autograder.moved"]}, {"without": ["layerlab.gone*"]}])
def test_name_of_missing_module_is_rejected(names):
    with pytest.raises(LookupError, match="there is no module"):
        SOURCES.reach(*names.get("entries", ()), without=names.get("without", ()))


# --- the repository itself ------------------------------------------------------------------------------------------


def moved(files: dict[str, bytes], pattern: str, room: str) -> tuple[Sources, dict[str, str]]:
    """Move the modules that match ``pattern`` to a subpackage.

    Return all sources, and the new path of each moved module.
    """
    stems = [Path(name).stem for name in files if re.fullmatch(rf"layerlab/{pattern}\.py", name)]
    names = "|".join(sorted(stems, key=len, reverse=True))
    went = {f"layerlab/{stem}.py": f"layerlab/{room}/{stem}.py" for stem in stems}
    now = {f"layerlab/{room}/__init__.py": b""}
    for path, content in files.items():
        if path.endswith(".py"):
            text = re.sub(rf"\blayerlab\.({names})\b", rf"layerlab.{room}.\1", content.decode())
            text = re.sub(rf"from layerlab import (?=(?:{names})\b)", f"from layerlab.{room} import ", text)
            content = text.encode()
        now[went.get(path, path)] = content
    return Sources(now), went


@pytest.mark.parametrize(("pattern", "room"), [("figures|ranks", "pictures"), ("style|reset", "upkeep")])
def test_moving_modules_to_a_subpackage_loses_none(pattern, room):
    """Check the longest chapter, a cell that uses the whole package, and the grader."""
    before = Sources.of(ROOT)
    after, went = moved(before.files, f"(?:{pattern})", room)
    assert len(went) == 2
    texts = sorted((ROOT / "book" / "chapters").glob("*.md"), key=lambda path: path.stat().st_size)
    for code in [fingerprint.code_of(texts[-1]), ["import layerlab as lab\nprint(lab)"]]:
        was = before.reach(code=code)
        assert after.reach(code=code).keys() == {went.get(p, p) for p in was}
    was = before.reach(*result_key.GRADING)
    assert after.reach(*result_key.GRADING).keys() == {went.get(p, p) for p in was}


def really_loaded(code: str) -> dict[str, list[str]]:
    """Run a script in a new process; return the JSON on its last output line."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


RUN = r"""
import json, sys
from pathlib import Path
from autograder.texts import text
from autograder.texts import chapter as chapters
from autograder.model import Batch
from autograder.sandbox.driver.run import Runner

def loaded():
    return sorted(name for name in sys.modules if name.partition(".")[0] in ("layerlab", "autograder", "authoring"))

path = Path("tests/fixtures/two_exercises.md")
chapter, handed_in = chapters.load(path), text.read(path)
next(cell for cell in handed_in.cells if cell.id == "double").source = "def double(x):\n    return 3 * x"
handed_in.cells.append(text.nbformat.v4.new_code_cell("import sys\nprint(*sorted(sys.modules))"))
with Runner(sandbox=False) as runner:
    from autograder.grading.grader import Grader
    result = Grader(chapter, Batch(1, 2), runner).grade(handed_in, "ada")
    graded = loaded()
    from autograder.commands.validate import validate
    from autograder.texts.variants import Variants
    validate(chapter, Variants(path, ()), lambda: runner)
assert 0 < result.earned < result.points, result
said = "".join(str(output) for outputs in result.outputs.values() for output in outputs)
print(json.dumps({"graded": graded, "validated": loaded(), "inside": said.replace("\\n", " ").split()}))
"""


def test_modules_loaded_for_grading_and_validating_are_reached():
    sources = Sources.of(ROOT)
    found = really_loaded(RUN)
    layerlab = {name for name in sources.modules if name.startswith("layerlab")}
    graded = set(
        sources.reach(*result_key.GRADING, "autograder.texts.text")
    )  # the script reads the chapter from its text
    validated = set(sources.reach("autograder.commands.validate"))
    inside = {f"autograder.{name}" if name.startswith("inside") else name for name in found["inside"]}
    inside &= sources.modules.keys()
    assert {"autograder.grading.grader", "autograder.judging.judges", "autograder.sandbox.driver.link"} <= set(
        found["graded"]
    )
    assert {"autograder.sandbox.inside.steps", "layerlab.graded.observation", "layerlab.checks.compare"} <= inside
    for names, reached in ((found["graded"], graded), (inside, graded), (found["validated"], graded | validated)):
        assert {sources.modules[name] for name in names if not sources.only_lists(name)} - reached == set()
    assert layerlab - inside  # the grader must not load everything: an explorer's widget is for readers


CALLED = """
import json, sys
import matplotlib
matplotlib.use("agg")
from pathlib import Path
import torch, matplotlib.pyplot, anywidget
import layerlab
from authoring.notebooks import fingerprint

cells = fingerprint.code_of(Path("book/chapters/{chapter}.md"))
seen, space = set(), {{}}

def note(frame, event, argument):
    if event == "call" and frame.f_code.co_name != "<module>":
        seen.add(frame.f_code.co_filename)

last = next(number for number, cell in enumerate(cells) if "lab.explorer(" in cell)
sys.setprofile(note)
for cell in cells[: last + 1]:
    exec(cell, space)
sys.setprofile(None)
ours = Path(layerlab.__file__).parent
print(json.dumps({{"called": sorted(name for name in seen if Path(name).is_relative_to(ours))}}))
"""


@pytest.mark.parametrize("chapter", ["linear"])
def test_modules_called_by_a_chapter_are_reached(chapter):
    reached = Sources.of(ROOT).reach(code=fingerprint.code_of(ROOT / "book" / "chapters" / f"{chapter}.md"))
    found = really_loaded(CALLED.format(chapter=chapter))
    called = {Path(name).relative_to(ROOT).as_posix() for name in found["called"]}
    assert {"layerlab/explorers/explorer.py", "layerlab/explorers/widget.py", "layerlab/explorers/code.py"} <= called
    assert called <= reached.keys()
