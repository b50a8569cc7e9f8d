"""Fail a build if some readers could not use a figure, or if a package in the site is not named."""
