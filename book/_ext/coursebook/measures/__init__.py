"""The book's counts: how long the two ways through it take, and what a point is based on."""
