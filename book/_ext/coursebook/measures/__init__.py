"""Compute the book's counts, such as the hours for each way through the book and the answers tried on an exercise."""
