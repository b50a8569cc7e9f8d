"""Build the walls around a submission: choose what is visible behind them, enter them, and make the system calls.

Standard library only, because this whole package is imported before the fork server has its own root folder.
"""
