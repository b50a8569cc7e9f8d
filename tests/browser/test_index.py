"""Test the layer index in a browser: the filter, the addresses, and a browser without scripts."""

import pytest

from tests.browser.visits import SITE

PAGE = SITE / "book" / "layer_index.html"

_SHOWN = (
    """[...document.querySelectorAll("table.layer-index tr[id]")].filter(r => r.checkVisibility()).map(r => r.id)"""
)

# Names people type and the row they mean, including misspellings from torch's own tutorials.
MEANT = {
    "tanh": "Tanh", "HardTanh": "Hardtanh", "TanhShrink": "Tanhshrink", "HardSigmoid": "Hardsigmoid",
    "HardSwish": "Hardswish", "swish": "SiLU", "nn.softmax": "Softmax", "nn.softmin": "Softmin",
    "Unpool1d": "MaxUnpool1d", "Avgpool1d": "AvgPool1d", "ConvTranspose": "ConvTranspose2d",
    "ParametersList": "ParameterList", "ParametersDict": "ParameterDict", "torch.shuffle": "ChannelShuffle",
    "Relu": "ReLU", "Batchnorm2d": "BatchNorm2d", "LeakyRelu": "LeakyReLU", "CrossEntropy": "CrossEntropyLoss",
    "Conv2D": "Conv2d", "xavier_uniform": "nn.init.xavier_uniform_", "Dense": "Linear", "torch.nn.Conv2d": "Conv2d",
    "F.conv2d": "F.conv2d", "nn.functional.conv2d": "F.conv2d", "prune.Identity": "nn.utils.prune.Identity",
    "MultiHeadAttention": "MultiheadAttention", "LSTMcell": "LSTMCell", "Embeding": "Embedding", "Droput": "Dropout",
}  # fmt: skip


@pytest.fixture
def opened(watch):
    """Yield a function that opens the index from disk, as in ``opened("#Conv2d")``."""
    assert PAGE.exists(), "no book to look at: run `python -m authoring book` first"
    watched = watch()

    def open_page(address: str = ""):
        watched.page.goto("about:blank")
        watched.page.goto(PAGE.as_uri() + address)
        return watched.page

    yield open_page
    assert watched.complaints == []


def type_into(page, words: str) -> list[str]:
    """Type words into the filter with the keyboard; return the ids of the visible rows."""
    page.get_by_role("searchbox", name="Find a name or a word").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)
    return page.evaluate(_SHOWN)


def said(page) -> str:
    return page.locator(".index-filter").get_by_role("status").text_content()


def test_filter_keeps_matching_rows_and_counts_them(opened):
    page = opened()
    everything = page.evaluate(_SHOWN)
    assert said(page) == f"{len(everything)} names"
    left = type_into(page, "conv2d")
    assert {"Conv2d", "LazyConv2d", "F.conv2d"} <= set(left)
    assert "Linear" not in left
    assert said(page) == f"{len(left)} of {len(everything)} names"
    assert page.locator(".index-filter").get_by_role("status").count() == 1


def test_headings_without_rows_hide_and_come_back(opened):
    page = opened()
    type_into(page, "xavier_uniform")
    assert page.locator("h2:visible").all_text_contents() == [page.locator("#start-values-nn-init > h2").text_content()]
    assert page.locator("tr.family:visible").all_text_contents() == ["Initialization"]
    page.keyboard.press("Escape")
    assert said(page) == f"{len(page.evaluate(_SHOWN))} names"
    assert page.locator("h2:visible").count() >= 4


def test_filter_finds_descriptions_families_word_pairs_arguments_and_methods(opened):
    page = opened()
    assert "MaxPool2d" in type_into(page, "largest window")
    assert "nn.utils.prune.remove" in type_into(page, "pruning permanent")
    assert type_into(page, "gelu tanh")[0] == "GELU"
    found = type_into(page, "ceil_mode")
    assert {"MaxPool2d", "AvgPool1d", "LPPool3d"} <= set(found)
    assert not {"AdaptiveMaxPool2d", "Linear"} & set(found)
    assert "have it as an argument or method" in said(page)
    assert "#output-size" in page.locator('tr[id="MaxPool2d"] a', has_text="ceil_mode").get_attribute("href")
    assert "Module" in type_into(page, "register_buffer")
    assert "#parameter-or-buffer" in page.locator('tr[id="Module"] a', has_text="register_buffer").get_attribute("href")
    assert "MaxPool2d" in type_into(page, "MaxPool2d qqqqqq")
    assert "none has all" in said(page)


def test_unknown_or_misspelled_name_offers_the_intended_row(opened):
    page = opened()
    assert type_into(page, "Biliner") == ["Bilinear", "F.bilinear"]
    assert said(page) == "Nothing is called “Biliner”. Nearest: nn.Bilinear, F.bilinear"
    assert type_into(page, "qqqqqqqqqqqq") == []
    assert said(page) == "Nothing is called “qqqqqqqqqqqq”, or nearly so."
    missed = {written: row for written, row in MEANT.items() if row not in type_into(page, written)}
    assert missed == {}


@pytest.mark.parametrize("address", ["#Conv2d", "#conv2D", "#HardTanh"])
def test_page_opened_at_address_shows_and_focuses_row(watch, address):
    page = watch().page  # whose cache is empty, as on a first visit
    page.goto(PAGE.as_uri() + address)
    sought = page.locator("tr.sought")
    assert sought.get_attribute("id").lower() == address[1:].lower()
    assert sought.evaluate("row => row === document.activeElement")
    top = sought.evaluate("row => row.getBoundingClientRect().top")
    assert 60 < top < 850, "the row is in sight"


def test_exact_address_leads_to_its_own_row(opened):
    assert opened("#Identity").locator("tr.sought").get_attribute("id") == "Identity"
    assert opened("#F.relu_").locator("tr.sought").get_attribute("id") == "F.relu_"
    assert opened("#torch.nn.functional.relu").locator("tr.sought").get_attribute("id") == "F.relu"
    assert opened("#classes-nn").locator("tr.sought").count() == 0
    assert opened("#qqqqqqqqqqqq").locator("tr.sought").count() == 0


def test_link_to_hidden_row_shows_it_again(opened):
    page = opened()
    type_into(page, "F.conv3d")
    page.locator('tr[id="F.conv3d"] a[href="#Conv3d"]').click()
    assert page.locator("tr.sought").get_attribute("id") == "Conv3d"
    assert page.locator("tr.sought").is_visible()


def test_index_works_by_keyboard(opened):
    page = opened()
    type_into(page, "nn.Linear")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('tr')?.id") == "Linear"
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/linear/linear.html#**")
    assert page.locator(":target").is_visible()


def test_whole_table_is_shown_without_scripts_and_row_without_links_gives_reason(watch):
    page = watch(java_script_enabled=False).page
    page.goto(PAGE.as_uri())
    assert page.locator(".index-filter").is_hidden()
    assert page.locator("table.layer-index tr[id]").count() > 360
    assert page.locator("table.layer-index tr[id]").last.is_visible()
    cells = page.locator("table.layer-index tr[id]:not(:has(td:last-child a)) td:last-child").all_inner_texts()
    assert [words for words in cells if not words.startswith("not taught:")] == []


def test_no_cell_is_narrower_than_its_words(opened):
    page = opened()
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate(
            """[...document.querySelectorAll("table.layer-index tbody :is(th, td)")]
                .filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"""
        )
        assert wide == [], width
