"""Implement `lab.compare`, the visible check that explains differences."""
