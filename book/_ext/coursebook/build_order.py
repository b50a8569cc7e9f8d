"""The handlers of each build event, in the order they run: no other module sets this order.

Sphinx calls the handlers of an event by priority, and those of equal priority in the order they were connected.
Ours run after those of every other extension (`LATE`). Only `EARLY` ones run before the theme reads the context.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from coursebook.assets import trim
from coursebook.checks import figure_checks
from coursebook.markup import access, formulas, mends
from coursebook.measures import point_pages
from coursebook.pages import (
    catalog,
    chapter_page,
    class_chapters,
    explorer_list,
    launch,
    layer_index,
    licenses,
    moved,
    parts,
    practice,
    solution_pages,
)
from coursebook.progress import deck, marks, scripts, works
from coursebook.search import search_files as search

EARLY, LATE = 100, 950  # sphinx-external-toc, the latest of the others, reads the table of contents at 900

BEFORE_THE_THEME: dict[str, tuple[Callable[..., Any], ...]] = {
    "html-page-context": (solution_pages.keep_source,),
}
AFTER_ALL_OTHERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "config-inited": (
        catalog.use_public_address,
        formulas.use_typesetter,
        mends.use_mended_templates,
        chapter_page.number_no_figures,
        class_chapters.leave_out,
        solution_pages.add_pages,
        point_pages.add_pages,
    ),
    "builder-inited": (figure_checks.check_palette, search.leave_out_sphinx_search, works.put_store),
    "doctree-read": (moved.keep_addresses, search.collect),
    "env-purge-doc": (search.forget,),
    "env-merge-info": (search.merge,),
    # A page's content, as a tree: remove what others added, check what the author wrote, then add ours.
    "doctree-resolved": (
        mends.drop_thebe,
        figure_checks.check_alternative_texts,
        figure_checks.check_page,
        access.mark_options,
        marks.mark_questions,
        marks.mark_exercises,
        access.split_facts,
        point_pages.link_exercises,
        solution_pages.link_exercises,
        layer_index.fill,
        explorer_list.add_list,
        parts.say_where,
        launch.add_buttons,
        chapter_page.say_what_ran,
    ),
    "html-collect-pages": (search.page,),
    # The files a page loads: the last handler keeps only those that the page's body needs.
    "html-page-context": (
        parts.load_style,
        layer_index.load_script,
        practice.load_style,
        search.load_scripts,
        launch.load_files,
        solution_pages.lighten,
        catalog.describe,
        scripts.add,
        trim.drop_unused,
    ),
    # After all pages are written: make files from them, then trim files to what the pages use.
    "build-finished": (
        search.write,
        chapter_page.put_student_notebooks,
        moved.lead_on,
        works.write,
        deck.write,
        moved.mend_root,
        catalog.write_lists,
        formulas.write_styles,
        trim.trim,
        licenses.check_owners,
    ),
}


def connect(app: Sphinx) -> None:
    """Connect all handlers to a build."""
    for priority, events in ((EARLY, BEFORE_THE_THEME), (LATE, AFTER_ALL_OTHERS)):
        for event, handlers in events.items():
            for handler in handlers:
                app.connect(event, handler, priority=priority)
