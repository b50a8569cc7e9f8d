"""Likely causes of a difference, each with its evidence."""
