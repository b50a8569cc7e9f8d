"""Decide which torch calls an exercise forbids, and notice them while an answer runs."""
