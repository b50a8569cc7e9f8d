"""Run occasional jobs, such as drawing the cover, writing module tables, and benchmarks."""
