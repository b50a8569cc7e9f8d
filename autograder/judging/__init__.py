"""Judging: do the observations of a submission hold against the reference's?"""
