"""Read the heads of built pages, and list missing metadata for search engines and link previews."""

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

DESCRIBED = ("description", "og:description", "og:title", "og:site_name", "og:type")
AT_ANY_ADDRESS = "404.html"  # a server shows it instead of any missing page
UNLISTED = (AT_ANY_ADDRESS, "search.html")


def tags(page: Path) -> dict[str, str]:
    """Return a page's title, canonical address, redirect, and named meta tags."""
    text = page.read_text(encoding="utf-8")
    found = {"title": unescape("".join(re.findall(r"<title>(.*?)</title>", text)))}
    for tag in re.findall(r"<(?:meta|link) [^>]*>", text.partition("<body")[0]):
        said = {key: unescape(value) for key, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        key = said.get("property") or said.get("name") or said.get("http-equiv") or said.get("rel", "")
        found[key] = said.get("content") or said.get("href", "")
    return found


def pages(site: Path) -> dict[str, dict[str, str]]:
    """Map the path of every page of a site to the page's tags."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    return {name: tags(path) for name, path in found.items() if not name.startswith("_static/")}


def lacks(site: Path, address: str) -> list[str]:
    """Return what is missing or wrong in the heads of a site's pages; ``address`` is "" if the site isn't public."""
    found = []
    for page, said in pages(site).items():
        found += [f"{page}: {key}" for key in DESCRIBED if not said.get(key)]
        found += [f"{page}: a title without PyTorch"] * ("PyTorch" not in said["title"])
        if address and page != AT_ANY_ADDRESS:
            to = said.get("refresh", "").partition("url=")[2]
            leads = (site / page).parent.joinpath(to).resolve().relative_to(site.resolve()).as_posix() if to else page
            found += [f"{page}: {key}" for key in ("og:url", "canonical") if said.get(key) != f"{address}/{leads}"]
            picture = said.get("og:image", "").removeprefix(f"{address}/")
            found += [f"{page}: og:image"] * (not (site / picture).is_file())
    return found


def unlisted(site: Path, address: str) -> set[str]:
    """Return addresses that are only in the sitemap or only on the site, except redirects and the search page."""
    listed = [str(place.text) for place in ElementTree.parse(site / "sitemap.xml").iter() if place.tag.endswith("loc")]
    assert len(listed) == len(set(listed))
    own = {page for page, said in pages(site).items() if "refresh" not in said and page not in UNLISTED}
    return set(listed) ^ {f"{address}/{page}" for page in own}
