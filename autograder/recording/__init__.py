"""Record results: gradebook, graded notebook, feedback, class report."""
