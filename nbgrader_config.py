"""The repository root is an nbgrader course root: formgrader, exporters and LMS plugins work from here."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # nbgrader's commands do not put the current folder on the path

from authoring.notebooks.release import PREPROCESSORS, TriedFirst  # noqa: E402
from autograder import preprocessor  # noqa: E402

c = get_config()  # noqa: F821

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "layer-by-layer"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"

c.GenerateAssignment.preprocessors = PREPROCESSORS
c.GenerateAssignment.exporter_class = TriedFirst

# The same scores from nbgrader's own commands and buttons, with less isolation than `python -m autograder grade`.
c.Autograde.sanitize_preprocessors = preprocessor.SANITIZE_PREPROCESSORS
c.Autograde.autograde_preprocessors = preprocessor.AUTOGRADE_PREPROCESSORS
c.GenerateFeedback.preprocessors = preprocessor.FEEDBACK_PREPROCESSORS
c.GenerateFeedback.exporter_class = preprocessor.FeedbackPage
