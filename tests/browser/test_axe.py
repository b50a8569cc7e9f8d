"""Run axe with everything unfolded, using the rules for WCAG A, WCAG AA, and best practices; `visits` chooses pages.

Some pages are also checked in a wide window. All rules run in the light theme. The dark theme changes only colors, so
only the color rules run there.
"""

import pytest

from tests.browser.visits import EACH, LOOK, is_searched, violations


@pytest.mark.parametrize("page", EACH)
def test_axe_finds_no_violations(visitor, page):
    found = {(v.way, theme): lines for v in visitor.visits(page) for theme, lines in v.violations.items()}
    assert found or not is_searched(page), "no visit was checked"
    assert {way: lines for way, lines in found.items() if lines} == {}


@pytest.mark.parametrize("page", EACH)
def test_click_targets_are_large_enough(visitor, page):
    found = {(v.way, theme): seen["small"] for v in visitor.visits(page) for theme, seen in v.seen.items()}
    assert {way: lines for way, lines in found.items() if lines} == {}


FAULTS = """<!DOCTYPE html><html lang="en"><head><title>Faults</title></head><body><main><h1>Faults</h1>
<div class="highlight"><pre tabindex="0">{code}<span style="color:#aaa">faint code</span></pre></div>
<p style="color:#bbb;background:#fff">Faint text</p><p style="color:#222;background:#fff">Good text</p>
<details><summary>Open</summary><p style="color:#ddd">Faint and folded</p></details>
<button></button><h3>A level skipped</h3></main></body></html>"""


def test_axe_finds_faults_on_a_simplified_page(watch):
    page = watch().page
    page.set_content(FAULTS.format(code='<span style="color:#00f">x</span> ' * 50))
    page.evaluate(LOOK)
    assert page.evaluate("look.headings()") != []
    assert page.evaluate("look.small()") != []
    found = violations(page, ("light", "dark"))
    colours, found = found["dark"], found["light"]
    for fault in ("faint code", "Faint text", "Faint and folded"):
        assert any(line.startswith("color-contrast") and fault in line for line in found), fault
    assert any(line.startswith("button-name") for line in found)
    assert any(line.startswith("heading-order") for line in found)
    assert not any("Good text" in line for line in found)
    assert page.evaluate("document.querySelectorAll('.highlight span').length") < 5, "the page was not made lighter"
    assert {line.partition(":")[0] for line in colours} == {"color-contrast"}


ONE_IN_THE_LIGHT = """<!DOCTYPE html><html lang="en"><head><title>Two</title><style>
:root { color-scheme: light dark; color: #222; background: #fff }
@media (prefers-color-scheme: dark) { :root { color: #ddd; background: #111 } .second { color: #333 } }
</style></head><body><main><h1>Two</h1><p>First</p><p class="second">Second</p></main></body></html>"""


def test_texts_alike_only_in_light_theme_are_checked(watch):
    page = watch().page
    page.set_content(ONE_IN_THE_LIGHT)
    page.evaluate(LOOK)
    found = violations(page, ("light", "dark"))
    assert found["light"] == []
    assert any("Second" in line for line in found["dark"])
