"""Benchmark the grader: compare it with stock nbgrader on whole classes, and time the commands that users wait for."""
