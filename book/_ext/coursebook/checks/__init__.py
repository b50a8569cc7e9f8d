"""Checks that fail a build if some readers could not use a figure."""
