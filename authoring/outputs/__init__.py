"""Decide whether the outputs of two executions of a notebook agree, and define how much they may differ."""
