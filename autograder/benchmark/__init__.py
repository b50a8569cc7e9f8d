"""Benchmark the grader: compare it with stock nbgrader on whole classes, and measure one large class."""
