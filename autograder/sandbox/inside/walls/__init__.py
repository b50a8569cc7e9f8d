"""The walls around a submission: what is visible behind them, how to enter, and the system calls this needs.

Standard library only, because all of it is imported before the fork server has its own root folder.
"""
