"""Time a fixed amount of work, to compare times from different machines."""
