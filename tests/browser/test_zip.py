"""Test the unpacked offline zip: pages, explorers, and search work from disk."""

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest

from authoring.book import offline
from autograder.course import Course
from tests.browser.visits import PAGES, SAMPLE, SITE, go
from tests.root import ROOT

LINEAR = "notebooks/linear/linear.html"
KINDS = (*SAMPLE, LINEAR, "notebooks/explorers/explorers.html", "book/layer_index.html", "book/again.html")
GIVEN_UP = "net::ERR_ABORTED"  # the next page was opened while the browser was still loading this page's icon


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("offline")
    offline.write(Course(ROOT), folder / "book.zip")
    with zipfile.ZipFile(folder / "book.zip") as archive:
        archive.extractall(folder)
    return folder / "layer-by-layer"


@pytest.fixture
def opened(watch, unpacked):
    """Return a function that opens a page from disk and counts failed requests as complaints."""

    def open_page(page: str, **options):
        watched = watch(**options)
        watched.page.on(
            "requestfailed",
            lambda r: watched.complaints.append(f"{r.failure}: {r.url}") if r.failure != GIVEN_UP else None,
        )
        go(watched.page, (unpacked / "book").as_uri() + "/" + page, wait_until="networkidle")
        return watched

    return open_page


def test_zip_contains_the_site_unchanged(unpacked):
    """Require the same files, so that what other tests find on each page of the site holds for the zip, too."""
    packed = {str(path.relative_to(unpacked / "book")) for path in (unpacked / "book").rglob("*") if path.is_file()}
    files = {str(path.relative_to(SITE)) for path in SITE.rglob("*") if path.is_file()}
    assert files - packed <= set(offline.BUILD_RECORDS)
    assert [
        file for file in sorted(packed) if (unpacked / "book" / file).read_bytes() != (SITE / file).read_bytes()
    ] == []


@pytest.mark.parametrize("page", PAGES)
def test_page_names_its_files_relative_to_itself(page):
    """Require that each file a page loads exists beside it, because `/_static/x.js` would be found only on a server."""
    html = (SITE / page).read_text(encoding="utf-8")
    loaded = re.findall(r'<(?:script|img|link|source|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"', html)
    paths = [link.partition("#")[0].partition("?")[0] for link in loaded if not re.match(r"[a-z]+:", link)]
    assert [path for path in paths if path.startswith("/") or not ((SITE / page).parent / unquote(path)).exists()] == []


@pytest.mark.parametrize("name", KINDS)
def test_page_is_complete_from_disk(opened, unpacked, name):
    watched = opened(name)
    assert watched.complaints == []
    assert watched.strangers(unpacked.as_uri()) == []
    assert watched.page.title()
    broken = "[...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src)"
    assert watched.page.evaluate(broken) == []


def test_missing_file_is_a_complaint(opened, unpacked):
    missing = (unpacked / "book/missing.svg").as_uri()
    watched = opened("index.html")
    watched.page.evaluate(
        "src => new Promise(done => Object.assign(new Image(), {src, onerror: done})).then(() => 0)", missing
    )
    assert f"net::ERR_FILE_NOT_FOUND: {missing}" in watched.complaints


def test_formulas_icons_and_explorers_work_from_disk(opened):
    page = opened(LINEAR).page
    formula = page.locator(
        ".katex-display .katex-html, mjx-container[display='true'] svg, mjx-container[display='true']"
    )
    assert formula.first.bounding_box()["height"] > 20
    icons = page.locator(".article-header-buttons i:visible")
    assert icons.count() > 0
    drawn = (
        "async i => { await document.fonts.ready; return document.fonts.check(getComputedStyle(i, '::before').font) }"
    )
    assert icons.first.evaluate(drawn)
    explorer = page.locator(".lab-explorer").first
    explorer.scroll_into_view_if_needed()
    explorer.get_by_role("button", name="Skip (Esc)").click()
    slider = explorer.get_by_role("slider").first
    picture = explorer.locator(".picture > svg")
    before = picture.inner_html()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    page.wait_for_function(
        "([picture, before]) => picture.innerHTML !== before", arg=[picture.element_handle(), before]
    )


def test_notebook_is_at_the_path_on_the_page(opened, unpacked):
    page = opened(LINEAR).page
    page.locator(".course-places summary").click()
    named = page.locator(".course-places code").last.inner_text()
    assert (unpacked / named).read_bytes() == (ROOT / named).read_bytes()
