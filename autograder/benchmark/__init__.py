"""Grader benchmarks: classes compared with stock nbgrader, and the commands users wait for."""
