"""Decide whether two executions of a notebook agree, and by how much they may differ."""
