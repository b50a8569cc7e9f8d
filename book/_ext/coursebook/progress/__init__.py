"""Track a reader's progress: marks that scripts recognize, and the map of everything to do."""
