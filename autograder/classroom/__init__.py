"""Grade a whole class on one machine or many: find submissions, grade them, and record the results."""
