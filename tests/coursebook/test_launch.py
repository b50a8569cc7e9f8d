"""Test what Binder installs, and the buttons above a chapter with a public address, with a hub, and with neither."""

import re
import stat
import tomllib
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest
import yaml
from nbgrader.utils import is_solution
from packaging.requirements import Requirement

from authoring.setup import install as setup
from autograder import keys, practicing
from coursebook.pages.launch import places
from coursebook.pages.solution_pages import inline
from tests.root import COURSE, ROOT

NOTEBOOK = "notebooks/linear/linear.ipynb"
POINTS = inline(practicing.points("scales"))


@pytest.mark.parametrize("end", ["", ".git", "/", ".git/"])
def test_github_repository_opens_everywhere(end):
    assert list(places(f"https://github.com/someone/layers{end}", NOTEBOOK)) == ["Colab", "Kaggle", "Binder"]
    found = places(f"https://github.com/someone/layers{end}", NOTEBOOK, "https://hub.school.edu/")
    assert found["Colab"] == f"https://colab.research.google.com/github/someone/layers/blob/student/{NOTEBOOK}"
    assert found["Kaggle"].endswith(f"welcome?src=https://github.com/someone/layers/blob/student/{NOTEBOOK}")
    assert found["Binder"] == f"https://mybinder.org/v2/gh/someone/layers/student?urlpath=lab/tree/{NOTEBOOK}"
    hub = urlsplit(found["JupyterHub"])
    assert (hub.netloc, hub.path) == ("hub.school.edu", "/hub/user-redirect/git-pull")
    assert parse_qs(hub.query) == {
        "repo": ["https://github.com/someone/layers"],
        "branch": ["student"],
        "urlpath": [f"lab/tree/layers/{NOTEBOOK}"],  # nbgitpuller names its folder after the end of the address.
    }


def test_colab_and_kaggle_buttons_need_github():
    gitlab = places("https://gitlab.com/group/sub/layers.git", NOTEBOOK, "https://hub.school.edu")
    assert list(gitlab) == ["Binder", "JupyterHub"]
    assert "/v2/gl/group%2Fsub%2Flayers/student?" in gitlab["Binder"]
    own = places("https://git.school.edu/course/layers.git", NOTEBOOK)["Binder"]
    assert unquote(urlsplit(own).path) == "/v2/git/https://git.school.edu/course/layers/student"


@pytest.mark.parametrize("address", ["", "git@github.com:a/b.git", "https://x.edu", "http://x.edu/a/b.git"])
def test_unusable_address_has_no_buttons(address):
    assert places(address, NOTEBOOK, "https://hub.school.edu") == {}


@pytest.mark.parametrize(
    "placeholder", ["https://example.org/course.git", "https://EXAMPLE.com/a/b", "git@github.com:a/b"]
)
def test_placeholder_counts_as_no_address(placeholder, tmp_path):
    config = {"repository": {"url": placeholder}, "html": {"baseurl": placeholder}}
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config))
    assert practicing.addresses(tmp_path) == practicing.Addresses()
    (tmp_path / "_config.yml").write_text("repository:\nhtml: {baseurl: 'https://school.edu/layers/'}\n")
    assert practicing.addresses(tmp_path) == practicing.Addresses(book="https://school.edu/layers")


def test_notebooks_with_exercises_explain_points():
    for path in sorted(ROOT.glob("notebooks/*/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        first = next(cell for cell in cells if cell.cell_type == "code")
        said = " ".join(line.removeprefix("# ") for line in first.source.splitlines() if line.startswith("#"))
        assert (practicing.points(path.stem) in said) == any(is_solution(cell) for cell in cells), path.name


def test_pages_show_no_placeholder_address_or_operator_note():
    texts = [*ROOT.glob("notebooks/*/*.ipynb"), *ROOT.glob("book/*.md"), *COURSE.texts]
    for path in texts:
        content = path.read_text(encoding="utf-8")
        for word in (*practicing.RESERVED, "repository.url"):
            assert word not in content, path.name


# --- a built page -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(small_site):
    return small_site / "notebooks" / "scales" / "scales.html"


def navigation(page):
    return re.search(r'<nav class="course-places".*?</nav>', page.read_text(encoding="utf-8"), re.DOTALL)[0]


def test_built_chapter_has_every_button(page):
    shown = navigation(page)
    links = dict(re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>([^<]+)</a>', shown))
    *buttons, how = links.values()
    assert buttons == ["Download the notebook", *(f"Open in {x}" for x in ("Colab", "Kaggle", "Binder", "JupyterHub"))]
    assert how == "What a notebook needs"
    download, *elsewhere, how = links
    for address in (download, how):
        assert (page.parent / address).resolve().is_file()
    for address in elsewhere:
        assert "notebooks/scales/scales.ipynb" in unquote(address)
        assert "someone/layers" in unquote(address)
    assert POINTS in shown
    above, folded = shown.split("<details>")
    assert "Download the notebook" in above
    assert POINTS in folded, "the story comes first"


def test_pages_link_to_the_repository(page):
    for name in ("practice", "teach"):
        content = (page.parents[2] / "book" / f"{name}.html").read_text(encoding="utf-8")
        assert 'href="https://github.com/someone/layers.git"' in content


def test_chapter_without_exercises_mentions_no_checks(page):
    shown = navigation(page.parents[1] / "plain" / "plain.html")
    assert "Open in Colab" in shown
    assert "hidden tests" not in shown


def test_page_without_a_notebook_has_no_buttons(page):
    assert "course-places" not in (page.parents[2] / "book" / "intro.html").read_text(encoding="utf-8")


# --- Binder -----------------------------------------------------------------------------------------------------------

ON_CONDA = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}  # the same packages, without CUDA and without Qt


def test_binder_dependencies_match_layerlab_and_the_pins():
    environment = yaml.safe_load((ROOT / "student" / ".binder" / "environment.yml").read_text())["dependencies"]
    assert f"python={'.'.join(map(str, setup.OLDEST))}" in environment
    pins = keys.pins(ROOT)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for line in project["dependencies"]:
        needed = Requirement(line)
        assert f"{ON_CONDA.get(needed.name, needed.name)}{needed.specifier}" in environment
    (lab,) = [Requirement(line) for line in environment if line.startswith("jupyterlab")]
    assert lab.specifier.contains(pins["jupyterlab"])


def test_binder_adds_only_layerlab_from_this_repository():
    script = ROOT / "student" / ".binder" / "postBuild"
    assert script.stat().st_mode & stat.S_IXUSR
    assert re.search(r"^python -m pip install .*--no-deps \.$", script.read_text(), re.MULTILINE)


def test_committed_addresses_are_empty():
    """Keep addresses out of the repository, because every copy of the course would publish them."""
    assert practicing.addresses(ROOT) == practicing.Addresses()
