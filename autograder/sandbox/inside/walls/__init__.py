"""Build the walls around a submission: choose what is visible behind them, enter them, and make the system calls.

This package uses only the standard library, because the whole package is imported before the fork server has its own
root folder.
"""
