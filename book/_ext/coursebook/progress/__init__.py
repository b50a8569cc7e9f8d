"""A reader's progress: marks that scripts recognize, the map of all there is to do, and the Anki deck."""
