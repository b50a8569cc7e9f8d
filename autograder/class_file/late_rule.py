"""Implement the class file's rule for late submissions as a plugin, so that nbgrader's own commands also apply it."""

from __future__ import annotations

import math
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Integer
from traitlets.config import Config

from autograder.class_file import class_reader

DAY = 24 * 60 * 60  # seconds


class PercentPerDay(LateSubmissionPlugin):
    """For each day or part of a day, a late submission loses a percentage of the points that it earned."""

    percent = Integer(0, help="The percentage of points that a day costs.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points to subtract, at most ``score``."""
        return score * min(1.0, self.percent / 100 * math.ceil(total_seconds_late / DAY))


def configure(config: Config, root: Path) -> None:
    """Add the class file's rule, if it has one, to nbgrader's configuration, or raise ClassFileError."""
    late = class_reader.of_course(root).late
    if isinstance(late, int):
        config.AssignLatePenalties.plugin_class = PercentPerDay
        config.PercentPerDay.percent = late
    elif late is not None:
        config.AssignLatePenalties.plugin_class = LateSubmissionPlugin
        config.LateSubmissionPlugin.penalty_method = late
