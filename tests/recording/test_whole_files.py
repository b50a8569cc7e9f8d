"""Test that a file is replaced as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.recording.whole_files import replace_text


@pytest.mark.parametrize("failing", ["open", "replace"])
def test_failed_write_keeps_only_the_earlier_file(tmp_path: Path, failing: str) -> None:
    def fail(*given: object) -> None:
        raise OSError("the disk is full")

    path = replace_text(tmp_path / "grades.csv", "earlier")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, failing, fail)
        with pytest.raises(OSError, match="the disk is full"):
            replace_text(path, "later")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "earlier"
