"""Test the search page, from a server and from disk: marked words, near misses, and keyboard use."""

import pytest

from tests.browser.visits import SITE, go, violations

_SHIFT = """() => new Promise(done => {
    const sum = list => done(list.getEntries().reduce((all, entry) => all + entry.value, 0));
    new PerformanceObserver(sum).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(0), 500);
})"""


def hits(page) -> list[str]:
    """Wait for the search to answer, and return the addresses of its hits."""
    page.wait_for_function("document.querySelector('#search-said').textContent")
    return page.eval_on_selector_all("#search-hits > li > a", "links => links.map(link => link.href)")


@pytest.fixture(params=["server", "disk"])
def searched(request, watch, book):
    address = book if request.param == "server" else SITE.as_uri() + "/"

    def search(query: str, **options):
        watched = watch(**options)
        watched.page.goto(f"{address}search.html?q={query}")
        found = hits(watched.page)
        assert watched.strangers(address) == []
        assert watched.complaints == []
        return watched, [link.removeprefix(address) for link in found]

    return search


def test_hit_is_a_section_with_marked_words(searched):
    watched, found = searched("GELU tanh approximate")
    assert found[0].startswith("notebooks/activations/activations.html#gelu")
    first = watched.page.locator("#search-hits > li").first
    marked = {word.lower() for word in first.locator("p mark").all_text_contents()}
    assert {"gelu", "tanh", "approximate"} <= marked
    assert "sections with all of these words" in watched.page.locator("#search-said").inner_text()
    first.locator("a").click()
    watched.page.wait_for_url("**/activations.html#gelu*")
    watched.page.wait_for_selector(":target")
    watched.page.wait_for_function("Math.abs(document.querySelector(':target').getBoundingClientRect().top) < 200")


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ("maxpol2d", "pooling.html#max-pooling"),
        ("register_bufer", "modules.html#parameter-or-buffer"),
        ("ceil_mode", "pooling.html#output-size"),
        ("Dense", "linear.html#weight-and-bias"),
        ("logsumexp qqqqqqq", "softmax.html#logsumexp"),
    ],
)
def test_search_finds_misspellings_arguments_methods_and_synonyms(searched, typed, anchor):
    assert any(anchor in link for link in searched(typed)[1][:3])


def test_search_reports_unknown_words(searched):
    watched, found = searched("qqqqqqqqqqqq")
    assert found == []
    assert "Nothing has these words" in watched.page.locator("#search-said").inner_text()


def test_search_works_with_keyboard_only(shown):
    watched = shown("book/intro.html")
    page = watched.page
    page.keyboard.press("Control+k")
    page.keyboard.type("softmax")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=softmax")
    assert len(hits(page)) == 10
    assert page.evaluate("document.activeElement.id") == "search-words"
    page.keyboard.type(" temperature")
    page.wait_for_url("**/search.html?q=softmax%20temperature")
    page.wait_for_function("document.querySelector('#search-hits a').href.includes('#temperature')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/softmax.html#temperature*")
    page.go_back()
    assert hits(page), "the query is still there"


def test_show_more_button_adds_hits(searched):
    page = searched("padding")[0].page
    page.get_by_role("button", name="Show more").press("Enter")
    page.wait_for_function("document.querySelectorAll('#search-hits > li').length === 20")
    assert page.evaluate("document.activeElement.closest('li') === document.querySelectorAll('#search-hits > li')[10]")


@pytest.mark.parametrize("width", [1280, 390])
def test_result_page_is_accessible_and_does_not_shift(watch, book, width):
    page = watch(width=width, reduced_motion="reduce").page  # a color in mid-transition has neither color's contrast
    go(page, book + "search.html?q=softmax%20overflow")
    assert hits(page)
    assert page.evaluate(_SHIFT) < 0.05  # on every page, the theme's fonts and sidebar shift by 0.03
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, ("light", "dark")) == {"light": [], "dark": []}


def test_search_page_links_to_index_without_scripts(watch):
    page = watch(java_script_enabled=False).page
    page.goto((SITE / "search.html").as_uri())
    page.get_by_role("link", name="layer index").first.click()
    assert page.url.endswith("layer_index.html")
