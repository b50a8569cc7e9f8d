"""Benchmark the grader: grade classes, in comparison with stock nbgrader, and time the commands users wait for."""
