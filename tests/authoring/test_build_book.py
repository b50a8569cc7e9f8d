"""Test the build of a small book with the course's own settings, and what makes a build fail."""

import copy
import json
import os
import re
import shutil

import nbformat
import pytest
from fontTools.ttLib import TTFont

from authoring.book import build_book
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import release
from tests import small_book

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FAULTY_FIGURES = ["has no alternative text", "an image in HTML has no alternative text: <img src"]


@pytest.fixture(scope="module")
def notebook():
    """Return the fixture's released notebook, with a figure added to the cell that draws it."""
    made = release(small_book.scales())
    drawing = next(cell for cell in made.cells if "mystnb" in cell.metadata)
    drawing.outputs = [nbformat.v4.new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"})]
    return made


@pytest.fixture(scope="module")
def course(tmp_path_factory, notebook):
    """Build a small course with the real configuration, extension, and styles."""
    course = small_book.course(tmp_path_factory.mktemp("course"), *map("notebooks/{0}/{0}".format, ("scales", "quiet")))
    small_book.put(course.release("scales"), notebook)
    small_book.put(course.release("quiet"), small_book.prose("# A quiet page\n\nNothing."))
    assert build_book.build(course)
    return course


@pytest.fixture
def rebuilt(course, notebook):
    """Yield a function that changes the release and builds the book; restore the release afterward."""

    def build(change):
        changed = copy.deepcopy(notebook)
        change(changed)
        course.release("scales").write_text(dumps(changed))
        os.utime(course.release("scales"), (0, 0))  # as if copied from elsewhere
        return build_book.build(course)

    yield build
    course.release("scales").write_text(dumps(notebook))


@pytest.fixture(scope="module")
def page(course):
    return (course.site / "notebooks" / "scales" / "scales.html").read_text()


def test_unchanged_site_is_not_rebuilt(course):
    if not (course.root / "_build" / build_book.RECORD).exists():
        build_book.build(course)
    assert build_book.build(course) is False


def test_build_depends_on_pages_and_front_matter_not_on_text_below_it(course):
    chapter, more, sheet = (
        course.text("scales"),
        course.root / "book" / "more.md",
        course.root / "book/_static/more.css",
    )
    chapter.parent.mkdir(parents=True)
    chapter.write_text("# Not rendered")
    before = build_book.inputs(course.root)
    for path, front, changed in (
        (chapter, "", set()),
        (course.root / "book" / "intro.md", "", {"pages"}),
        (sheet, "", {"frame"}),
        (more, "", {"frame", "pages"}),
        (chapter, "---\ncourse:\n  about: a scale\n---\n", {"frame"}),
    ):
        was = path.read_text() if path.exists() else None
        path.write_text(f"{front}{was or ''}\n\nMore.")
        now = build_book.inputs(course.root)
        assert {kind for kind in before if before[kind] != now[kind]} == changed, path
        path.unlink() if was is None else path.write_text(was)
    shutil.rmtree(chapter.parent.parent)


@pytest.mark.parametrize(
    ("name", "added"),
    [
        ("search.html", '<script src="https://cdn.example.org/a.js"></script>'),
        ("search.html", '<link rel="stylesheet" href="//fonts.example.org/a.css"/>'),
        ("search.html", "<img alt='x' src='http://example.org/a.png'>"),
        ("search.html", "<style>@import url('https://example.org/a.css');</style>"),
        ("_static/course.css", "@import 'https://fonts.example.org/a.css';"),
        ("_static/course.css", "p { background: url(//img.example.org/a.png) }"),
        ("_static/doctools.js", "fetch('https://api.example.org/count');"),
        ("_static/hydrate.mjs", "const more = await import(`//cdn.example.org/x.mjs`);"),
    ],
)
def test_file_requesting_third_party_is_named(course, name, added):
    path = course.site / name
    before = path.read_text()
    assert list(build_book.check(course)) == []
    path.write_text(f"{before}\n{added}\n")
    assert any(f"{name} asks a third party" in problem for problem in build_book.check(course))
    path.write_text(before)


def test_download_is_the_student_notebook(course):
    copied = course.site / "_sources" / "notebooks" / "scales" / "scales.ipynb"
    assert copied.read_bytes() == course.release("scales").read_bytes()
    marks = [cell["metadata"].get("nbgrader") for cell in json.loads(copied.read_text())["cells"]]
    assert sum(mark is not None for mark in marks) == 4
    copied.write_text("{}")
    assert any("is not the student notebook" in problem for problem in build_book.check(course))
    shutil.copy(course.release("scales"), copied)


def test_notebook_without_page_is_named(course):
    extra = course.root / "notebooks" / "extra" / "extra.ipynb"
    extra.parent.mkdir()
    extra.write_text("{}")
    assert any("extra.ipynb has no page" in problem for problem in build_book.check(course))
    shutil.rmtree(extra.parent)


def test_page_shows_stubs_without_tests_or_installation(page):
    assert "NotImplementedError" in page
    assert "scaled_by_the_given_factor" not in page
    assert "%pip" not in page


def test_page_says_when_and_with_what_its_outputs_were_computed(page):
    assert "computed on 30 November 2026 with Python 3.11.7 and torch 2.13.0." in page


def test_page_loads_only_used_scripts(page):
    for name in ("fontawesome", "thebe", "searchtools", "require.js", "embed-amd", "togglebutton", "mathjax.js"):
        assert name not in page.lower(), name
    assert "copybutton.js" in page
    assert "_static/math.css" in page


def test_page_without_formulas_loads_no_math_files(course):
    intro = (course.site / "book" / "intro.html").read_text()
    assert "math.css" not in intro
    assert "copy-formulas" not in intro


def test_formulas_are_rendered_at_build_time(page):
    assert "<mjx-container" in page
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML"' in page  # for screen readers
    assert "MathJax = " not in page


def test_math_fonts_contain_used_characters(course):
    sheet = (course.site / "_static" / "math.css").read_text()
    files = dict(re.findall(r'font-family:(\S+?);src:url\("(.*?)"\)', sheet))
    fonts = {family: TTFont(course.site / "_static" / path).getBestCmap() for family, path in files.items()}
    asked = re.findall(r'mjx-c([0-9A-F]+)(?:\.TEX-(\w+))?::before\{[^}]*content: "(.*?)"', sheet)
    assert len(asked) > 3
    for code, font, content in asked:
        family = f"MJXTEX-{font}" if font else "MJXTEX"
        assert ord(unescaped(content)) in fonts[family], (code, family)


def unescaped(content):
    return chr(int(content[1:], 16)) if content.startswith("\\") and len(content) > 1 else content


def test_icon_font_is_small_and_has_used_icons(course, page):
    sheet = (course.site / "_static" / "styles" / "pydata-sphinx-theme.css").read_text()
    (path,) = course.site.rglob("fa-solid-900.woff2")
    icons = TTFont(path).getBestCmap()
    used = set(re.findall(r'class="fa-solid (fa-[\w-]+)"', page))
    assert len(used) > 2
    for name in used:
        code = re.search(rf'\.{name}:before[^{{]*\{{content:"\\([0-9a-f]+)"', sheet)[1]
        assert int(code, 16) in icons, name
    assert path.stat().st_size < 10_000


def test_site_omits_unrequested_files_and_sphinx_search(course):
    names = {path.name for path in course.site.rglob("*") if path.is_file()}
    assert not {name for name in names if name.endswith((".map", ".ttf"))}
    assert not names & {"fontawesome.js", "sphinx-thebe.js", "webpack-macros.html"}
    assert not names & {"searchtools.js", "searchindex.js", "language_data.js"}
    found = re.findall(r'<script[^>]* src="_static/([\w.]+)', (course.site / "search.html").read_text())
    assert {"search_words.js", "search.js"} <= set(found)
    assert "lunr.js" in names


def test_changed_pages_and_those_that_show_them_are_rebuilt_like_full_build(course, rebuilt):
    words = "Every yardstick $q_7$ multiplies"
    edits = [("A scale multiplies", words, {"scales"})]
    edits.append(("# Scales", "# Yardsticks", {"scales", "quiet"}))  # the sidebar of every page shows a chapter's title

    def edit(notebook):
        for old, new, _ in made:
            cell = next(cell for cell in notebook.cells if old in cell.source)
            cell.source = cell.source.replace(old, new, 1)

    build_book.build(course)
    search = (course.site / "search" / "index.js").read_text()
    read = set((course.root / "_build" / ".doctrees").rglob("*.doctree"))
    for made in (edits[:1], edits):
        times = {path: path.stat().st_mtime_ns for path in [*read, *course.site.glob("notebooks/*/*.html")]}
        assert rebuilt(edit)
        changed = {path for path, time in times.items() if path.stat().st_mtime_ns != time}
        assert {path.stem for path in read - changed} == {"quiet"}
        assert {path.stem for path in changed - read} == made[-1][2]
    warm = small_book.files(course.site)
    assert b"Every yardstick" in warm["notebooks/scales/scales.html"]
    assert b"Yardsticks" in warm["notebooks/quiet/quiet.html"]
    assert warm["search/index.js"].decode() != search
    (course.root / "_build" / build_book.RECORD).unlink()
    assert build_book.build(course)
    assert small_book.files(course.site) == warm


def test_figures_have_alternative_text(page):
    assert 'alt="a straight line through the origin with slope one third"' in page


def test_warnings_fail_every_repeated_build(course, rebuilt):
    record = course.root / "_build" / build_book.RECORD
    build_book.build(course)

    def spoil(notebook):
        drawing = next(cell for cell in notebook.cells if "mystnb" in cell.metadata)
        drawing.metadata.pop("mystnb")
        drawing.id = "drawing"
        data = {"text/html": '<img src="../../_static/page.png">'}
        drawing.outputs.append(nbformat.v4.new_output("display_data", data))
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code" and cell.id.startswith("code-"))
        cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="UserWarning: careful")]
        text = next(cell for cell in reversed(notebook.cells) if cell.cell_type == "markdown")
        text.source += "\n\n[elsewhere](nowhere.md) $\\nosuchmacro$"

    said = ["stderr", "nowhere", r"Undefined control sequence \nosuchmacro"]
    for _ in range(2):  # Sphinx doesn't repeat warnings for pages it has read, so a second build could pass.
        with pytest.raises(build_book.BuildError) as caught:
            rebuilt(spoil)
        assert not record.exists()
        for words in said + FAULTY_FIGURES:
            assert words in str(caught.value)


def test_removed_chapter_leaves_no_page(course):
    toc, quiet = course.root / "_toc.yml", course.release("quiet")
    listed, words = toc.read_text(), quiet.read_text()
    toc.write_text(listed.replace("  - file: notebooks/quiet/quiet\n", ""))
    shutil.rmtree(quiet.parent)
    build_book.build(course)
    assert not (course.site / "notebooks" / "quiet").exists()
    toc.write_text(listed)
    quiet.parent.mkdir()
    quiet.write_text(words)
