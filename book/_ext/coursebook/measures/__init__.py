"""Compute the book's counts, such as the hours that the two ways through it take and the tests behind a point."""
