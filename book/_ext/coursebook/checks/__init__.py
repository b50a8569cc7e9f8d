"""Fail a build if some readers could not use a figure."""
