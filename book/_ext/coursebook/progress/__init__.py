"""Track a reader's progress: marks that scripts recognize, the map of everything to do, and the Anki deck."""
