"""The class file's rule for late submissions, as a plugin that nbgrader's own commands also use."""

from __future__ import annotations

import math
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Integer
from traitlets.config import Config

from autograder.class_file import class_reader

DAY = 24 * 60 * 60  # seconds


class PercentPerDay(LateSubmissionPlugin):
    """A late submission loses a share of the points it earned for each day that has begun."""

    percent = Integer(0, help="The percentage of points that a day costs.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points to subtract, at most all."""
        return score * min(1.0, self.percent / 100 * math.ceil(total_seconds_late / DAY))


def configure(config: Config, root: Path) -> None:
    """Add the rule of the class file of the course at ``root`` to nbgrader's configuration; without one, do nothing.

    Raises:
        ClassFileError: the file has mistakes.
    """
    late = class_reader.of_course(root).late
    if isinstance(late, int):
        config.AssignLatePenalties.plugin_class = PercentPerDay
        config.PercentPerDay.percent = late
    elif late is not None:
        config.AssignLatePenalties.plugin_class = LateSubmissionPlugin
        config.LateSubmissionPlugin.penalty_method = late
