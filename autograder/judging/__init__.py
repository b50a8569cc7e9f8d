"""Does what was observed hold against the reference?"""
