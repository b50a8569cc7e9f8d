"""List everything that the extension adds to Sphinx, and its handlers for each build event, in the order they run.

Our handlers run after those of every other extension (`LATE`), except a few that must run before them (`EARLY`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from coursebook import page_files, stale_pages
from coursebook.assets import trim
from coursebook.checks import figure_checks, owners
from coursebook.markup import access, formulas, mends
from coursebook.measures import exercises, point_table, routes
from coursebook.pages import (
    catalog,
    class_chapters,
    explorer_list,
    launch,
    layer_index,
    moved,
    parts,
    practice,
    solution_pages,
)
from coursebook.progress import marks, works
from coursebook.search import search_files as search

DIRECTIVES: dict[str, type[SphinxDirective]] = {
    "course-begin": parts.Begin,
    "course-chapters": parts.Chapters,
    "course-doors": parts.Doors,
    "course-exercises": exercises.CourseExercises,
    "course-parts": parts.Parts,
    "course-repository": practice.Repository,
    "course-route": routes.OneRoute,
    "course-routes": routes.AllRoutes,
    "course-sh": practice.Commands,
    "course-take": practice.Take,
    "course-ways": routes.CourseWays,
    "course-whole": practice.Whole,
    "layer-index": layer_index.LayerIndex,
}
# Nodes of other packages for which we write different HTML; with None, they end as before.
WRITTEN: dict[type[nodes.Element], tuple[Callable[..., None], Callable[..., None] | None]] = {
    nodes.entry: (mends.visit_entry, None),
    HideCodeCellNode: (mends.visit_fold, depart_HideCellInput),
    nodes.section: (marks.visit_section, None),
}


def configure(app: Sphinx, config: Config) -> None:
    """Use our formulas and templates; leave figures unnumbered, because Sphinx must read all pages to number them."""
    config.html_math_renderer, config.numfig = "typeset", False
    config.template_bridge = f"{mends.__name__}.{mends.MendedTemplates.__name__}"
    # Sphinx warns about extensions that do not say whether it may read pages in several processes. Of these two, the
    # first adds nothing to HTML, and `_config.yml` turns off the second.
    for name in ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering"):
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True


EARLY, LATE = 100, 950  # sphinx-external-toc, the latest of the others, reads the table of contents at 900

# Before Sphinx collects titles, and before the theme reads the context.
BEFORE_ALL_OTHERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "html-page-context": (solution_pages.keep_source,),
}
AFTER_ALL_OTHERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "config-inited": (
        catalog.use_public_address,
        configure,
        class_chapters.leave_out,
        solution_pages.add_pages,
    ),
    "builder-inited": (search.leave_out_sphinx_search, works.put_store),
    "env-get-outdated": (stale_pages.read_again,),
    "doctree-read": (moved.keep_addresses, search.collect, point_table.add_table),
    "env-updated": (stale_pages.write_again,),
    "env-purge-doc": (search.forget,),
    "env-merge-info": (search.merge,),
    # A page's content, as a tree: remove what others added, check what the author wrote, then add ours.
    "doctree-resolved": (
        mends.drop_thebe,
        figure_checks.check_alternative_texts,
        access.mark_options,
        marks.mark_questions,
        marks.mark_exercises,
        access.split_facts,
        point_table.fold_checks,
        solution_pages.link_exercises,
        layer_index.fill,
        explorer_list.add_list,
        parts.say_where,
        launch.add_buttons,
        launch.say_what_ran,
    ),
    "html-collect-pages": (search.page,),
    # The files a page loads: the last handler keeps only those that the page's body needs.
    "html-page-context": (
        launch.explain_disk,
        solution_pages.lighten,
        catalog.describe,
        page_files.add_needed,
        trim.drop_unused,
    ),
}
# After all pages are written: make files from them, then trim files to what the pages use.
AFTER_THE_PAGES: tuple[Callable[[Sphinx], None], ...] = (
    search.write,
    launch.put_student_notebooks,
    moved.lead_on,
    works.write,
    catalog.write_lists,
    formulas.write_styles,
    trim.trim,
    owners.check_owners,
)


def add_all(app: Sphinx) -> None:
    """Add directives, nodes, settings, and files to a build, and connect all handlers."""
    app.setup_extension("myst_nb")  # it defines HideCodeCellNode
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    for node, visitors in WRITTEN.items():
        app.add_node(node, override=True, html=visitors)
    app.add_node(layer_index.layer_index)
    app.add_post_transform(class_chapters.PlainReferences)
    app.add_config_value("explained_solutions", True, "env", [bool])
    app.add_config_value("jupyterhub_url", "", "html", [str])
    app.add_config_value(class_chapters.PAGES, (), "env")
    inline, block = (formulas.visit_inline, None), (formulas.visit_block, None)
    app.add_html_math_renderer("typeset", inline_renderers=inline, block_renderers=block)
    page_files.add_to_every_page(app)
    for priority, events in ((EARLY, BEFORE_ALL_OTHERS), (LATE, AFTER_ALL_OTHERS)):
        for event, handlers in events.items():
            for handler in handlers:
                app.connect(event, handler, priority=priority)
    for write in AFTER_THE_PAGES:
        app.connect("build-finished", _if_written(write), priority=LATE)


def _if_written(write: Callable[[Sphinx], None]) -> Callable[[Sphinx, Exception | None], None]:
    """Return an end-of-build handler, which does nothing unless the build wrote HTML pages."""

    @wraps(write)
    def finish(app: Sphinx, exception: Exception | None) -> None:
        if exception is None and app.builder.format == "html":
            write(app)

    return finish
