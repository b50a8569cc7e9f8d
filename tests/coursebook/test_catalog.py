"""Test the book's metadata for other sites (descriptions, previews, addresses, sitemap) and its error report form."""

import re
import shutil
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from autograder import practicing
from autograder.practicing import Addresses
from coursebook.pages import catalog
from tests.coursebook import heads
from tests.root import COURSE, ROOT

BOOK, REPOSITORY = "https://someone.github.io/layers", "https://github.com/someone/layers.git"
PAGES = sorted(
    [path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "book").glob("**/*.md")
     if not path.is_relative_to(ROOT / "book" / "chapters") and path.parent.name != "solutions"]
    + [f"notebooks/{chapter}/{chapter}" for chapter in COURSE.chapters]
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_sentence_about_its_topic(page):
    sentence = catalog.about(ROOT, page)
    assert 30 < len(sentence) <= 180, sentence
    assert sentence[-1] in ".?", sentence


def test_descriptions_differ():
    assert [said for said, count in Counter(catalog.about(ROOT, page) for page in PAGES).items() if count > 1] == []


def test_description_has_the_first_names_that_a_chapter_teaches(tmp_path):
    text = tmp_path / "book" / "chapters" / "linear" / "text.md"
    text.parent.mkdir(parents=True)
    names = "names: {Linear: a, Bilinear: b, Identity: c, Flatten: d}"
    text.write_text(f"---\ncourse:\n  about: One matrix\n  layers:\n    - {{family: Linear, of: nn, {names}}}\n---\n")
    said = "One matrix. In PyTorch: nn.Linear, nn.Bilinear, nn.Identity, and more."
    assert catalog.about(tmp_path, "notebooks/linear/linear") == said
    assert catalog.about(tmp_path, "notebooks/none/none") == ""


# --- a built site -----------------------------------------------------------------------------------------------------


def test_every_page_can_be_found_and_previewed(small_site):
    assert heads.lacks(small_site, BOOK) == []
    found = heads.pages(small_site)
    assert found["notebooks/scales/scales.html"]["description"] == "Ten numbers, scaled."
    assert found["index.html"]["og:url"] == f"{BOOK}/book/intro.html"
    assert found["book/intro.html"]["title"] == "Layer by Layer — a PyTorch course"
    assert found["book/practise.html"]["description"] == catalog.about(ROOT, "book/practice")  # an earlier address


@pytest.mark.parametrize("page", ["index.html", "book/intro.html", "notebooks/scales/scales.html", "search.html"])
@pytest.mark.parametrize("tag", ["description", "og:title", "og:url", "og:image", "canonical", "title"])
def test_missing_tag_is_noticed(small_site, tmp_path, page, tag):
    for name in (page, catalog.PICTURE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(small_site / name, tmp_path / name)
    assert heads.lacks(tmp_path, BOOK) == []
    pattern = r"PyTorch(?=[^<]*</title>)" if tag == "title" else rf'<(?:meta|link) [^>]*"{tag}"[^>]*>'
    (tmp_path / page).write_text(re.sub(pattern, "", (small_site / page).read_text()))
    assert heads.lacks(tmp_path, BOOK)


def test_sitemap_lists_exactly_the_pages(small_site, tmp_path):
    assert heads.unlisted(small_site, BOOK) == set()
    assert f"Sitemap: {BOOK}/sitemap.xml" in (small_site / "robots.txt").read_text().splitlines()
    shutil.copytree(small_site, tmp_path / "site")
    shutil.copy(tmp_path / "site" / "book" / "teach.html", tmp_path / "site" / "book" / "new.html")
    (tmp_path / "site" / "book" / "points.html").unlink()
    assert heads.unlisted(tmp_path / "site", BOOK) == {f"{BOOK}/book/new.html", f"{BOOK}/book/points.html"}


def test_cover_links_to_pdf_and_zip(small_site):
    cover = (small_site / "book" / "intro.html").read_text()
    for kind in ("pdf", "zip"):
        assert f'href="{BOOK}/{practicing.WHOLE_BOOK}.{kind}"' in cover


def test_every_page_links_to_the_mistake_form(small_site):
    for page, said in heads.pages(small_site).items():
        if "refresh" not in said and page != heads.AT_ANY_ADDRESS:
            link = Addresses(BOOK, REPOSITORY).report(page.removesuffix(".html")).replace("&", "&amp;")
            assert f'<a href="{link}">Report a mistake on this page</a>' in (small_site / page).read_text(), page


# --- the form ---------------------------------------------------------------------------------------------------------


def test_mistake_form_is_filled_in_by_the_link():
    link = urlsplit(Addresses(BOOK, REPOSITORY).report("book/intro"))
    assert (link.netloc, link.path) == ("github.com", "/someone/layers/issues/new")
    asked = {key: values[0] for key, values in parse_qs(link.query).items()}
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / asked.pop("template")).read_text(encoding="utf-8"))
    assert asked == {"title": "Mistake in book/intro", "page": f"{BOOK}/book/intro.html"}
    assert "page" in [field.get("id") for field in form["body"]]


@pytest.mark.parametrize(
    ("repository", "start"),
    [
        (
            "https://gitlab.com/group/layers.git",
            "https://gitlab.com/group/layers/-/issues/new?issue%5Btitle%5D=Mistake",
        ),
        ("https://git.school.edu/layers", ""),
        ("", ""),
    ],
)
def test_mistakes_are_reported_where_there_is_a_form(repository, start):
    found = Addresses("", repository).report("book/intro")
    assert found.startswith(start)
    assert bool(found) == bool(start)
