"""What is written about a result: gradebook, graded notebook, feedback, class report."""
