"""Test printing one page from a browser, and the contents, bookmarks, and links of the whole book as a PDF."""

import re
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from authoring.book import printed
from autograder.course import Course
from tests.browser.visits import SITE
from tests.root import ROOT

LINEAR = "notebooks/linear/linear"


def words(reader: PdfReader, *numbers: int) -> str:
    """Return the text of all PDF pages, or of some (numbered from 1), with single spaces and without ligatures."""
    pages = [reader.pages[number - 1] for number in numbers] or reader.pages
    return unicodedata.normalize("NFKC", " ".join(" ".join(page.extract_text() for page in pages).split()))


# --- one page ---------------------------------------------------------------------------------------------------------

_WHILE_PRINTING = """() => addEventListener("beforeprint", () => {
    const colour = getComputedStyle(document.querySelector(".bd-article")).color;
    window.printed = {
        theme: document.documentElement.dataset.theme,
        text: colour.match(/\\d+/g).slice(0, 3).map(Number),
        folded: document.querySelectorAll(".bd-article details:not([open], [data-question])").length,
        answered: document.querySelectorAll(".bd-article details[data-question][open]").length,
    };
})"""


def test_page_prints_in_light_theme_with_details_unfolded(shown, tmp_path):
    page = shown(f"{LINEAR}.html", theme="dark").page
    folded = page.locator("details:not([open])").count()
    hint = page.locator("details:not([open]):has(> summary:text('Hint')) > :not(summary)").first.text_content().strip()
    page.evaluate(_WHILE_PRINTING)
    page.pdf(path=tmp_path / "page.pdf")
    seen = page.evaluate("window.printed")
    assert seen["theme"] == "light"
    assert max(seen["text"]) < 90, "dark on white"
    assert seen["folded"] == 0
    assert seen["answered"] == 0, "the quiz shows its answers"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("details:not([open])").count() == folded > 0
    text = words(PdfReader(tmp_path / "page.pdf"))
    assert hint.split(".")[0][:40] in text
    assert page.locator(".bd-article h1").text_content().rstrip("#") in text


def test_quiz_answers_print_at_end_without_explorer_code(shown, tmp_path):
    page = shown(f"{LINEAR}.html").page
    first = page.locator("details[data-question]").first
    first.locator("summary").click()
    page.pdf(path=tmp_path / "page.pdf")
    assert first.evaluate("option => option.open"), "the reader opened it"
    assert page.locator(".course-answers").count() == 0
    text = words(PdfReader(tmp_path / "page.pdf"))
    quiz, _, answers = text.rpartition(" Answers ")
    plain = "details[data-question] > p:not(:has(mjx-container))"  # The text of a formula differs on paper.
    reasons = [plain_words(reason) for reason in page.locator(plain).all_text_contents()]
    assert len(reasons) > 10
    assert [one for one in reasons if one[:30] not in plain_words(answers)] == []
    assert [one for one in reasons if len(one) > 30 and one[:30] in plain_words(quiz)] == []
    assert "lab.explorer(" not in text
    assert "a. " in quiz.rpartition(" Quiz ")[2]


def plain_words(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))


def test_navigation_and_controls_are_not_printed(shown):
    page = shown(f"{LINEAR}.html").page
    page.emulate_media(media="print")
    count = "selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).length"
    for gone in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header", ".bd-header-article", ".course-places"):
        assert page.evaluate(count, gone) == 0, gone
    for gone in ("button", "input", "footer", "a.headerlink"):
        assert page.evaluate(count, gone) == 0, gone
    assert page.evaluate(count, "h1") == 1
    assert page.evaluate(count, ".lab-explorer svg") > 0
    assert page.evaluate(count, ".lab-explorer .set") > 0, "a picture is worth little without its setting"
    assert page.evaluate(count, ".lab-explorer .ask") > 0
    assert page.evaluate(count, ".lab-explorer .controls") == 0
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]


# --- the book ---------------------------------------------------------------------------------------------------------

PARTS = {"book/intro": "", LINEAR: "Some <of> the layers"}  # printing every page takes minutes


@pytest.fixture(scope="module")
def written(tmp_path_factory, chromium) -> tuple[Path, dict[str, str]]:
    """Return a PDF of two pages of the book, and all parts that the whole book would have."""
    path, every = tmp_path_factory.mktemp("printed") / "book.pdf", {}
    listed = printed._parts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printed, "_parts", lambda *asked: every.update(listed(*asked)) or PARTS)
        # In another thread, because Playwright allows one browser per thread and the tests already use one.
        with ThreadPoolExecutor(max_workers=1) as thread:
            assert thread.submit(printed.write, Course(ROOT), path).result() > 10
    return path, every


@pytest.fixture(scope="module")
def pdf(written) -> PdfReader:
    return PdfReader(written[0])


def test_book_has_the_pages_of_the_table_of_contents_in_order(written):
    listed = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert list(written[1]) == listed
    assert written[1][LINEAR] == "I. Start"


def test_contents_and_bookmarks_lead_to_every_section(pdf):
    article = BeautifulSoup((SITE / f"{LINEAR}.html").read_text("utf-8"), "html.parser").select_one("article")
    for link in article.select("a.headerlink"):
        link.decompose()
    sections = [plain_words(tag.get_text()) for tag in article.select("section[id] > h2")]
    assert len(sections) > 5
    contents = plain_words(words(pdf, 2, 3))
    assert "SomeofthelayersLinear" in contents
    assert [title for title in sections if title not in contents] == []
    chapter = next(n for n, one in enumerate(pdf.outline) if not isinstance(one, list) and one.title[:7] == "Linear:")
    below = [one for one in pdf.outline[chapter + 1] if not isinstance(one, list)]
    assert [plain_words(one.title) for one in below] == [*sections, "Answers"]
    for one in below:
        assert plain_words(one.title) in plain_words(words(pdf, pdf.get_destination_page_number(one) + 1))


def test_every_internal_link_resolves(pdf):
    names, inside = pdf.named_destinations, 0
    for page in pdf.pages:
        for reference in page.get("/Annots", []):
            link = reference.get_object()
            target = link.get("/Dest") or link.get("/A", {}).get("/D")
            if target is not None:
                inside += 1
                assert target in names
            else:
                assert re.match(r"https?://|mailto:", link["/A"]["/URI"]), link
    assert inside > 20


def test_ids_are_unique(pdf):
    html = (SITE.parent / "print.html").read_text(encoding="utf-8")
    ids = Counter(re.findall(r'\bid="([^"]+)"', html))
    assert len(ids) > 100
    assert [name for name, count in ids.items() if count > 1] == []


def test_pdf_is_tagged_and_numbered_and_has_language_and_title(pdf):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en"
    assert pdf.metadata.title == "Layer by Layer"
    assert re.search(r"\b1\b", pdf.pages[0].extract_text()) is None
    for number in (2, len(pdf.pages)):
        assert str(number) in pdf.pages[number - 1].extract_text().split()


def test_pdf_shows_explorers_and_ends_chapters_with_answers(pdf):
    text = plain_words(words(pdf))
    article = BeautifulSoup((SITE / f"{LINEAR}.html").read_text("utf-8"), "html.parser").select_one("article")
    questions = [place.select_one("figcaption, p, strong").get_text() for place in article.select("[data-lab-model]")]
    assert questions
    assert [question for question in questions if plain_words(question)[:40] not in text] == []
    reasons = [plain_words(reason.get_text())[:30] for reason in article.select("details[data-question] > p")]
    assert sum(reason in text.rpartition("Answers")[2] for reason in reasons) > 10


def test_missing_book_or_chromium_gets_an_actionable_error(tmp_path, monkeypatch):
    with pytest.raises(printed.PageError, match="make book"):
        printed.write(Course(tmp_path), tmp_path / "none.pdf")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with ThreadPoolExecutor(max_workers=1) as thread, pytest.raises(printed.PageError, match="apt install chromium"):
        thread.submit(printed.write, Course(ROOT), tmp_path / "none.pdf").result()
