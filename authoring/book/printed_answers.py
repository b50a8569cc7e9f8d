"""Move the answers to a chapter's quiz and explorers from its page to the end of the printed book."""

from __future__ import annotations

import json
from html import escape

from bs4 import BeautifulSoup, Tag

MADE = BeautifulSoup("", "html.parser")  # creates tags


def taken(article: Tag, widgets: str, see: str) -> str:
    """Remove the reasons from an article's quiz; return them and the answers to its explorers' questions as HTML.

    Args:
        article: a chapter's article, modified in place. Each question keeps its options, as a lettered list.
        widgets: the widget state of the article's explorers as JSON, or "".
        see: the id of the place where the answers will be; the quiz then ends with a link to it.
    """
    explorers = "".join(_explorers(article, widgets))
    quiz = "".join(f"<li>{reasons}</li>" for reasons in _quiz(article, see))
    return (f"<h3>Explorers</h3>{explorers}" if explorers else "") + (f"<h3>Quiz</h3><ol>{quiz}</ol>" if quiz else "")


def _explorers(article: Tag, widgets: str) -> list[str]:
    state = json.loads(widgets)["state"] if widgets else {}
    shown = [
        state.get(str(place["data-lab-model"]), {}).get("state", {}) for place in article.select("[data-lab-model]")
    ]
    asked = "<p><strong>{}</strong></p>"
    return [asked.format(escape(one["question"], False)) + one["answer"] for one in shown if one.get("answer")]


def _quiz(article: Tag, see: str) -> list[str]:
    """Return the reasons given for each question's options, and turn the options into a list."""
    questions: dict[str, list[Tag]] = {}
    for option in article.select("details[data-question]"):
        questions.setdefault(str(option["data-question"]), []).append(option)
    found = []
    last = None
    for options in questions.values():
        words, reasons = _list("printed-options"), _list("printed-reasons")
        options[0].insert_before(words)
        for option in options:
            summary = option.select("summary")[0].extract()
            words.append(_item(summary))
            reasons.append(_item(option.extract()))
        found.append(str(reasons))
        last = words
    if last is not None:
        last.insert_after(BeautifulSoup(f'<p>The answers stand <a href="#{see}">at the end</a>.</p>', "html.parser"))
    return found


def _list(name: str) -> Tag:
    return MADE.new_tag("ol", attrs={"type": "a", "class": name})


def _item(holder: Tag) -> Tag:
    item = MADE.new_tag("li")
    item.extend(list(holder.contents))
    return item
