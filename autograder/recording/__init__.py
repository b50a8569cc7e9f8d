"""Record results in the gradebook, the graded notebook, the feedback, and the class report."""
