"""Build the small book that several tests examine."""

import pytest

from tests import small_book


@pytest.fixture(scope="session")
def public_site(tmp_path_factory):
    """Return the site of a small book with all addresses; tests must not change it."""
    return small_book.built(
        tmp_path_factory.mktemp("public"),
        book="https://someone.github.io/layers/",
        url="https://github.com/someone/layers.git",
        hub="https://hub.school.edu",
    )
