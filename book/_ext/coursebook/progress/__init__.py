"""What a reader did: marks by which scripts know a page again, the map of all there is to do, and the Anki deck."""
