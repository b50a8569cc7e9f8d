"""`lab.compare`: the visible check that teaches."""
