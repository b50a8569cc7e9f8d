"""Test printing one page from a browser, and the contents, bookmarks, and links of the whole book as a PDF."""

import re
import shutil
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from authoring.book.printed import PageError, book, page_numbers, write
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


def printed(course: Course, path: Path) -> int:
    """Print in a separate thread, because Playwright allows one browser per thread and the tests already use one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(write, course, path).result()


# --- the book ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Return the built book with only the first page and one chapter, because printing every page takes minutes."""
    course = Course(tmp_path_factory.mktemp("printed"))
    shutil.copy(ROOT / "_config.yml", course.root)
    toc = f"format: jb-book\nroot: book/intro\nparts:\n  - caption: Layers\n    chapters:\n      - file: {LINEAR}\n"
    (course.root / "_toc.yml").write_text(toc)
    course.site.parent.mkdir()
    course.site.symlink_to(SITE)
    return course


@pytest.fixture(scope="module")
def pdf(course, chromium) -> PdfReader:  # `chromium` skips these tests without a browser.
    path = course.root / "book.pdf"
    count = printed(course, path)
    reader = PdfReader(path)
    assert count == len(reader.pages) > 10
    return reader


@pytest.fixture(scope="module")
def headings() -> dict[str, list[str]]:
    """Map each page's title to its sections on the site, and "Answers" to the chapter with the quiz."""
    found = {}
    for name in ("book/intro", LINEAR):
        article = BeautifulSoup((SITE / f"{name}.html").read_text("utf-8"), "html.parser").select_one(
            "article.bd-article"
        )
        for link in article.select("a.headerlink"):
            link.decompose()
        titles = [" ".join(tag.get_text(" ").split()) for tag in article.select("h1, section[id] > h2")]
        found[titles[0]] = titles[1:]
    return found | {"Answers": [titles[0].partition(":")[0]]}


def test_bookmarks_list_chapters_and_sections(pdf, headings):
    def plain(title):
        return re.sub(r"\W", "", title)

    outline = pdf.outline
    tops = {
        plain(one.title): [plain(below.title) for below in after if not isinstance(below, list)]
        for one, after in zip(outline, [*outline[1:], []], strict=True)
        if not isinstance(one, list) and isinstance(after, list)
    }
    assert tops == {plain(title): [plain(below) for below in sections] for title, sections in headings.items()}


def test_bookmark_leads_to_its_heading(pdf):
    chapters = [one for one in pdf.outline if not isinstance(one, list)]
    for one in chapters:
        assert one.title in words(pdf, pdf.get_destination_page_number(one) + 1)


def test_contents_list_every_heading_with_its_page(pdf, course, headings):
    numbers = page_numbers(course.root / "book.pdf")
    html = (course.site.parent / "print.html").read_text(encoding="utf-8")
    lines = re.findall(r'<a href="#([^"]+)"><span>([^<]+)</span><span class="page">', html)
    assert len(lines) == sum(1 + len(sections) for sections in headings.values())
    shown = "\n".join(pdf.pages[number].extract_text() for number in (1, 2))
    ends = [int(number) for number in re.findall(r"(?<=\s)(\d+)$", shown, re.MULTILINE)]
    pages = [numbers[target] for target, _ in lines]
    assert ends[: len(pages)] == pages
    for target, title in lines:
        assert re.sub(r"\W", "", title) in re.sub(r"\W", "", words(pdf, numbers[target])), title


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


def test_pdf_is_tagged_and_has_language_and_title(pdf):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en"
    assert pdf.metadata.title == "Layer by Layer"


def test_pages_are_numbered_from_the_second(pdf):
    assert re.search(r"\b1\b", pdf.pages[0].extract_text()) is None
    for number in (2, len(pdf.pages) // 2, len(pdf.pages)):
        assert str(number) in pdf.pages[number - 1].extract_text().split()


def test_pdf_contains_explorer_questions(pdf):
    text = re.sub(r"\W", "", words(pdf))
    article = BeautifulSoup((SITE / f"{LINEAR}.html").read_text("utf-8"), "html.parser").select_one("article")
    questions = [place.select_one("figcaption, p, strong") for place in article.select("[data-lab-model]")]
    assert questions
    assert [q.get_text() for q in questions if re.sub(r"\W", "", q.get_text())[:40] not in text] == []


def test_printed_book_has_unique_ids_and_valid_links():
    html = book(Course(ROOT))
    ids = Counter(re.findall(r'\bid="([^"]+)"', html))
    assert [name for name, count in ids.items() if count > 1] == []
    assert [link for link in re.findall(r'href="#([^"]+)"', html) if link not in ids] == []
    for path in (SITE / "notebooks").glob("*/*.html"):
        assert f'id="notebooks-{path.stem}-{path.stem}"' in html


def test_missing_chromium_gets_an_actionable_error(course, monkeypatch, chromium):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(PageError, match="apt install chromium"):
        printed(course, course.root / "none.pdf")
    assert not (course.root / "none.pdf").exists()
