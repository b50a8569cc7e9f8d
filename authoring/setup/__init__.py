"""Run `make`'s commands, before and after anything is installed.

So these modules use only the standard library, and syntax no newer than Python 3.7: the wrong Python is told so.
"""
