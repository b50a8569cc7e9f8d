"""Checks that fail a build if a figure would leave a reader out."""
