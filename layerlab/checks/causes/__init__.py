"""Detect likely causes of a difference, each with its evidence."""
