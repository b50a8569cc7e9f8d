"""Report what grading a class again changed."""
