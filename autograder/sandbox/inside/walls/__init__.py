"""The walls around a submission: what is seen behind them, how to get there, and the system calls that takes.

Standard library only: all of it is imported before the fork server has a root folder of its own.
"""
