"""Occasional jobs: the cover, module tables, and benchmarks."""
